/** @file C and C++: memory that is asked for and given back. */
import type { CallSeen } from "../../engine/seen.ts";
import { carries } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { calls, reaches } from "../matches.ts";

function source({ here, start, end }: CallSeen): string {
  return here.text.slice(start, Math.min(end, start + 300));
}

/** Rules on memory. */
export const cppMemoryRules: readonly Rule[] = [
  {
    id: "cpp/freed-twice",
    cwe: 415,
    title: "Memory given back twice",
    severity: "high",
    why: "The second call breaks the heap's lists, which an attacker can shape.",
    fix: "free(p); p = NULL;",
    literals: ["free", "delete"],
    match: [calls("!freed_twice")],
    bad: [
      "#include <stdlib.h>\nvoid f(void) {\n  char *p = malloc(10);\n  free(p);\n  free(p);\n}\n",
      "struct a { int x; };\nvoid f(a *p) {\n  delete p;\n  int y = 1;\n  delete p;\n}\n",
    ],
    good: [
      "#include <stdlib.h>\nvoid f(void) {\n  char *p = malloc(10);\n  free(p);\n  p = NULL;\n  free(p);\n}\n",
      "#include <stdlib.h>\nvoid f(int n) {\n  char *p = malloc(10);\n  if (n) {\n    free(p);\n    return;\n  }\n  free(p);\n}\n",
    ],
  },
  {
    id: "cpp/used-freed",
    cwe: 416,
    title: "Memory used after it was given back",
    severity: "high",
    why: "Another part of the program may hold the memory by then.",
    fix: "Give it back last, and set the pointer to NULL",
    literals: ["free", "delete"],
    match: [calls("!used_freed")],
    bad: [
      '#include <stdlib.h>\n#include <stdio.h>\nvoid f(void) {\n  char *p = malloc(10);\n  free(p);\n  printf("%s", p);\n}\n',
      "struct a { int x; };\nint f(a *p) {\n  delete p;\n  return p->x;\n}\n",
      "#include <stdlib.h>\nvoid f(int *p) {\n  free(p);\n  p[0] = 1;\n}\n",
    ],
    good: [
      '#include <stdlib.h>\n#include <stdio.h>\nvoid f(void) {\n  char *p = malloc(10);\n  printf("%s", p);\n  free(p);\n}\n',
      "#include <stdlib.h>\nstruct a { struct a *next; };\nvoid f(struct a *p) {\n  while (p) {\n    struct a *next = p->next;\n    free(p);\n    p = next;\n  }\n}\n",
      "#include <memory>\nint f() {\n  auto p = std::make_unique<int>(1);\n  return *p;\n}\n",
    ],
  },
  {
    id: "cpp/product-of-size",
    cwe: 190,
    title: "Memory for a product that can overflow",
    severity: "medium",
    why: "The product wraps around, too little is given, and what follows is written beyond it.",
    fix: "calloc(n, sizeof *p), or if (n > SIZE_MAX / sizeof *p) return NULL;",
    literals: ["alloc"],
    match: [
      reaches("size", 1, "malloc alloca kmalloc xmalloc", [0], (seen) =>
        /\*\s{0,3}[\w(]|[\w)]\s{0,3}\*/.test(source(seen).slice(6)),
      ),
      reaches("size", 1, "realloc", [1], (seen) => /,[^,]{0,100}\*/.test(source(seen))),
    ],
    bad: [
      "#include <stdlib.h>\nint *make(size_t n) {\n  return malloc(n * sizeof(int));\n}\n",
      "#include <stdlib.h>\nint main(int argc, char **argv) {\n  unsigned n = atoi(argv[1]);\n  int *a = (int *)malloc(n * 4);\n  return a == NULL;\n}\n",
    ],
    good: [
      "#include <stdlib.h>\nint *make(size_t n) {\n  return calloc(n, sizeof(int));\n}\n",
      "#include <stdlib.h>\n#include <stdint.h>\nint *make(size_t n) {\n  if (n > SIZE_MAX / sizeof(int)) return NULL;\n  return malloc(n * sizeof(int));\n}\n",
      "#include <stdlib.h>\nint *make(void) {\n  return malloc(10 * sizeof(int));\n}\n",
    ],
  },
  {
    id: "cpp/no-place-for-end",
    cwe: 131,
    title: "Memory for text without its zero",
    severity: "medium",
    why: "The zero behind the text is written behind the memory.",
    fix: "malloc(strlen(text) + 1), or strdup(text)",
    literals: ["strlen"],
    match: [
      calls("malloc alloca !new", (seen) =>
        /(malloc|alloca)\(\s?strlen\([\w.>-]{1,80}\)\s?\)|\[\s?(std::)?strlen\([\w.>-]{1,80}\)\s?\]/.test(
          source(seen),
        ),
      ),
    ],
    bad: [
      "#include <stdlib.h>\n#include <string.h>\nchar *copy(const char *from) {\n  char *to = malloc(strlen(from));\n  return to;\n}\n",
      "#include <cstring>\nchar *copy(const char *from) {\n  char *to = new char[strlen(from)];\n  return to;\n}\n",
    ],
    good: [
      "#include <stdlib.h>\n#include <string.h>\nchar *copy(const char *from) {\n  char *to = malloc(strlen(from) + 1);\n  return to;\n}\n",
      "#include <cstring>\nchar *copy(const char *from) {\n  char *to = new char[strlen(from) + 1];\n  return to;\n}\n",
    ],
  },
  {
    id: "cpp/stack-of-any-size",
    cwe: 770,
    title: "As much of the stack as somebody asks for",
    severity: "medium",
    why: "A large number moves the stack into other memory.",
    fix: "malloc with an upper limit, or std::vector",
    literals: ["alloca", "["],
    match: [
      reaches("size", 1, "alloca __builtin_alloca _alloca"),
      calls("!array", ({ args: [length] }) => length !== undefined && carries(length, "size") === 2),
    ],
    bad: [
      "#include <alloca.h>\nvoid f(size_t n) {\n  char *p = alloca(n);\n}\n",
      "#include <stdlib.h>\nint main(int argc, char **argv) {\n  int n = atoi(argv[1]);\n  char buffer[n];\n  return 0;\n}\n",
    ],
    good: [
      "#include <alloca.h>\nvoid f(size_t n) {\n  if (n > 1024) return;\n  char *p = alloca(n);\n}\n",
      "#include <vector>\n#include <cstdlib>\nint main(int argc, char **argv) {\n  std::vector<char> buffer(1024);\n  return 0;\n}\n",
    ],
  },
  {
    id: "cpp/lost-by-realloc",
    cwe: 401,
    title: "realloc over its own pointer",
    severity: "low",
    why: "Where it fails the old memory is lost.",
    fix: "char *more = realloc(p, n); if (more == NULL) return -1; p = more;",
    literals: ["realloc"],
    match: [{ line: /(^|[\s;{}(])([\w.>-]{1,60})\s?=\s?(\([\w *]{1,40}\)\s?)?realloc\s?\(\s?\2\s?,/ }],
    bad: [
      "#include <stdlib.h>\nvoid grow(char **p, int n) {\n  char *q = *p;\n  q = realloc(q, n);\n  *p = q;\n}\n",
      "#include <stdlib.h>\nstruct list { int *all; };\nvoid grow(struct list *l) {\n  l->all = (int *)realloc(l->all, 64);\n}\n",
    ],
    good: [
      "#include <stdlib.h>\nint grow(char **p) {\n  char *more = realloc(*p, 64);\n  if (more == NULL) return -1;\n  *p = more;\n  return 0;\n}\n",
      "#include <vector>\nvoid grow(std::vector<int> &v) {\n  v.resize(64);\n}\n",
    ],
  },
];
