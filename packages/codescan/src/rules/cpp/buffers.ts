/** @file C and C++: text and lengths that do not fit where they are put. */
import type { CallSeen } from "../../engine/seen.ts";
import { carries, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { says, varies } from "../conditions.ts";
import { brokenLine, calls, reaches } from "../matches.ts";

/** An array whose length is written down. */
export function isArray(value: Value | undefined): boolean {
  return value?.path === "!array()";
}

/** Its length where it is a number. */
function lengthOf(value: Value | undefined): number | undefined {
  const [length] = value?.made?.kind === "call" ? value.made.args : [];
  return length?.value.kind === "constant" && typeof length.value.value === "number"
    ? length.value.value
    : undefined;
}

const bytes = /^((un)?signed )?(char|u?int8_t|byte)$/;

/** A constant length beyond that of an array of bytes. */
function isMore(length: Value | undefined, target: Value | undefined): boolean {
  const [, type] = target?.made?.kind === "call" ? target.made.args : [];
  const isBytes = type?.value.kind === "text" && bytes.test(type.value.pieces.join(""));
  const most = lengthOf(target);
  return isArray(target) && isBytes && most !== undefined && Number(length?.constant ?? 0) > most;
}

const intoArray = ({ args: [target] }: CallSeen): boolean => isArray(target);
const copies = "strcpy strcat stpcpy wcscpy wcscat lstrcpy lstrcat _mbscpy";

/** `%s` without a width. */
const openPlace = /(^|[^%])(%%){0,9}%(\[\^?\]?[^\]]{1,60}\]|l?[sS])/;

