/** @file C and C++: slips that the language allows: the other operator, a result that nobody looks at, a wrong size. */
import type { Rule } from "../../rule.ts";
import { calls } from "../matches.ts";

/** Rules on slips. */
export const cppSlipRules: readonly Rule[] = [
  {
    id: "cpp/assigned-in-test",
    cwe: 481,
    title: "A constant is assigned where a comparison was meant",
    severity: "medium",
    why: "The test always comes out the same way, and the variable has another value from here on.",
    fix: "if (level == 1)",
    literals: ["="],
    match: [calls("!assigned_test")],
    bad: ["int admin;\nint f(int level) {\n  if (level = 1) admin = 1;\n  return admin;\n}\n"],
    good: [
      "int admin;\nint f(int level) {\n  if (level == 1) admin = 1;\n  return admin;\n}\n",
      "int next(void);\nint f(void) {\n  int c;\n  while ((c = next()) > 0) return c;\n  return 0;\n}\n",
    ],
  },
  {
    id: "cpp/compared-not-assigned",
    cwe: 482,
    title: "A comparison whose result nobody uses",
    severity: "medium",
    why: "An assignment was meant: the variable keeps its value.",
    fix: "level = 1;",
    literals: ["=="],
    match: [calls("!compared_only")],
    bad: ["int f(int level) {\n  level == 1;\n  return level;\n}\n"],
    good: ["int f(int level) {\n  level = 1;\n  return level;\n}\n"],
  },
  {
    id: "cpp/error-ignored",
    cwe: 390,
    title: "An error is asked for and nothing is done about it",
    severity: "low",
    why: "The program goes on with what the function did not give.",
    fix: "Return an error, or say why it does not matter",
    literals: ["if"],
    match: [calls("!error_ignored")],
    bad: [
      "#include <stdio.h>\nvoid f(char *line) {\n  if (fgets(line, 10, stdin) == NULL) {\n  }\n  puts(line);\n}\n",
    ],
    good: [
      "#include <stdio.h>\nvoid f(char *line) {\n  if (fgets(line, 10, stdin) == NULL) {\n    return;\n  }\n  puts(line);\n}\n",
    ],
  },
  {
    id: "cpp/result-ignored",
    cwe: 252,
    title: "A result that says whether anything was read is not looked at",
    severity: "low",
    why: "Where nothing was read the buffer holds what was there before.",
    fix: "if (fgets(line, sizeof line, stdin) == NULL) return -1;",
    literals: ["scanf", "read", "recv", "gets", "ch"],
    match: [calls("!result_ignored")],
    bad: ['#include <stdio.h>\nint f(void) {\n  int n = 0;\n  scanf("%d", &n);\n  return n > 5;\n}\n'],
    good: [
      '#include <stdio.h>\nint f(void) {\n  int n = 0;\n  if (scanf("%d", &n) != 1) return 0;\n  return n > 5;\n}\n',
    ],
  },
  {
    id: "cpp/case-without-break",
    cwe: 484,
    title: "A case that runs into the next one",
    severity: "low",
    why: "What was meant for one value is done for two.",
    fix: "break; or [[fallthrough]]; or a comment that says so",
    literals: ["case"],
    match: [calls("!falls_through")],
    bad: [
      "int f(int n) {\n  int x = 0;\n  switch (n) {\n    case 1:\n      x = 1;\n    case 2:\n      x = 2;\n      break;\n  }\n  return x;\n}\n",
    ],
    good: [
      "int f(int n) {\n  int x = 0;\n  switch (n) {\n    case 1:\n      x = 1;\n      break;\n    case 2:\n      x = 2;\n      break;\n  }\n  return x;\n}\n",
      "int f(int n) {\n  int x = 0;\n  switch (n) {\n    case 1:\n      x = 1;\n      /* falls through */\n    case 2:\n    case 3:\n      x += 2;\n      break;\n  }\n  return x;\n}\n",
    ],
  },
  {
    id: "cpp/checked-late",
    cwe: 476,
    title: "A pointer is followed before it is compared with null",
    severity: "low",
    why: "If it can be null, the program ended before the test; if not, the test says something wrong.",
    fix: "if (p == NULL) return -1; before the first use",
    literals: ["NULL", "nullptr", "!", "if"],
    match: [calls("!late_check")],
    bad: [
      "#include <stddef.h>\nstruct a { int x; };\nint f(struct a *p) {\n  int x = p->x;\n  if (p == NULL) return -1;\n  return x;\n}\n",
    ],
    good: [
      "#include <stddef.h>\nstruct a { int x; };\nint f(struct a *p) {\n  if (p == NULL) return -1;\n  return p->x;\n}\n",
      "#include <stddef.h>\nstruct a { struct a *next; int x; };\nint f(struct a *p) {\n  int sum = p->x;\n  p = p->next;\n  if (p == NULL) return sum;\n  return p->x;\n}\n",
    ],
  },
  {
    id: "cpp/size-of-pointer",
    cwe: 467,
    title: "sizeof of a pointer taken for the size of the memory",
    severity: "medium",
    why: "It is 8 on any machine of today, however much memory lies behind the pointer.",
    fix: "Hand over the length beside the pointer; sizeof *p for one element",
    literals: ["sizeof"],
    match: [calls("!size_of_pointer")],
    bad: ["#include <string.h>\nvoid f(char *word) {\n  memset(word, 0, sizeof(word));\n}\n"],
    good: [
      "#include <string.h>\nvoid f(void) {\n  char word[32];\n  memset(word, 0, sizeof(word));\n  word[0] = 1;\n  if (word[0] != 1) return;\n}\n",
      "#include <string.h>\nvoid f(char *word, size_t length) {\n  memset(word, 0, length);\n}\n",
    ],
  },
  {
    id: "cpp/closed-by-another",
    cwe: 404,
    title: "Closed by a function that was not made for it",
    severity: "medium",
    why: "The memory and the buffer of the stream are lost, or another's file is closed.",
    fix: "fclose for fopen, close for open, pclose for popen, closedir for opendir",
    literals: ["close", "Close", "free"],
    match: [calls("!unmatched_close")],
    bad: [
      '#include <stdio.h>\nvoid f(void) {\n  FILE *p = popen("/bin/ls", "r");\n  if (p == NULL) return;\n  fclose(p);\n}\n',
    ],
    good: [
      '#include <stdio.h>\nvoid f(void) {\n  FILE *p = popen("/bin/ls", "r");\n  if (p == NULL) return;\n  pclose(p);\n}\n',
    ],
  },
];
