/** @file C and C++: text from outside in commands, templates, queries and names of files. */
import { isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, says, varies } from "../conditions.ts";
import { brokenLine, calls, reaches } from "../matches.ts";

const shells = "system popen _popen _wsystem wsystem ShellExecute ShellExecuteA WinExec";

/** Text that was put together, here or in a buffer. */
function isJoined(value: Value | undefined): boolean {
  return value !== undefined && (isBuilt(value) || comesFrom(value, /^!joined$/));
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
    literals: ["system", "popen", "WinExec", "ShellExecute", "exec"],
    match: [
      reaches("shell", 1, shells),
      reaches("shell", 1, "execl execlp execle", [3], ({ args: [, , flag] }) => says(flag, /^-c$/)),
      brokenLine(/(^|[^\w.>])(system|popen)\s?\(\s?(argv\[|cmd\b|command\b|\(?"[^"]{0,100}"\s?\+)/),
    ],
    bad: [
      '#include <stdlib.h>\n#include <stdio.h>\nvoid ping(const char *host) {\n  char command[256];\n  snprintf(command, sizeof(command), "ping -c 1 %s", host);\n  system(command);\n}\n',
      '#include <cstdlib>\n#include <string>\nint main(int argc, char **argv) {\n  std::string command = "ls " + std::string(argv[1]);\n  return std::system(command.c_str());\n}\n',
      '#include <stdio.h>\nvoid f(void) {\n  char name[64];\n  char line[128];\n  if (fgets(name, sizeof name, stdin) == NULL) return;\n  snprintf(line, sizeof line, "id %s", name);\n  FILE *p = popen(line, "r");\n}\n',
      '#include <unistd.h>\nvoid f(char *text) {\n  execl("/bin/sh", "sh", "-c", text, NULL);\n}\n',
    ],
    good: [
      '#include <unistd.h>\nvoid ping(char *host) {\n  char *const words[] = {"ping", "-c", "1", "--", host, NULL};\n  execv("/bin/ping", words);\n}\n',
      '#include <stdlib.h>\nvoid clear(void) {\n  system("clear");\n}\n',
      '#include <stdlib.h>\n#include <stdio.h>\nvoid wait(int seconds) {\n  char command[64];\n  snprintf(command, sizeof command, "sleep %d", seconds);\n  system(command);\n}\n',
    ],
  },
  {
    id: "cpp/program-by-path",
    cwe: 426,
    title: "A program looked up in PATH",
    severity: "low",
    why: "Whoever sets PATH chooses which program runs.",
    fix: 'execv("/usr/bin/program", words)',
    literals: ["execlp", "execvp"],
    match: [calls("execlp execvp execvpe", ({ args: [name] }) => says(name, /^[^/]{1,80}$/))],
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
      reaches("format", 2, "printf wprintf warnx warn"),
      reaches("format", 2, "fprintf sprintf syslog dprintf err errx", [1]),
      reaches("format", 2, "snprintf", [2]),
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
        "fopen open openat freopen unlink remove opendir creat rmdir ifstream ofstream fstream .open",
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
      '#include <stdlib.h>\nvoid clean(void) {\n  system("rm -r /tmp/a");\n}\n',
      '#include <cstdlib>\n#include <string>\nvoid clean() {\n  const std::string folder = "a";\n  system(("rm -r " + folder).c_str());\n}\n',
    ],
  },
];
