/**
 * @file C and C++: insecure practice, which counts wherever it stands.
 *
 * @source meta-llama/PurpleLlama CodeShield/insecure_code_detector: its kinds for C and C++ and their CWE numbers
 */
import type { Rule } from "../../rule.ts";
import { says, varies } from "../conditions.ts";
import { calls } from "../matches.ts";
import { practice } from "../practice.ts";

/** `%s` or `%[...]` without a width. */
const openPlace = /(^|[^%])(%%){0,9}%(\[\^?\]?[^\]]{1,60}\]|l?[sS])/;

/** Rules on practice. */
export const cppPracticeRules: readonly Rule[] = [
  practice({
    id: "cpp/practice-copy",
    cwe: 120,
    title: "A copy without a length",
    why: "How much is copied depends on the text alone.",
    fix: 'snprintf(buffer, sizeof buffer, "%s", text), or std::string',
    literals: ["cpy", "cat"],
    match: [calls("strcpy strcat stpcpy wcscpy wcscat lstrcpy lstrcat lstrcpyA lstrcatA _mbscpy _mbscat")],
    bad: ["#include <string.h>\nvoid f(char *a, const char *b) { strcpy(a, b); }\n"],
    good: ['#include <stdio.h>\nvoid f(const char *b) { char a[9]; snprintf(a, sizeof a, "%s", b); }\n'],
  }),
  practice({
    id: "cpp/practice-print",
    cwe: 120,
    title: "Text printed into a buffer without a length",
    why: "How much is written depends on the text alone.",
    fix: "snprintf(buffer, sizeof buffer, ...)",
    literals: ["printf"],
    match: [
      calls("sprintf vsprintf wsprintf", ({ args: [, template] }) =>
        says(template, /%[-+ 0#]{0,4}\d{0,4}l?s/),
      ),
    ],
    bad: ['#include <stdio.h>\nvoid f(char *a, const char *b) { sprintf(a, "x %s", b); }\n'],
    good: ['#include <stdio.h>\nvoid f(char *a, size_t n, const char *b) { snprintf(a, n, "x %s", b); }\n'],
  }),
  practice({
    id: "cpp/practice-scan",
    cwe: 119,
    title: "A word read without a length",
    why: "How much is written depends on who types.",
    fix: 'scanf("%15s", word) for 16 bytes, or fgets',
    literals: ["scanf"],
    match: [
      calls("scanf wscanf", ({ args: [template] }) => says(template, openPlace)),
      calls("fscanf sscanf swscanf fwscanf", ({ args: [, template] }) => says(template, openPlace)),
    ],
    bad: ['#include <stdio.h>\nvoid f(char *a) { scanf("%s", a); }\n'],
    good: [
      '#include <stdio.h>\nint f(char *a) { return scanf("%15s", a); }\n',
      '#include <stdio.h>\nint a; int main() { return scanf("%d", &a); }\n',
    ],
  }),
  practice({
    id: "cpp/practice-token",
    cwe: 676,
    title: "strtok, which keeps its place for all threads",
    why: "Two of its loops at a time read each other's text.",
    fix: "strtok_r(text, separators, &place)",
    literals: ["strtok"],
    match: [calls("strtok wcstok std.strtok")],
    bad: ['#include <string.h>\nvoid f(char *a) { char *b = strtok(a, ","); }\n'],
    good: ['#include <string.h>\nvoid f(char *a, char **p) { char *b = strtok_r(a, ",", p); }\n'],
  }),
  practice({
    id: "cpp/practice-obsolete",
    cwe: 477,
    title: "A function that was given up because it cannot be used safely",
    why: "It writes as much as it likes, or hands out what others can guess.",
    fix: "getpwuid_r for accounts, getcwd for folders, std::unique_ptr for objects",
    literals: ["getpw", "getwd", "cuserid", "auto_ptr"],
    match: [calls("getpw getwd cuserid"), { line: /\bauto_ptr\s?</, unless: /"[^"]{0,200}auto_ptr/ }],
    bad: [
      "#include <pwd.h>\nvoid f(char *a) { getpw(0, a); }\n",
      "#include <memory>\nvoid f() { std::auto_ptr<int> a(new int); }\n",
    ],
    good: ["#include <memory>\nvoid f() { std::unique_ptr<int> a(new int); }\n"],
  }),
  practice({
    id: "cpp/practice-random",
    cwe: 338,
    title: "Numbers that can be guessed",
    why: "After some of them all others are known.",
    fix: "getrandom(bytes, sizeof bytes, 0), std::random_device",
    literals: ["rand", "random"],
    match: [calls("rand random rand_r drand48 erand48 lrand48 nrand48 mrand48 jrand48 std.rand")],
    bad: ["#include <stdlib.h>\nint f() { return rand() % 6; }\n"],
    good: ["#include <sys/random.h>\nvoid f(char *a) { getrandom(a, 8, 0); }\n"],
  }),
  practice({
    id: "cpp/practice-seed",
    cwe: 335,
    title: "A seed that is written down",
    why: "Every start gives the same numbers.",
    fix: "std::random_device, or no seed at all",
    literals: ["srand", "mt19937", "srandom"],
    match: [
      calls("srand srandom srand48 std.srand std.mt19937 mt19937 std.mt19937_64", ({ args: [seed] }) => {
        return typeof seed?.constant === "number";
      }),
    ],
    bad: ["#include <stdlib.h>\nvoid f() { srand(42); }\n"],
    good: ["#include <stdlib.h>\nvoid f(unsigned a) { srandom(a); }\n"],
  }),
  practice({
    id: "cpp/practice-shell",
    cwe: 78,
    title: "A command that goes through a shell",
    why: "Whoever can change a part of it runs commands.",
    fix: "posix_spawn or execv with a list of words",
    literals: ["system", "popen"],
    match: [calls("system popen _popen _wsystem std.system", ({ args: [text] }) => varies(text))],
    bad: ["#include <stdlib.h>\nextern char *command;\nvoid f() { system(command); }\n"],
    good: ['#include <stdlib.h>\nvoid f() { system("/usr/bin/clear"); }\n'],
  }),
];
