/** @file Python rules: missing checks of results, owners, accounts, locks and permissions. */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen, FunctionSeen, Here } from "../../engine/seen.ts";
import { carries } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, comesFrom, is, isA, says } from "../conditions.ts";
import { aroundSays, fileSays, sourceAround } from "../inside.ts";
import { calls, operates } from "../matches.ts";
import { comparesBySteps, keepsLock } from "./statements.ts";

/** The result of a match; `None` if the pattern does not match. */
const matchResult = /^re\.(match|search|fullmatch)\(\)$/;

/** A line that tests something. Words in comments and docstrings do not count. */
const asks = /^\s{0,80}(if|elif|while|assert)\b|\bif\b.{0,100}\belse\b|\b(and|or)\b/;

/** Whether the function never checks the result: no test names it and no exception is caught. */
function isUnasked({ here, receiver, start }: CallSeen): boolean {
  const around = sourceAround(here);
  if (/\btry:|\bsuppress\(/.test(around)) return false;
  const name = /^[\w.]{1,80}(?=\.groups?\()/.exec(here.text.slice(start, start + 100))?.[0];
  if (name === undefined) return receiver.made?.kind === "call";
  return !around.split("\n").some((line) => line.includes(name) && asks.test(line));
}

/** Whether a function of the file explicitly returns `None` in one place and a value in another. */
function mayGiveNone({ text }: Here, name: string): boolean {
  const from = text.indexOf(`def ${name}(`);
  if (from < 0) return false;
  const lines = text.slice(from, from + 5000).split("\n");
  const indent = text.slice(text.lastIndexOf("\n", from) + 1, from).length;
  const behind = lines.findIndex((line, at) => at > 0 && line.trim() !== "" && line.search(/\S/) <= indent);
  const body = lines.slice(1, behind < 0 ? lines.length : behind);
  return (
    body.some((line) => /^\s{1,80}return None\s{0,9}(#|$)/.test(line)) &&
    body.some((line) => /^\s{1,80}return (?!None\b)\S/.test(line))
  );
}

/** Names of a user or owner, or a check of the process. */
const asksOwner = anyOf(
  /owner|getuid|geteuid|\buids?\(|username\(|st_uid|psutil|cmdline|allowed|permi|authori[sz]|is_admin|children/i,
  /\bmy_?pids?\b|workers|_procs?\b|startswith|\bin [a-z_]{0,40}pids\b/i,
);

/** Words of an authentication or authorization check, in the function or before it. */
const asksWho = anyOf(
  /login|logged|authenti|authori[sz]|\bauth\b|_auth|auth_|(?<![\w.])session\b|current_user|permission|jwt|admin_required/i,
  /is_admin|is_staff|role|api_?key|Depends|Security|g\.user|request\.user|token|credential|verify|\b40[13]\b/i,
);
const asksForAll =
  /before_request|LoginRequired|HTTPBasicAuth|permission_classes|dependencies\s?=|middleware|MIDDLEWARE/;
const changes = anyOf(
  /\.delete\(|\.commit\(|\.save\(|\.remove\(|\.drop\w{0,10}\(|\.update\w{0,10}\(|\.execute\(|\.insert\w{0,10}\(/,
  /os\.(remove|unlink|system|kill)|shutil\.|subprocess\.|\bdel /,
);

/** An administration page that changes data without authorization. */
function isOpenToAll({ made, marks, here }: FunctionSeen): boolean {
  if (!here.answers || marks.length === 0 || fileSays(here, asksForAll)) return false;
  const source = here.text.slice(made.start, made.end).slice(0, 10_000);
  const from = Math.min(made.start, ...made.marks.map(({ start }) => start));
  const before = here.text.slice(from, made.start);
  const routes = `${before}${source.slice(0, source.indexOf("def "))}`;
  const isAdmin = /["']\/(\w{1,20}\/){0,3}(admin|administration|superuser)(\/|["'])/.test(routes);
  return isAdmin && changes.test(source) && !asksWho.test(`${routes}${source}`);
}

/** Default user names and passwords, which attackers try first. */
const shippedNames = /^(admin|administrator|root|superuser|sa|guest|postgres)$/i;
const shippedWords =
  /^(admin|administrator|root|password|passw0rd|123456?|12345678|guest|postgres|changeme|toor)$/i;

/** Rules on missing checks. */
export const pythonCheckRules: readonly Rule[] = [
  {
    id: "python/result-unchecked",
    cwe: 252,
    title: "Result used without a check for None",
    severity: "low",
    why: "Input that does not match yields None, and using None ends the request with an error.",
    fix: "Check the result: if found is None: return 'no', 400",
    literals: ["re.match", "re.search", "re.fullmatch", "return None", "from re "],
    match: [
      calls(
        ".group .groups .groupdict",
        (seen) => matchResult.test(seen.receiver.path) && seen.receiver.level > 0 && isUnasked(seen),
      ),
      calls("len sum sorted iter min max int float", ({ args: [given], here, start, end }) => {
        const made = given?.made;
        if (made?.kind !== "call" || made.start < start || made.end > end) return false;
        return made.callee.kind === "name" && mayGiveNone(here, made.callee.name);
      }),
    ],
  },
  {
    id: "python/kill-any",
    cwe: 283,
    title: "Process killed by an untrusted process ID",
    severity: "medium",
    likely: "low",
    why: "The ID can belong to another user's process, or to a system process.",
    fix: "Compare psutil.Process(pid).username() with the user, or track the IDs of the processes that you started",
    literals: ["kill"],
    match: [
      calls("os.kill os.killpg", (seen) => {
        const [process, signal] = seen.args;
        if (process === undefined || process.level === 0 || process.roots.length === 0) return false;
        // the object's own process, started or set at its construction
        if (/\bself\./.test(seen.here.text.slice(seen.start, seen.end))) return false;
        const ends =
          isA(signal, /SIG(KILL|TERM|INT|QUIT)$/) || signal?.constant === 9 || signal?.constant === 15;
        return ends && !aroundSays(seen.here, asksOwner);
      }),
    ],
  },
  {
    id: "python/account-unchecked",
    cwe: 285,
    title: "PAM login without an account check",
    severity: "high",
    why: "pam_authenticate checks only the password: expired and locked accounts can log in.",
    fix: "Call pam_acct_mgmt(handle, 0) afterwards, and reject any result other than 0",
    literals: ["pam_authenticate"],
    match: [calls(".pam_authenticate pam_authenticate", ({ here }) => !fileSays(here, /acct_mgmt/))],
  },
  {
    id: "python/page-without-login",
    cwe: 306,
    title: "Administrator page without authentication",
    severity: "medium",
    why: "Anyone who knows the URL can make changes reserved for administrators.",
    fix: "Add @login_required, and check the role: if not current_user.is_admin: abort(403)",
    literals: ["admin", "superuser"],
    match: [{ defines: isOpenToAll }],
  },
  {
    id: "python/any-origin",
    cwe: 942,
    title: "CORS allows any origin with credentials",
    severity: "medium",
    why: "The browser sends the visitor's cookies, and the other site can read the response.",
    fix: "Name the allowed origin: allow_origins=['https://app.example.org']",
    literals: ["allow_origins", "CORS", "cors"],
    match: [
      calls(".add_middleware flask_cors.CORS CORS flask_cors.cross_origin cross_origin", ({ named }) => {
        const origins = named.get("allow_origins") ?? named.get("origins");
        const all = says(origins, /^(\*|\.\*)$/) || says(origins?.entries?.get("0"), /^(\*|\.\*)$/);
        return (
          all &&
          [named.get("allow_credentials"), named.get("supports_credentials")].some((one) => is(one, true))
        );
      }),
    ],
  },
  {
    id: "python/function-from-outside",
    cwe: 470,
    title: "Unsafe reflection: function name from untrusted input",
    severity: "medium",
    why: "Any function of the object can be called, not only the intended ones.",
    fix: "Look up the allowed functions in a dictionary: ACTIONS[name]",
    literals: ["getattr", "globals", "locals"],
    match: [calls("getattr", ({ args: [, name] }) => carries(name, "code") === 2)],
  },
  {
    id: "python/short-password",
    cwe: 521,
    title: "Minimum password length below 8 characters",
    severity: "low",
    why: "Attackers can guess short passwords.",
    fix: "Reject passwords with len(password) < 12; NIST requires at least 8",
    literals: ["len("],
    match: [
      operates("< <= > >=", ({ operator, operands: [length, bound], here }) => {
        const least = bound?.constant;
        if (length === undefined || typeof least !== "number" || length.path !== "len()") return false;
        const shortest = operator === "<" || operator === ">=" ? least : least + 1;
        if (shortest < 3 || shortest >= 8) return false;
        return (
          length.roots.length === 1 &&
          comesFrom(length, /^(new_?)?(password|passwd|pwd)\d?$/i) &&
          /valid|check|strong|accept|register|signup|sign_up|create|change|set|policy/i.test(
            here.inside?.name ?? "",
          )
        );
      }),
    ],
  },
  {
    id: "python/lock-kept",
    cwe: 667,
    title: "Lock not released after an error",
    severity: "low",
    why: "If an exception occurs while the lock is held, all other threads wait forever.",
    fix: "Use with lock: ..., or try: ... finally: lock.release()",
    literals: [".acquire("],
    match: [{ defines: ({ made }) => keepsLock(made.body, 0) }],
  },
  {
    id: "python/compare-by-steps",
    cwe: 208,
    title: "Secret compared in non-constant time",
    severity: "medium",
    why: "The comparison time reveals how many characters match.",
    fix: "Use hmac.compare_digest(a, b) on hashes of the passwords",
    literals: ["for ", "while "],
    match: [{ defines: ({ made }) => comparesBySteps(made) }],
  },
  {
    id: "python/compared-with-itself",
    cwe: 571,
    title: "Secret compared with itself",
    severity: "high",
    why: "The check is always true, so everyone passes.",
    fix: "Compare the given value with the stored one",
    literals: ["=="],
    match: [
      operates("==", ({ here, start, end }) => {
        const [left, right, more] = here.text.slice(start, Math.min(end, start + 200)).split("==");
        return (
          more === undefined &&
          left?.trim() === right?.trim() &&
          /^[\w.]{1,80}$/.test(left?.trim() ?? "") &&
          /hash|digest|passw|pwd|token|secret|signature|checksum|\bmac\b|hmac/i.test(left ?? "")
        );
      }),
    ],
  },
  {
    id: "python/shipped-password",
    cwe: 1392,
    title: "Default password",
    severity: "high",
    why: "Attack tools try default credentials such as admin/admin first.",
    fix: "Ask for the password when the account is created, or generate one with secrets.token_urlsafe(16)",
    literals: ["admin", "root", "superuser", "guest", "postgres", '"sa"', "'sa'"],
    match: [
      calls(
        ".User User .Account Account .Admin create_user .create_user .create_superuser create_superuser add_user " +
          ".add_user .register register_user .set_credentials",
        (seen) => {
          const names = [seen.args[0], argument(seen, 0, "username", "user", "name", "login")];
          const words = [seen.args[1], seen.args[2], argument(seen, 1, "password", "passwd", "pwd")];
          const isTest = /test/i.test(seen.here.inside?.name ?? "");
          const shipped = words.some((one) => says(one, shippedWords));
          return !isTest && shipped && names.some((one) => says(one, shippedNames));
        },
      ),
    ],
  },
];
