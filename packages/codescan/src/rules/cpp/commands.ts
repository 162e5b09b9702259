/** @file C and C++: text from outside in commands, templates, queries and names of files. */
import { isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, says, varies } from "../conditions.ts";
import { brokenLine, calls, reaches } from "../matches.ts";

const shells = "system popen _popen _wpopen _wsystem wsystem _system WinExec";
/** Functions that start a program, by where the list of its words begins. */
const programs = {
  /** The program, then its words one by one. */
  words: "execl execlp execle execlpe _execl _execlp _execle _execlpe _wexecl _wexeclp _wexecle",
  /** The program, then an array. */
  array: "execv execvp execve execvpe execvP _execv _execvp _execve _execvpe _wexecv _wexecvp _wexecve",
  /** How, the program, then its words one by one. */
  spawnedWords: "spawnl spawnlp spawnle _spawnl _spawnlp _spawnle _spawnlpe _wspawnl _wspawnlp _wspawnle",
  /** How, the program, then an array. */
  spawnedArray: "spawnv spawnvp spawnve _spawnv _spawnvp _spawnve _spawnvpe _wspawnv _wspawnvp _wspawnve",
};
const shellName = /(^|[/\\])((ba|da|k|z|c|tc|a)?sh|(cmd|command|powershell|pwsh)(\.exe|\.com)?)$/i;

const libraries = "LoadLibrary LoadLibraryA LoadLibraryW LoadLibraryEx LoadLibraryExA LoadLibraryExW";
const ldapSearches =
  "ldap_search ldap_searchA ldap_searchW ldap_search_s ldap_search_sA ldap_search_sW ldap_search_st ldap_search_stA " +
  "ldap_search_stW ldap_search_ext ldap_search_extA ldap_search_extW ldap_search_ext_s ldap_search_ext_sA " +
  "ldap_search_ext_sW";

/** The word that tells a shell to read the next one as a command. */
function isFlag(value: Value | undefined): boolean {
  return says(value, /^(-l?i?c|\/[ck]|-command)$/i);
}

/** Who starts a program may name any file on its command line. */
function isCommandLine(value: Value | undefined): boolean {
  return comesFrom(value, /^(argv|av|envp|optarg)$/) || /^(request|argv|optarg)\b/.test(value?.path ?? "");
}

/** Text that was put together, here or in a buffer. */
function isJoined(value: Value | undefined): boolean {
  return value !== undefined && (isBuilt(value) || comesFrom(value, /^!joined$/));
}

const opens =
  "fopen fopen64 _wfopen freopen open open64 _open _wopen creat unlink _unlink remove rmdir opendir mkdir chmod " +
  "ifstream ofstream fstream wifstream wofstream CreateFile CreateFileA CreateFileW DeleteFile DeleteFileA DeleteFileW";

/** A name that nobody compared with anything and that did not come from the command line. */
function isOpenName(name: Value | undefined): boolean {
  return name !== undefined && name.resolved !== true && !isJoined(name) && !isCommandLine(name);
}