/** Whether the template of a `printf` puts text of any length at a place, counted from 0; yes where nobody knows it. */
function isOpenAt(template: Value | undefined, at: number): boolean {
  if (typeof template?.constant !== "string") return true;
  const found = [
    ...template.constant.matchAll(/%[-+ 0#']{0,5}(\*|\d{0,5})(\.?)[\d*]{0,5}[hlLqjztw]{0,2}([a-zA-Z%])/g),
  ];
  const taken = found.flatMap(([whole, , dot = "", verb = ""]) => [
    ...(whole.match(/\*/g) ?? []).map(() => ""),
    ...(verb === "%" ? [] : [dot === "" ? verb : ""]),
  ]);
  return /^[sS]$/.test(taken[at] ?? "");
}

/** The source of an argument that ends what the call began: `strncat(a, b, sizeof(a))` says `a` twice. */
function source({ here, start, end }: CallSeen): string {
  return here.text.slice(start, Math.min(end, start + 400));
}

const fixCopy = 'snprintf(buffer, sizeof buffer, "%s", text), and look at what it returns';

/** Rules on buffers. */
export const cppBufferRules: readonly Rule[] = [
  {
    id: "cpp/gets",
    cwe: 120,
    title: "gets, which cannot be told how much fits",
    severity: "high",
    why: "A longer line is written over what lies behind the buffer.",
    fix: "fgets(buffer, sizeof buffer, stdin)",
    literals: ["gets"],
    match: [calls("gets _getws _getts"), brokenLine(/(^|[^\w.>])gets\s?\(\s?\w/)],
    bad: [
      '#include <stdio.h>\nint main(void) {\n  char line[64];\n  gets(line);\n  printf("%s\\n", line);\n  return 0;\n}\n',
      "#include <cstdio>\nvoid read(char *into) {\n  if (gets(into) == NULL) return;\n}\n",
    ],
    good: [
      '#include <stdio.h>\nint main(void) {\n  char line[64];\n  if (fgets(line, sizeof line, stdin) == NULL) return 1;\n  printf("%s\\n", line);\n  return 0;\n}\n',
      "#include <iostream>\n#include <string>\nint main() {\n  std::string line;\n  std::getline(std::cin, line);\n  return 0;\n}\n",
    ],
  },
  {
    id: "cpp/copy-into-array",
    cwe: 120,
    title: "Text of any length copied into an array",
    severity: "high",
    why: "What does not fit is written over what lies behind the array.",
    fix: fixCopy,
    literals: ["cpy", "cat"],
    match: [
      reaches("size", 1, copies, [1], intoArray),
      // constant text that is too long
      calls(copies, ({ args: [target, text] }) => {
        const [length, given] = [lengthOf(target), text?.constant];
        return isArray(target) && length !== undefined && typeof given === "string" && given.length >= length;
      }),
    ],
    bad: [
      "#include <string.h>\nvoid greet(const char *name) {\n  char buffer[16];\n  strcpy(buffer, name);\n}\n",
      '#include <string.h>\nint main(int argc, char **argv) {\n  char path[32] = "/tmp/";\n  strcat(path, argv[1]);\n  return 0;\n}\n',
      '#include <string.h>\nvoid f(void) {\n  char code[4];\n  strcpy(code, "abcd");\n}\n',
      '#include <stdlib.h>\n#include <string.h>\nvoid home(void) {\n  char path[128];\n  char *from = getenv("HOME");\n  strcpy(path, from);\n}\n',
    ],
    good: [
      '#include <stdio.h>\nvoid greet(const char *name) {\n  char buffer[16];\n  snprintf(buffer, sizeof(buffer), "%s", name);\n}\n',
      "#include <string.h>\nvoid greet(const char *name) {\n  char buffer[16];\n  if (strlen(name) >= sizeof(buffer)) return;\n  strcpy(buffer, name);\n}\n",
      '#include <string.h>\nvoid f(void) {\n  char code[5];\n  strcpy(code, "abcd");\n}\n',
      "#include <string.h>\nvoid greet(const char *name) {\n  char buffer[16];\n  size_t length = strlen(name);\n  if (length < sizeof(buffer)) {\n    strcpy(buffer, name);\n  }\n}\n",
      "#include <string>\nvoid greet(const std::string &name) {\n  std::string copy = name;\n  copy += name;\n}\n",
    ],
  },
  {
    id: "cpp/copy-without-length",
    cwe: 676,
    title: "A copy that knows no length",
    severity: "low",
    why: "Nothing says here that the text fits.",
    fix: fixCopy,
    literals: ["strcpy", "strcat", "stpcpy", "wcscpy", "wcscat"],
    match: [
      calls("strcpy strcat stpcpy wcscpy wcscat", ({ args: [target, text] }) => {
        if (isArray(target) || !varies(text)) return false;
        return (
          text !== undefined && carries(text, "size") > 0 && !/alloc\(\)|!new\(\)/.test(target?.path ?? "")
        );
      }),
    ],
    bad: [
      "#include <string.h>\nvoid copy(char *to, const char *from) {\n  strcpy(to, from);\n}\n",
      "#include <string.h>\nstruct user { char name[8]; };\nvoid name(struct user *u, const char *from) {\n  strcat(u->name, from);\n}\n",
    ],
    good: [
      '#include <stdio.h>\nvoid copy(char *to, size_t size, const char *from) {\n  snprintf(to, size, "%s", from);\n}\n',
      "#include <stdlib.h>\n#include <string.h>\nchar *copy(const char *from) {\n  char *to = malloc(strlen(from) + 1);\n  if (to == NULL) return NULL;\n  strcpy(to, from);\n  return to;\n}\n",
    ],
  },
  {
    id: "cpp/print-into-array",
    cwe: 121,
    title: "sprintf of text of any length into an array",
    severity: "high",
    why: "What does not fit is written over the stack.",
    fix: "snprintf(buffer, sizeof buffer, ...), and look at what it returns",
    literals: ["sprintf"],
    match: [
      ...[2, 3, 4, 5, 6, 7].map((at) =>
        reaches(
          "size",
          1,
          "sprintf wsprintf",
          [at],
          (seen) => intoArray(seen) && isOpenAt(seen.args[1], at - 2),
        ),
      ),
      calls("vsprintf", intoArray),
    ],
    bad: [
      '#include <stdio.h>\nvoid greet(const char *name) {\n  char line[32];\n  sprintf(line, "Hello %s", name);\n}\n',
      "#include <stdio.h>\n#include <stdarg.h>\nvoid note(const char *form, ...) {\n  char line[256];\n  va_list list;\n  va_start(list, form);\n  vsprintf(line, form, list);\n  va_end(list);\n}\n",
      '#include <cstdio>\nint main(int argc, char *argv[]) {\n  char command[64];\n  std::sprintf(command, "%d: %s", argc, argv[1]);\n}\n',
    ],
    good: [
      '#include <stdio.h>\nvoid greet(const char *name) {\n  char line[32];\n  snprintf(line, sizeof line, "Hello %s", name);\n}\n',
      '#include <stdio.h>\nvoid count(int number) {\n  char line[32];\n  sprintf(line, "%d", number);\n}\n',
      '#include <stdio.h>\nvoid greet(const char *name) {\n  char line[32];\n  sprintf(line, "Hello %.10s", name);\n}\n',
    ],
  },
  {
    id: "cpp/scan-into-array",
    cwe: 120,
    title: "%s without a width",
    severity: "high",
    why: "A longer word is written over what lies behind the array.",
    fix: 'scanf("%31s", word) for char word[32]; fgets for lines',
    literals: ["scanf"],
    match: [
      calls("scanf wscanf", ({ args: [template] }) => says(template, openPlace)),
      calls("fscanf", ({ args: [, template, ...into] }) => says(template, openPlace) && into.some(isArray)),
      brokenLine(/\b[fs]?scanf\s?\([^;]{0,80}"[^"%]{0,80}%s/),
    ],
    bad: [
      '#include <stdio.h>\nint main(void) {\n  char word[32];\n  scanf("%s", word);\n  return 0;\n}\n',
      '#include <stdio.h>\nvoid read(FILE *file) {\n  char name[10];\n  int age;\n  fscanf(file, "%d %[^\\n]", &age, name);\n}\n',
    ],
    good: [
      '#include <stdio.h>\nint main(void) {\n  char word[32];\n  if (scanf("%31s", word) != 1) return 1;\n  return 0;\n}\n',
      '#include <stdio.h>\nint main(void) {\n  int number;\n  if (scanf("%d", &number) != 1) return 1;\n  return 0;\n}\n',
    ],
  },
  {
    id: "cpp/scan-of-text",
    cwe: 120,
    title: "%s without a width, out of text",
    severity: "medium",
    why: "A longer word in the text is written over what lies behind the array.",
    fix: 'sscanf(text, "%31s", word) for char word[32]',
    literals: ["scanf"],
    match: [
      calls(
        "sscanf swscanf",
        ({ args: [, template, ...into] }) => says(template, openPlace) && into.some(isArray),
      ),
    ],
    bad: [
      '#include <stdio.h>\nvoid read(const char *line) {\n  char name[10];\n  sscanf(line, "%s", name);\n}\n',
    ],
    good: [
      '#include <stdio.h>\nvoid read(const char *line) {\n  char name[10];\n  if (sscanf(line, "%9s", name) != 1) return;\n}\n',
    ],
  },
  {
    id: "cpp/stream-into-array",
    cwe: 120,
    title: "A word from a stream into an array",
    severity: "high",
    why: "A longer word is written over what lies behind the array (before C++20).",
    fix: "std::string word; std::cin >> word;",
    literals: ["cin", "stream"],
    match: [calls("!word_unlimited")],
    bad: [
      "#include <iostream>\nint main() {\n  char word[16];\n  std::cin >> word;\n  return 0;\n}\n",
      "#include <iostream>\nusing namespace std;\nint main() {\n  int n;\n  char name[20];\n  cin >> n >> name;\n}\n",
      '#include <fstream>\nvoid f() {\n  std::ifstream file("a.txt");\n  char word[16];\n  file >> word;\n}\n',
    ],
    good: [
      "#include <iostream>\n#include <string>\nint main() {\n  std::string word;\n  std::cin >> word;\n  return 0;\n}\n",
      "#include <iostream>\nint main() {\n  int n;\n  std::cin >> n;\n}\n",
      "#include <iostream>\nint main() {\n  char word[16];\n  std::cin.width(16);\n  std::cin >> word;\n}\n",
      "#include <iomanip>\n#include <iostream>\nint main() {\n  char word[16];\n  std::cin >> std::setw(16) >> word;\n}\n",
    ],
  },
  {
    id: "cpp/copy-of-length",
    cwe: 787,
    title: "A length from outside that nobody compared with the array's",
    severity: "high",
    why: "A larger length writes over what lies behind the array, or reads past the source.",
    fix: "if (length > sizeof buffer) return -1; before the copy",
    literals: ["mem", "read", "recv", "strncpy", "strncat", "fgets"],
    match: [
      // more than the array holds is asked for
      calls("read recv recvfrom", ({ args: [, target, length] }) => isMore(length, target)),
      calls("fgets", ({ args: [target, length] }) => isMore(length, target)),
      calls("memcpy memmove strncpy memset", ({ args: [target, , length] }) => isMore(length, target)),
      reaches("size", 1, "memcpy memmove mempcpy wmemcpy strncpy CopyMemory RtlCopyMemory", [2], intoArray),
      reaches("size", 2, "memset", [2], intoArray),
      reaches("size", 1, "read recv recvfrom", [2], ({ args: [, target] }) => isArray(target)),
    ],
    bad: [
      "#include <sys/socket.h>\nvoid take(int fd) {\n  char buffer[64];\n  recv(fd, buffer, 1024, 0);\n}\n",
      "#include <string.h>\nvoid take(const char *data, size_t length) {\n  char buffer[64];\n  memcpy(buffer, data, length);\n}\n",
      "#include <string.h>\nvoid take(const char *data) {\n  char buffer[64];\n  memcpy(buffer, data, strlen(data));\n}\n",
      "#include <unistd.h>\n#include <stdint.h>\nvoid take(int fd) {\n  char buffer[64];\n  uint32_t length;\n  read(fd, &length, sizeof length);\n  read(fd, buffer, length);\n}\n",
    ],
    good: [
      "#include <string.h>\nint take(const char *data, size_t length) {\n  char buffer[64];\n  if (length > sizeof(buffer)) return -1;\n  memcpy(buffer, data, length);\n  return 0;\n}\n",
      "#include <string.h>\nvoid take(const char *data, size_t length) {\n  char buffer[64];\n  if (length <= sizeof(buffer)) memcpy(buffer, data, length);\n}\n",
      "#include <algorithm>\n#include <cstring>\nvoid take(const char *data, size_t length) {\n  char buffer[64];\n  std::memcpy(buffer, data, std::min(length, sizeof(buffer)));\n}\n",
      "#include <string.h>\nvoid take(const char *data) {\n  char buffer[64];\n  memcpy(buffer, data, sizeof buffer);\n}\n",
    ],
  },
  {
    id: "cpp/copy-without-end",
    cwe: 170,
    title: "strncpy without a zero behind the text",
    severity: "medium",
    why: "Text as long as the array gets no end, and the next reader runs on.",
    fix: "buffer[sizeof buffer - 1] = 0; or snprintf",
    literals: ["strncpy"],
    match: [
      calls("strncpy wcsncpy", (seen) => {
        const [, name] = /^\w{0,5}:{0,2}\w{1,9}\(\s{0,9}([\w.>-]{1,80}),/.exec(source(seen)) ?? [];
        const whole =
          /,\s{0,9}(sizeof[ (]{1,3}[\w.>-]{1,80}\)?|\w{0,40}(SIZE|LEN|MAX)\w{0,20}|\d{1,6})\s{0,9}\)$/;
        if (name === undefined || !isArray(seen.args[0]) || !whole.test(source(seen))) return false;
        const { text, inside } = seen.here;
        const around = text.slice(inside?.start ?? Math.max(0, seen.start - 500), seen.start);
        const isFilled = around.includes(`memset(${name}`) || around.includes(`memset(&${name}`);
        return (
          !isFilled && !/=\s?\{/.test(around) && !text.slice(seen.end, seen.end + 300).includes(`${name}[`)
        );
      }),
    ],
    bad: [
      "#include <string.h>\n#include <stdio.h>\nvoid greet(const char *name) {\n  char buffer[16];\n  strncpy(buffer, name, sizeof(buffer));\n  puts(buffer);\n}\n",
      "#include <string.h>\n#include <stdio.h>\n#define NAME_MAX 20\nvoid greet(const char *name) {\n  char buffer[NAME_MAX];\n  strncpy(buffer, name, NAME_MAX);\n  puts(buffer);\n}\n",
    ],
    good: [
      "#include <string.h>\n#include <stdio.h>\nvoid greet(const char *name) {\n  char buffer[16];\n  strncpy(buffer, name, sizeof(buffer) - 1);\n  buffer[sizeof(buffer) - 1] = '\\0';\n  puts(buffer);\n}\n",
      "#include <string.h>\n#include <stdio.h>\nvoid greet(const char *name) {\n  char buffer[16] = {0};\n  strncpy(buffer, name, sizeof(buffer) - 1);\n  puts(buffer);\n}\n",
    ],
  },
  {
    id: "cpp/append-of-whole-length",
    cwe: 787,
    title: "strncat with the array's whole length",
    severity: "medium",
    why: "The length is what may be appended; what the array holds already is not counted.",
    fix: "strncat(buffer, text, sizeof buffer - strlen(buffer) - 1)",
    literals: ["strncat"],
    match: [
      calls("strncat", (seen) =>
        /\(\s{0,9}(\w{1,80}),.{1,200},\s{0,9}sizeof[ (]{1,3}\1\b\s?\)?\s?\)$/.test(source(seen)),
      ),
    ],
    bad: [
      '#include <string.h>\nvoid add(char *name) {\n  char buffer[16] = "Dear ";\n  strncat(buffer, name, sizeof(buffer));\n}\n',
      "#include <string.h>\nchar line[80];\nvoid add(char *word) {\n  strncat(line, word, sizeof line);\n}\n",
    ],
    good: [
      '#include <string.h>\nvoid add(char *name) {\n  char buffer[16] = "Dear ";\n  strncat(buffer, name, sizeof(buffer) - strlen(buffer) - 1);\n}\n',
      '#include <string>\nvoid add(const std::string &name) {\n  std::string line = "Dear ";\n  line += name;\n}\n',
    ],
  },
  {
    id: "cpp/loop-beyond",
    cwe: 787,
    title: "A loop that writes behind the array's end",
    severity: "high",
    why: "An array of n has the places 0 to n - 1.",
    fix: "for (i = 0; i < n; i++)",
    literals: ["["],
    match: [calls("!beyond")],
    bad: [
      "#define N 8\nvoid f(void) {\n  char a[N];\n  for (int i = 0; i <= N; i++) {\n    a[i] = 'x';\n  }\n}\n",
    ],
    good: [
      "void f(void) {\n  int a[10];\n  for (int i = 0; i <= 9; i++) a[i] = 0;\n}\n",
      "#define N 8\nvoid f(void) {\n  char a[N];\n  for (int i = 0; i < N; i++) {\n    a[i] = 'x';\n  }\n}\n",
    ],
  },
];
