/** @file C and C++: reads and writes beyond memory, as the performing of each function finds them. */
import type { Rule } from "../../rule.ts";
import { calls } from "../matches.ts";

/** Rules on what lies outside of memory whose size is known. */
export const cppBoundRules: readonly Rule[] = [
  {
    id: "cpp/written-beyond",
    cwe: 787,
    title: "More is written than fits",
    severity: "high",
    why: "What does not fit is written over what lies behind the memory.",
    fix: "Compare the length with sizeof the target first, or make the target larger",
    literals: ["(", "["],
    match: [calls("!overrun")],
    bad: [
      "#include <string.h>\nvoid f(void) {\n  char small[10];\n  char big[20];\n  memset(big, 1, sizeof(big));\n  memcpy(small, big, sizeof(big));\n}\n",
      '#include <stdlib.h>\n#include <string.h>\nvoid f(void) {\n  char *p = malloc(4);\n  if (p == NULL) return;\n  strcpy(p, "four");\n  free(p);\n}\n',
      "void f(void) {\n  int a[10];\n  a[10] = 0;\n}\n",
      "struct user { char name[8]; int age; };\nvoid f(struct user *u) {\n  u->name[8] = 0;\n}\n",
      '#include <stdio.h>\nvoid f(void) {\n  char word[8];\n  if (scanf("%8s", word) != 1) return;\n}\n',
      "void f(int n) {\n  int a[4];\n  int i = 4;\n  if (n > 3) a[i] = n;\n}\n",
    ],
    good: [
      "#include <string.h>\nvoid f(void) {\n  char small[10];\n  char big[20];\n  memset(small, 1, sizeof(small));\n  memcpy(big, small, sizeof(small));\n}\n",
      '#include <stdlib.h>\n#include <string.h>\nvoid f(void) {\n  char *p = malloc(5);\n  if (p == NULL) return;\n  strcpy(p, "four");\n  free(p);\n}\n',
      "void f(void) {\n  int a[10];\n  a[9] = 0;\n}\n",
      "struct user { char name[8]; int age; };\nvoid f(struct user *u) {\n  u->name[7] = 0;\n}\n",
      '#include <stdio.h>\nvoid f(void) {\n  char word[8];\n  if (scanf("%7s", word) != 1) return;\n}\n',
      "void f(int n) {\n  int a[4];\n  int i = 3;\n  if (n > 3) a[i] = n;\n}\n",
      "struct text { int size; char of[1]; };\nvoid f(struct text *t) {\n  t->of[3] = 0;\n}\n",
    ],
  },
  {
    id: "cpp/print-may-not-fit",
    cwe: 120,
    title: "A number that may need more places than there are",
    severity: "medium",
    why: "The longest number is written over what lies behind the array.",
    fix: "snprintf(buffer, sizeof buffer, ...), or an array for the longest number",
    literals: ["printf"],
    match: [calls("!may_overrun")],
    bad: [
      '#include <stdio.h>\nvoid f(int n) {\n  char text[8];\n  sprintf(text, "n=%d", n);\n}\n',
      '#include <stdio.h>\nvoid f(double x) {\n  char text[64];\n  sprintf(text, "%f", x);\n}\n',
    ],
    good: [
      '#include <stdio.h>\nvoid f(int n) {\n  char text[16];\n  sprintf(text, "n=%d", n);\n}\n',
      '#include <stdio.h>\nvoid f(int n) {\n  char text[8];\n  if (n < 0 || n > 999) return;\n  sprintf(text, "n=%d", n);\n}\n',
    ],
  },
  {
    id: "cpp/read-beyond",
    cwe: 125,
    title: "More is read than there is",
    severity: "high",
    why: "What lies behind the memory is read: secrets of the program, or a crash.",
    fix: "Compare the index or the length with the size first",
    literals: ["(", "["],
    match: [calls("!overread")],
    bad: [
      "#include <string.h>\nvoid f(char *to) {\n  char from[4] = {1, 2, 3, 4};\n  memcpy(to, from, 8);\n}\n",
      "int f(void) {\n  int a[3] = {1, 2, 3};\n  return a[3];\n}\n",
    ],
    good: [
      "#include <string.h>\nvoid f(char *to) {\n  char from[4] = {1, 2, 3, 4};\n  memcpy(to, from, 4);\n}\n",
      "int f(void) {\n  int a[3] = {1, 2, 3};\n  int sum = 0;\n  for (int i = 0; i < 3; i++) sum += a[i];\n  return sum;\n}\n",
    ],
  },
  {
    id: "cpp/perhaps-written-beyond",
    cwe: 787,
    title: "Some of what may be written does not fit",
    severity: "medium",
    why: "For the largest index or length, what lies behind the memory is written over.",
    fix: "Compare the index or the length with the size first: `i < n`, not `i <= n`",
    literals: ["(", "["],
    match: [calls("!perhaps_overrun")],
    bad: [
      "void f(unsigned n) {\n  int a[4];\n  if (n > 4) return;\n  a[n] = 1;\n}\n",
      "#include <string.h>\nvoid f(const char *from, unsigned n) {\n  char to[10];\n  if (n <= 20) memcpy(to, from, n);\n}\n",
    ],
    good: [
      "void f(unsigned n) {\n  int a[4];\n  if (n > 3) return;\n  a[n] = 1;\n}\n",
      "#include <string.h>\nvoid f(const char *from, unsigned n) {\n  char to[20];\n  if (n <= 20) memcpy(to, from, n);\n}\n",
      "int names[3];\nvoid f(int code) {\n  switch (code) {\n    case 10: case 11: case 12:\n      names[code - 10] = 1;\n  }\n}\n",
    ],
  },
  {
    id: "cpp/perhaps-read-beyond",
    cwe: 125,
    title: "Some of what may be read lies outside",
    severity: "medium",
    why: "For the largest index or length, what lies behind the memory is read: secrets of the program, or a crash.",
    fix: "Compare the index or the length with the size first: `i < n`, not `i <= n`",
    literals: ["(", "["],
    match: [calls("!perhaps_overread")],
    bad: [
      "int f(void) {\n  int a[3] = {1, 2, 3};\n  int sum = 0;\n  for (int i = 0; i <= 3; i++) sum += a[i];\n  return sum;\n}\n",
    ],
    good: [
      "int f(void) {\n  int a[3] = {1, 2, 3};\n  int sum = 0;\n  for (int i = 0; i < 3; i++) sum += a[i];\n  return sum;\n}\n",
    ],
  },
  {
    id: "cpp/length-of-source",
    cwe: 787,
    title: "A copy as long as its source",
    severity: "low",
    why: "The length says nothing of what the target holds.",
    fix: "Compare the length with the target's size first",
    literals: ["strlen"],
    match: [calls("!length_of_source")],
    bad: [
      "#include <string.h>\nvoid f(char *to, const char *from) {\n  memcpy(to, from, strlen(from) + 1);\n}\n",
      "#include <string.h>\nvoid f(char *to, const char *from) {\n  strncpy(to, from, strlen(from));\n}\n",
    ],
    good: [
      "#include <string.h>\nvoid f(char *to, size_t size, const char *from) {\n  size_t n = strlen(from);\n  if (n >= size) return;\n  memcpy(to, from, n + 1);\n}\n",
      "#include <stdlib.h>\n#include <string.h>\nchar *f(const char *from) {\n  char *to = malloc(strlen(from) + 1);\n  if (to == NULL) return NULL;\n  memcpy(to, from, strlen(from) + 1);\n  return to;\n}\n",
    ],
  },
  {
    id: "cpp/index-from-outside",
    cwe: 129,
    title: "An index from outside that nobody compared with the array's length",
    severity: "high",
    why: "Whoever chooses the index reads or writes other memory of the program.",
    fix: "if (i < 0 || i >= length) return -1;",
    literals: ["["],
    match: [calls("!wild_index")],
    bad: [
      "#include <stdlib.h>\nint table[10];\nint main(int argc, char **argv) {\n  int i = atoi(argv[1]);\n  return table[i];\n}\n",
      '#include <stdio.h>\nint f(void) {\n  int table[10] = {0};\n  int i;\n  if (scanf("%d", &i) != 1) return 1;\n  if (i < 10) table[i] = 1;\n  return table[0];\n}\n',
    ],
    good: [
      "#include <stdlib.h>\nint table[10];\nint main(int argc, char **argv) {\n  int i = atoi(argv[1]);\n  if (i < 0 || i >= 10) return 1;\n  return table[i];\n}\n",
      '#include <stdio.h>\nint f(void) {\n  int table[10] = {0};\n  int i;\n  if (scanf("%d", &i) != 1) return 1;\n  if (i >= 0 && i < 10) table[i] = 1;\n  return table[0];\n}\n',
    ],
  },
  {
    id: "cpp/size-from-outside",
    cwe: 789,
    title: "As much memory as somebody outside asks for",
    severity: "medium",
    why: "One request takes all memory of the machine.",
    fix: "if (n > limit) return -1;",
    literals: ["alloc", "new"],
    match: [calls("!wild_size")],
    bad: [
      "#include <stdlib.h>\nint main(int argc, char **argv) {\n  size_t n = strtoul(argv[1], NULL, 10);\n  char *p = malloc(n);\n  free(p);\n  return 0;\n}\n",
    ],
    good: [
      "#include <stdlib.h>\nint main(int argc, char **argv) {\n  size_t n = strtoul(argv[1], NULL, 10);\n  if (n > 4096) return 1;\n  char *p = malloc(n);\n  free(p);\n  return 0;\n}\n",
    ],
  },
  {
    id: "cpp/length-from-outside",
    cwe: 805,
    title: "A length from outside for memory of a known size",
    severity: "high",
    why: "A larger or a negative length writes over what lies behind the memory.",
    fix: "if (length < 0 || length > sizeof buffer) return -1;",
    literals: ["mem", "read", "recv", "cpy"],
    match: [calls("!wild_length")],
    bad: [
      '#include <stdio.h>\n#include <string.h>\nvoid f(const char *from) {\n  char to[100];\n  int n;\n  if (scanf("%d", &n) != 1) return;\n  if (n > 0) memcpy(to, from, n);\n}\n',
    ],
    good: [
      '#include <stdio.h>\n#include <string.h>\nvoid f(const char *from) {\n  char to[100];\n  int n;\n  if (scanf("%d", &n) != 1) return;\n  if (n >= 0 && n < 100) memcpy(to, from, n);\n}\n',
    ],
  },
];
