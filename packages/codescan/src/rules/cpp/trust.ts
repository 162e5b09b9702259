/** @file C and C++: decisions that rest on what anybody can say, and what the program tells of itself. */
import { anyOf } from "../../engine/language.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { nameOf, says } from "../conditions.ts";
import { calls, operates } from "../matches.ts";

const compares = "strcmp strncmp strcasecmp strncasecmp stricmp _stricmp lstrcmpi wcscmp memcmp strstr";
/** Where a machine says who it is. */
const saysWho = anyOf(
  /^(getenv|secure_getenv|inet_ntoa|inet_ntop|gethostbyaddr|gethostbyname)\(\)/,
  /\.(h_name|sin_addr|s_addr)$|(client|remote|peer)_?(ip|addr|host)/i,
);
const address = /^(\d{1,3}\.){3}\d{1,3}$|^localhost$|^::1$|^[\w-]{1,60}(\.[\w-]{1,60}){1,4}$/;
const fileName = /\.(c|h|txt|html?|json|xml|conf|cfg|log|so|dll|exe|png|jpe?g|bin|dat|ini|ya?ml|sh|py)$/i;
const privileged = /^(admin(istrator)?|root|superuser|sysadmin|true|yes|1|on)$/i;

function isFrom(value: Value | undefined, pattern: { test(text: string): boolean }): boolean {
  return value !== undefined && (pattern.test(value.path) || pattern.test(nameOf(value)));
}

const environment = anyOf(/^(getenv|secure_getenv|_wgetenv)\(\)$/);

/** Rules on trust. */
export const cppTrustRules: readonly Rule[] = [
  {
    id: "cpp/address-as-proof",
    cwe: 290,
    title: "A machine let in for its address or name",
    severity: "medium",
    why: "Addresses, names of hosts and variables of the environment can be forged.",
    fix: "TLS with certificates of both sides, or a signed token",
    literals: ["cmp", "strstr"],
    match: [
      calls(compares, ({ args }) => {
        const [a, b] = args;
        const of = (who: Value | undefined, text: Value | undefined): boolean =>
          isFrom(who, saysWho) && says(text, address) && !says(text, fileName);
        return of(a, b) || of(b, a);
      }),
    ],
    bad: [
      '#include <stdlib.h>\n#include <string.h>\nint allowed(void) {\n  const char *from = getenv("REMOTE_ADDR");\n  return strcmp(from, "10.0.0.1") == 0;\n}\n',
      '#include <arpa/inet.h>\n#include <string.h>\nint allowed(struct sockaddr_in *a) {\n  return strcmp(inet_ntoa(a->sin_addr), "192.168.0.7") == 0;\n}\n',
    ],
    good: [
      '#include <stdlib.h>\n#include <string.h>\nint isDark(void) {\n  const char *theme = getenv("THEME");\n  return theme != NULL && strcmp(theme, "dark") == 0;\n}\n',
    ],
  },
  {
    id: "cpp/rights-from-outside",
    cwe: 807,
    title: "Rights that follow from what the caller says of itself",
    severity: "medium",
    why: "Whoever starts the program, or sends the request, writes the text.",
    fix: "Ask the system: getuid(), getpeereid, a session that the server keeps",
    literals: ["cmp"],
    match: [
      calls(compares, ({ args: [a, b], here }) => {
        const body = here.text.slice(here.inside?.start ?? 0, here.inside?.end ?? 0).slice(0, 20_000);
        const of = (who: Value | undefined, text: Value | undefined): boolean =>
          who?.level === 2 && isFrom(who, environment) && says(text, privileged);
        return (of(a, b) || of(b, a)) && /admin|privileg|\broot\b|is_?super|grant|allow|author/i.test(body);
      }),
    ],
    bad: [
      '#include <stdlib.h>\n#include <string.h>\nint privileged;\nvoid f(void) {\n  const char *name = getenv("USER_NAME");\n  if (!strcmp(name, "admin")) privileged = 1;\n}\n',
    ],
    good: ["#include <unistd.h>\nint privileged;\nvoid f(void) {\n  if (getuid() == 0) privileged = 1;\n}\n"],
  },
  {
    id: "cpp/environment-shown",
    cwe: 497,
    title: "The environment shown to whoever reads the output",
    severity: "low",
    why: "Paths, names of users and secrets of the machine are told.",
    fix: "Write it to a log that only the operator reads, or leave it out",
    literals: ["getenv"],
    match: [
      operates("<<", ({ operands }) => operands.slice(1).some((one) => environment.test(one.path))),
      calls("printf fprintf puts fputs send write dprintf", ({ args }) =>
        args.some((one) => environment.test(one.path)),
      ),
    ],
    bad: [
      '#include <cstdlib>\n#include <iostream>\nvoid f() {\n  std::cout << "PATH=" << getenv("PATH");\n}\n',
      '#include <stdio.h>\n#include <stdlib.h>\nvoid f(void) {\n  const char *home = getenv("HOME");\n  if (home != NULL) printf("%s\\n", home);\n}\n',
    ],
    good: ['#include <cstdlib>\n#include <iostream>\nvoid f() {\n  std::cout << "PATH is not told";\n}\n'],
  },
  {
    id: "cpp/shared-result",
    cwe: 676,
    title: "A function whose result all threads share",
    severity: "low",
    why: "Another thread's call changes the time while it is read.",
    fix: "localtime_r, gmtime_r, strftime",
    literals: ["gmtime", "localtime", "ctime", "asctime"],
    match: [calls("gmtime localtime ctime asctime")],
    bad: [
      "#include <time.h>\nint f(time_t *t) {\n  struct tm *now = localtime(t);\n  return now->tm_hour;\n}\n",
    ],
    good: [
      "#include <time.h>\nint f(time_t *t) {\n  struct tm now;\n  if (localtime_r(t, &now) == NULL) return -1;\n  return now.tm_hour;\n}\n",
    ],
  },
];
