/** @file C and C++: numbers that somebody outside chose, in lengths, divisions, loops and conversions. */
import type { Rule } from "../../rule.ts";
import { calls } from "../matches.ts";

/** Rules on numbers from outside. */
export const cppNumberRules: readonly Rule[] = [
  {
    id: "cpp/length-negative",
    cwe: 195,
    title: "A length that may be negative",
    severity: "high",
    why: "A negative number becomes a huge one where a size is expected, and everything behind the memory is overwritten.",
    fix: "if (length < 0 || length > limit) return -1; or an unsigned type from the start",
    literals: ["mem", "cpy", "read", "recv"],
    match: [calls("!negative_length")],
    bad: [
      '#include <stdio.h>\n#include <string.h>\nvoid f(const char *from) {\n  char to[100];\n  short n;\n  if (scanf("%hd", &n) != 1) return;\n  if (n < 100) memcpy(to, from, n);\n}\n',
    ],
    good: [
      '#include <stdio.h>\n#include <string.h>\nvoid f(const char *from) {\n  char to[100];\n  short n;\n  if (scanf("%hd", &n) != 1) return;\n  if (n > 0 && n < 100) memcpy(to, from, n);\n}\n',
    ],
  },
  {
    id: "cpp/divided-by-outside",
    cwe: 369,
    title: "Divided by a number that may be zero",
    severity: "medium",
    why: "Zero ends the program, and who can send it stops the service.",
    fix: "if (n == 0) return -1;",
    literals: ["/", "%"],
    match: [calls("!wild_divisor")],
    bad: [
      "#include <stdlib.h>\nint main(int argc, char **argv) {\n  int n = atoi(argv[1]);\n  return 100 / n;\n}\n",
      '#include <stdio.h>\nint f(void) {\n  int n = 1;\n  if (scanf("%d", &n) != 1) return 1;\n  return 100 % n;\n}\n',
    ],
    good: [
      "#include <stdlib.h>\nint main(int argc, char **argv) {\n  int n = atoi(argv[1]);\n  if (n == 0) return 1;\n  return 100 / n;\n}\n",
      '#include <stdio.h>\nint f(void) {\n  int n = 1;\n  if (scanf("%d", &n) != 1) return 1;\n  if (n > 0) return 100 % n;\n  return 0;\n}\n',
    ],
  },
  {
    id: "cpp/loop-as-long-as-outside-says",
    cwe: 606,
    title: "A loop as long as somebody outside says",
    severity: "low",
    why: "One large number keeps the program busy for hours.",
    fix: "if (n > limit) return -1;",
    literals: ["for"],
    match: [calls("!wild_loop")],
    bad: [
      "#include <stdlib.h>\nvoid work(void);\nint main(int argc, char **argv) {\n  int n = atoi(argv[1]);\n  for (int i = 0; i < n; i++) work();\n  return 0;\n}\n",
    ],
    good: [
      "#include <stdlib.h>\nvoid work(void);\nint main(int argc, char **argv) {\n  int n = atoi(argv[1]);\n  if (n > 100) return 1;\n  for (int i = 0; i < n; i++) work();\n  return 0;\n}\n",
    ],
  },
  {
    id: "cpp/waits-as-long-as-outside-says",
    cwe: 400,
    title: "A pause as long as somebody outside says",
    severity: "low",
    why: "One large number blocks the thread for years.",
    fix: "if (seconds > limit) return -1;",
    literals: ["leep", "delay"],
    match: [calls("!wild_wait")],
    bad: [
      "#include <stdlib.h>\n#include <unistd.h>\nint main(int argc, char **argv) {\n  int n = atoi(argv[1]);\n  sleep(n);\n  return 0;\n}\n",
    ],
    good: [
      "#include <stdlib.h>\n#include <unistd.h>\nint main(int argc, char **argv) {\n  int n = atoi(argv[1]);\n  if (n < 0 || n > 60) return 1;\n  sleep(n);\n  return 0;\n}\n",
    ],
  },
  {
    id: "cpp/sign-lost",
    cwe: 196,
    title: "An unsigned number from outside stored as a signed one",
    severity: "low",
    why: "A large number becomes a negative one, which passes tests for the largest.",
    fix: "if (n > INT_MAX) return -1; first, or an unsigned variable",
    literals: ["unsigned", "uint", "size_t", "u32", "DWORD", "ntohl"],
    match: [calls("!sign_lost")],
    bad: [
      "#include <arpa/inet.h>\n#include <stdint.h>\nint f(uint32_t from) {\n  int n = ntohl(from);\n  return n;\n}\n",
    ],
    good: [
      "#include <arpa/inet.h>\n#include <stdint.h>\nint f(uint32_t from) {\n  uint32_t all = ntohl(from);\n  if (all > 1000) return -1;\n  int n = all;\n  return n;\n}\n",
    ],
  },
  {
    id: "cpp/never-below-zero",
    cwe: 570,
    title: "An unsigned number compared with what is below zero",
    severity: "low",
    why: "The test always comes out the same way: an error is never seen, or a loop never ends.",
    fix: "A signed type, or a test before the subtraction",
    literals: ["unsigned", "uint", "size_t", "DWORD", "u32"],
    match: [calls("!never_below")],
    bad: ["int f(unsigned n) {\n  if (n < 0) return -1;\n  return 0;\n}\n"],
    good: [
      "int f(int n) {\n  if (n < 0) return -1;\n  return 0;\n}\n",
      "int f(unsigned n) {\n  return n > 0;\n}\n",
    ],
  },
];