/** Rules on text from outside. */
export const cppCommandRules: readonly Rule[] = [
  {
    id: "cpp/shell-text",
    cwe: 78,
    title: "Text from outside in a shell command",
    severity: "high",
    why: "The shell reads `;`, `|` and `$()` in the text as further commands.",
    fix: "execve or posix_spawn with a list of words, without a shell",
    literals: ["system", "popen", "WinExec", "ShellExecute", "exec", "spawn", "SYSTEM", "POPEN"],
    match: [
      reaches("shell", 1, shells),
      reaches("shell", 1, "ShellExecute ShellExecuteA ShellExecuteW", [2, 3]),
      reaches("shell", 1, programs.words, [3, 4], ({ args }) => args.slice(2, 4).some(isFlag)),
      reaches("shell", 1, programs.spawnedWords, [4, 5], ({ args }) => args.slice(3, 5).some(isFlag)),
      reaches("shell", 1, programs.array, [1], ({ args: [name] }) => says(name, shellName)),
      reaches("shell", 1, programs.spawnedArray, [2], ({ args: [, name] }) => says(name, shellName)),
      reaches("shell", 1, "posix_spawn posix_spawnp", [4], ({ args: [, name] }) => says(name, shellName)),
      brokenLine(/(^|[^\w.>])(system|popen)\s?\(\s?(argv\[|cmd\b|command\b|\(?"[^"]{0,100}"\s?\+)/),
    ],
    bad: [
      '#include <stdlib.h>\n#include <stdio.h>\nvoid ping(const char *host) {\n  char command[256];\n  snprintf(command, sizeof(command), "ping -c 1 %s", host);\n  system(command);\n}\n',
      '#include <cstdlib>\n#include <string>\nint main(int argc, char **argv) {\n  std::string command = "ls " + std::string(argv[1]);\n  return std::system(command.c_str());\n}\n',
      '#include <stdio.h>\nvoid f(void) {\n  char name[64];\n  char line[128];\n  if (fgets(name, sizeof name, stdin) == NULL) return;\n  snprintf(line, sizeof line, "id %s", name);\n  FILE *p = popen(line, "r");\n}\n',
      '#include <unistd.h>\nvoid f(char *text) {\n  execl("/bin/sh", "sh", "-c", text, NULL);\n}\n',
      '#include <unistd.h>\nvoid f(char *text) {\n  char *words[] = {"sh", "-c", text, NULL};\n  execv("/bin/sh", words);\n}\n',
      "#include <stdlib.h>\n#define RUN system\nvoid f(const char *text) {\n  RUN(text);\n}\n",
    ],
    good: [
      '#include <unistd.h>\nvoid ping(char *host) {\n  char *const words[] = {"ping", "-c", "1", "--", host, NULL};\n  execv("/bin/ping", words);\n}\n',
      '#include <stdlib.h>\nvoid clear(void) {\n  system("/usr/bin/clear");\n}\n',
      '#include <stdlib.h>\n#include <stdio.h>\nvoid wait(int seconds) {\n  char command[64];\n  snprintf(command, sizeof command, "sleep %d", seconds);\n  system(command);\n}\n',
    ],
  },
  {
    id: "cpp/program-from-outside",
    cwe: 114,
    title: "Somebody outside says which program or library runs",
    severity: "medium",
    why: "Whoever can put a file on the machine, or name another one, runs code with the rights of this program.",
    fix: "Name the program by its whole path in the code, or choose it from a list",
    literals: ["exec", "spawn", "dlopen", "LoadLibrary", "CreateProcess", "EXEC", "SPAWN"],
    match: [
      reaches("shell", 2, `${programs.words} ${programs.array}`, [0], (seen) => !isCommandLine(seen.args[0])),
      reaches("shell", 2, `${programs.spawnedWords} ${programs.spawnedArray} posix_spawn posix_spawnp`, [1]),
      reaches("shell", 2, "CreateProcess CreateProcessA CreateProcessW", [0, 1]),
      reaches("shell", 2, "CreateProcessAsUser CreateProcessAsUserA CreateProcessAsUserW", [1, 2]),
      reaches("path", 2, `dlopen ${libraries}`, [0], (seen) => !isCommandLine(seen.args[0])),
    ],
    bad: [
      '#include <dlfcn.h>\n#include <stdlib.h>\nvoid *f(void) {\n  return dlopen(getenv("APP_PLUGIN"), RTLD_NOW);\n}\n',
      '#include <stdio.h>\n#include <unistd.h>\nvoid f(char **words) {\n  char name[64];\n  if (scanf("%63s", name) != 1) return;\n  execv(name, words);\n}\n',
    ],
    good: [
      '#include <dlfcn.h>\nvoid *f(void) {\n  return dlopen("/usr/lib/app/plugin.so", RTLD_NOW);\n}\n',
      "#include <unistd.h>\nint main(int argc, char **argv) {\n  execvp(argv[1], argv + 1);\n  return 127;\n}\n",
    ],
  },
  {
    id: "cpp/library-by-name",
    cwe: 427,
    title: "A library that is looked for in several folders",
    severity: "low",
    why: "Windows looks in folders that others may write, and runs what it finds there.",
    fix: "LoadLibraryEx(name, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32), or the whole path",
    literals: ["LoadLibrary"],
    match: [
      calls("LoadLibrary LoadLibraryA LoadLibraryW", ({ args: [name] }) => says(name, /^[^/\\:]{1,80}$/)),
    ],
    bad: ['#include <windows.h>\nvoid f(void) {\n  HMODULE m = LoadLibraryA("plugin.dll");\n}\n'],
    good: [
      '#include <windows.h>\nvoid f(void) {\n  HMODULE m = LoadLibraryExA("plugin.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);\n}\n',
    ],
  },
  {
    id: "cpp/ldap-filter-built",
    cwe: 90,
    title: "An LDAP filter or name put together from text from outside",
    severity: "high",
    why: "`*` and parentheses in the text make another question of it.",
    fix: "Escape the text as RFC 4515 says: `\\2a` for `*`, `\\28` and `\\29` for parentheses",
    literals: ["ldap_"],
    match: [
      reaches("ldap", 1, ldapSearches, [1, 3], ({ args }) => [args[1], args[3]].some(isJoined)),
      reaches("ldap", 2, ldapSearches, [1, 3]),
    ],
    bad: [
      '#include <ldap.h>\n#include <stdio.h>\nvoid f(LDAP *l, const char *name, LDAPMessage **to) {\n  char filter[256];\n  snprintf(filter, sizeof filter, "(cn=%s)", name);\n  ldap_search_s(l, "dc=a", LDAP_SCOPE_SUBTREE, filter, NULL, 0, to);\n}\n',
    ],
    good: [
      '#include <ldap.h>\nvoid f(LDAP *l, LDAPMessage **to) {\n  ldap_search_s(l, "dc=a", LDAP_SCOPE_SUBTREE, "(cn=admin)", NULL, 0, to);\n}\n',
    ],
  },
  {
    id: "cpp/program-by-path",
    cwe: 426,
    title: "A program looked up in PATH",
    severity: "low",
    why: "Whoever sets PATH chooses which program runs.",
    fix: 'execv("/usr/bin/program", words)',
    literals: ["execlp", "execvp", "system", "popen", "SYSTEM", "POPEN"],
    match: [
      calls("execlp execvp execvpe", ({ args: [name] }) => says(name, /^[^/]{1,80}$/)),
      calls("system popen", ({ args: [text] }) => says(text, /^[a-z][\w.-]{1,40}(\s[^;|&]{0,200})?$/)),
    ],
    bad: [
      '#include <unistd.h>\nvoid f(void) {\n  execlp("ls", "ls", NULL);\n}\n',
      '#include <unistd.h>\nvoid f(char **words) {\n  execvp("tar", words);\n}\n',
    ],
    good: [
      '#include <unistd.h>\nvoid f(void) {\n  execl("/bin/ls", "ls", NULL);\n}\n',
      '#include <unistd.h>\nvoid f(char **words) {\n  execv("/bin/tar", words);\n}\n',
    ],
  },
  {
    id: "cpp/format-from-outside",
    cwe: 134,
    title: "A template that somebody else writes",
    severity: "high",
    why: "`%n` in the text writes into memory, `%x` shows it.",
    fix: 'printf("%s", text)',
    literals: ["printf", "syslog", "warn", "err"],
    match: [
      reaches("format", 1, "printf wprintf", [0], ({ args }) => args.length === 1),
      reaches("format", 1, "fprintf sprintf syslog dprintf fwprintf", [1], ({ args }) => args.length === 2),
      reaches("format", 1, "snprintf", [2], ({ args }) => args.length === 3),
      reaches(
        "format",
        2,
        "printf wprintf vprintf vwprintf printf_s warnx warn vwarn vwarnx g_print g_printerr g_message",
      ),
      reaches(
        "format",
        2,
        "fprintf sprintf syslog dprintf err errx fwprintf vfprintf vfwprintf vsprintf vsyslog",
        [1],
      ),
      reaches(
        "format",
        2,
        "vdprintf asprintf vasprintf fprintf_s wsprintf wsprintfA wsprintfW verr verrx",
        [1],
      ),
      reaches(
        "format",
        2,
        "snprintf _snprintf vsnprintf _vsnprintf swprintf vswprintf _snwprintf _vsnwprintf",
        [2],
      ),
      brokenLine(
        /(^|[^\w.>])printf\s?\(\s?(argv\[\w{1,9}\]|buf|buffer|input|user\w{0,20}|str|msg|message)\s?\)/,
      ),
    ],
    bad: [
      "#include <stdio.h>\nint main(int argc, char **argv) {\n  printf(argv[1]);\n  return 0;\n}\n",
      "#include <stdio.h>\nvoid say(const char *text) {\n  fprintf(stderr, text);\n}\n",
      "#include <syslog.h>\n#include <stdio.h>\nvoid f(void) {\n  char line[100];\n  fgets(line, sizeof line, stdin);\n  syslog(LOG_INFO, line);\n}\n",
    ],
    good: [
      '#include <stdio.h>\nint main(int argc, char **argv) {\n  printf("%s\\n", argv[1]);\n  return 0;\n}\n',
      '#include <stdio.h>\nvoid say(const char *text) {\n  fprintf(stderr, "%s", text);\n}\n',
      '#include <stdio.h>\n#define GREETING "Hello\\n"\nvoid say(void) {\n  printf(GREETING);\n}\n',
    ],
  },
  {
    id: "cpp/sql-built",
    cwe: 89,
    title: "SQL put together from text from outside",
    severity: "high",
    why: "A quote in the text ends the value, and the rest is read as SQL.",
    fix: "Prepare the statement and bind the values: sqlite3_bind_text, mysql_stmt_bind_param, PQexecParams",
    literals: ["sqlite3_exec", "sqlite3_prepare", "mysql_", "PQexec", "SQLExecDirect", "execute", "exec("],
    match: [
      reaches(
        "sql",
        1,
        "sqlite3_exec sqlite3_prepare sqlite3_prepare_v2 mysql_query mysql_real_query PQexec",
        [1],
        ({ args: [, text] }) => isJoined(text),
      ),
      reaches("sql", 1, "SQLExecDirect SQLExecDirectA SQLPrepare", [1], ({ args: [, text] }) =>
        isJoined(text),
      ),
      reaches(
        "sql",
        1,
        ".execute .executeQuery .executeUpdate .exec .prepareStatement .exec1",
        [0],
        ({ args: [text] }) => isJoined(text),
      ),
    ],
    bad: [
      "#include <sqlite3.h>\n#include <stdio.h>\nvoid find(sqlite3 *db, const char *name) {\n  char sql[256];\n  snprintf(sql, sizeof sql, \"SELECT * FROM users WHERE name = '%s'\", name);\n  sqlite3_exec(db, sql, 0, 0, 0);\n}\n",
      '#include <string>\nvoid find(pqxx::work &w, const std::string &name) {\n  w.exec("SELECT * FROM users WHERE name = \'" + name + "\'");\n}\n',
    ],
    good: [
      '#include <sqlite3.h>\nvoid find(sqlite3 *db, const char *name) {\n  sqlite3_stmt *s;\n  sqlite3_prepare_v2(db, "SELECT * FROM users WHERE name = ?", -1, &s, 0);\n  sqlite3_bind_text(s, 1, name, -1, SQLITE_TRANSIENT);\n}\n',
      '#include <string>\nvoid find(pqxx::work &w, const std::string &name) {\n  w.exec_params("SELECT * FROM users WHERE name = $1", name);\n}\n',
    ],
  },
  {
    id: "cpp/path-from-outside",
    cwe: 22,
    title: "A file's name from outside below a folder",
    severity: "high",
    why: "`../` in the name leads out of the folder.",
    fix: "realpath, then compare the folder's name with the start of the result",
    literals: ["open", "stream", "unlink", "remove", "opendir"],
    match: [
      reaches(
        "path",
        1,
        `${opens} .open`,
        [0],
        ({ args: [name] }) => isJoined(name) && name?.resolved !== true,
      ),
    ],
    bad: [
      '#include <stdio.h>\nFILE *get(const char *name) {\n  char path[256];\n  snprintf(path, sizeof path, "/srv/files/%s", name);\n  return fopen(path, "r");\n}\n',
      '#include <fstream>\n#include <string>\nint main(int argc, char **argv) {\n  std::string path = "/srv/files/" + std::string(argv[1]);\n  std::ifstream file(path);\n}\n',
    ],
    good: [
      '#include <stdio.h>\n#include <string.h>\nFILE *get(const char *name) {\n  char path[256];\n  if (strstr(name, "..") != NULL || strchr(name, \'/\') != NULL) return NULL;\n  snprintf(path, sizeof path, "/srv/files/%s", name);\n  return fopen(path, "r");\n}\n',
      '#include <stdio.h>\nint main(int argc, char **argv) {\n  FILE *file = fopen(argv[1], "r");\n  if (file == NULL) return 1;\n  return fclose(file);\n}\n',
      '#include <fstream>\n#include <filesystem>\nvoid get(const std::string &name) {\n  std::ifstream file("/srv/files/" + std::filesystem::path(name).filename().string());\n}\n',
    ],
  },
  {
    id: "cpp/path-whole-from-outside",
    cwe: 73,
    title: "Somebody outside names the file",
    severity: "medium",
    why: "Any file that the program may open can be read or written: `/etc/passwd`, its own settings.",
    fix: "Choose the file from a list, or resolve the name and compare the folder it lies in",
    literals: ["open", "stream", "unlink", "remove", "CreateFile", "DeleteFile", "OPEN"],
    match: [
      reaches("path", 2, `${opens} .open`, [0], ({ args: [name] }) => isOpenName(name)),
      reaches("path", 2, "openat unlinkat", [1], ({ args: [, name] }) => isOpenName(name)),
    ],
    bad: [
      '#include <stdio.h>\n#include <sys/socket.h>\nFILE *f(int s) {\n  char name[100];\n  ssize_t n = recv(s, name, sizeof(name) - 1, 0);\n  if (n <= 0) return NULL;\n  name[n] = 0;\n  return fopen(name, "r");\n}\n',
      "#include <fstream>\n#include <iostream>\n#include <string>\nint main() {\n  std::string name;\n  std::cin >> name;\n  std::ifstream file(name);\n}\n",
    ],
    good: [
      '#include <stdio.h>\n#include <string.h>\nFILE *f(void) {\n  char name[100];\n  if (fgets(name, sizeof name, stdin) == NULL) return NULL;\n  if (strcmp(name, "a.txt") != 0) return NULL;\n  return fopen("a.txt", "r");\n}\n',
      '#include <stdio.h>\nint main(int argc, char **argv) {\n  FILE *file = fopen(argv[1], "r");\n  if (file == NULL) return 1;\n  return fclose(file);\n}\n',
    ],
  },
  {
    id: "cpp/shell-variable",
    cwe: 78,
    title: "A shell command that is not constant",
    severity: "medium",
    why: "Whoever can change the text can run commands.",
    fix: "execve or posix_spawn with a list of words, without a shell",
    literals: ["system", "popen"],
    match: [calls(shells, ({ args: [text] }) => varies(text) && text?.level === 0 && isJoined(text))],
    bad: [
      '#include <stdlib.h>\n#include <stdio.h>\nextern const char *folder(void);\nvoid clean(void) {\n  char line[99];\n  snprintf(line, sizeof line, "rm -r %s", folder());\n  system(line);\n}\n',
      '#include <cstdlib>\n#include <string>\nstd::string folder();\nvoid clean() {\n  system(("rm -r " + folder()).c_str());\n}\n',
    ],
    good: [
      '#include <stdlib.h>\nvoid clean(void) {\n  system("/bin/rm -r /tmp/a");\n}\n',
      '#include <cstdlib>\n#include <string>\nvoid clean() {\n  const std::string folder = "a";\n  system(("/bin/rm -r " + folder).c_str());\n}\n',
    ],
  },
];
