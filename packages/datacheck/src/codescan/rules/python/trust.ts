/** @file Python rules: misplaced trust: addresses checked as text, downloaded code, files checked before use. */

import { anyOf } from "../../engine/language.ts";
import type { CallSeen, OperationSeen } from "../../engine/seen.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, nameOf, says, shaped } from "../conditions.ts";
import { pipedToShell } from "../inside.ts";
import { assigns, calls, operates, reaches } from "../matches.ts";

const hostName =
  /^(https?:\/\/)?(www\.)?[a-z0-9-]{2,40}(\.[a-z0-9-]{1,40}){0,4}\.(com|org|net|io|dev|edu|gov|app|co|de|uk|ai)$/i;
const addressName =
  /url|uri|href|link|host|domain|referr?er|origin|target|redirect|next|netloc|address|callback/i;

/** Whether a value is named like an address or read from such a field. */
function isAddress(value: Value | undefined): boolean {
  if (value === undefined || value.constant !== undefined || value.entries !== undefined) return false;
  return addressName.test(nameOf(value)) || value.roots.some((root) => addressName.test(root));
}

/** `"example.com" in url`. */
function asksWithin({ operands: [left, right], here, start, end }: OperationSeen): boolean {
  if (!says(left, hostName) || right === undefined || right.entries !== undefined) return false;
  const name = /\bin\s{1,5}([\w.]{1,80})/.exec(here.text.slice(start, Math.min(end, start + 300)))?.[1] ?? "";
  return addressName.test(name) && !/s$|list|allow|known|hosts/i.test(name);
}

/** `url.startswith("https://example.com")`, `host.endswith("example.com")`: anything may precede or follow the text. */
function asksEdge({ path, args: [text], receiver, here, start }: CallSeen): boolean {
  const name = /^[\w.]{1,80}(?=\.(starts|ends)with)/.exec(here.text.slice(start, start + 120))?.[0] ?? "";
  if (!isAddress(receiver) && !addressName.test(name)) return false;
  return path.endsWith(".startswith")
    ? says(text, hostName) && says(text, /^https?:/)
    : says(text, hostName) && !says(text, /^https?:/);
}

/** An unescaped dot before a known domain, which matches any character. */
const looseHost = anyOf(
  /[\w)]\.[a-z0-9-]{2,40}\\?\.(com|org|net|io|dev|edu|gov)\b/i,
  /(https?:\/\/|\^|www\\?\.)[\w-]{2,40}\.(com|org|net|io|dev|edu|gov)\b/i,
);

const download = anyOf(pipedToShell, /\b(ba|z)?sh\s{1,3}(-c\s{1,3})?["']?(<\(|\$\()(curl|wget)\b/);

/** The modes in which a file with this name is opened. */
function opened(source: string, name: string): string[] {
  return [
    ...source.matchAll(/\bopen\(\s{0,9}([\w.]{1,60})\s{0,9}(?:,\s{0,9}["'](\w{1,3}\+?)["'])?/g),
  ].flatMap(([, path, mode = "r"]) => (path === name ? [mode] : []));
}

/** Rules on trust. */
export const pythonTrustRules: readonly Rule[] = [
  {
    id: "python/address-by-part",
    cwe: 20,
    title: "Host check matches only a part of the URL",
    severity: "medium",
    why: "`https://evil.org/?example.com` and `https://example.com.evil.org` also pass.",
    fix: "Compare the parsed host: urlparse(url).hostname == 'example.com', or host.endswith('.example.com')",
    literals: [".com", ".org", ".net", ".io", ".dev", ".edu", ".gov", ".app", ".co", ".de", ".uk", ".ai"],
    match: [operates("in", asksWithin), calls(".startswith .endswith", asksEdge)],
  },
  {
    id: "python/host-pattern",
    cwe: 20,
    title: "Host name pattern with unescaped dots",
    severity: "low",
    why: "`wwwXexample.com` matches `www.example.com` and can belong to an attacker.",
    fix: "Escape the dots: re.compile(r'^https://www\\.example\\.com/')",
    literals: ["re.", "regex"],
    match: [
      calls(
        "re.compile re.match re.search re.fullmatch",
        ({ args: [pattern] }) =>
          typeof pattern?.constant === "string" &&
          !/@/.test(pattern.constant) &&
          /^\^?(\(|https?|www|[a-z])/i.test(pattern.constant) &&
          looseHost.test(pattern.constant),
      ),
    ],
  },
  {
    id: "python/download-run",
    cwe: 494,
    title: "Program downloaded and executed without verification",
    severity: "medium",
    why: "An attacker who controls the URL, or who is on the path, can run code here.",
    fix: "Download a release, compare its hash with a pinned value, then run it",
    literals: ["curl", "wget"],
    match: [
      calls(
        "os.system os.popen subprocess.run subprocess.call subprocess.check_call subprocess.check_output " +
          "subprocess.Popen subprocess.getoutput",
        ({ args: [text] }) => shaped(text, download),
      ),
    ],
  },
  {
    id: "python/remote-code",
    cwe: 829,
    title: "Remote code from a model repository enabled",
    severity: "medium",
    why: "Anyone who can write to that repository can run code here.",
    fix: "Remove trust_remote_code, or pin the reviewed commit: revision='...'",
    literals: ["trust_remote_code", "trust_repo"],
    match: [
      assigns(
        /^(trust_remote_code|trust_repo)$/,
        ({ form, value, here, start, end }) =>
          form === "argument" &&
          is(value, true) &&
          !/revision\s?=/.test(here.text.slice(Math.max(0, start - 200), end + 200)),
      ),
    ],
  },
  {
    id: "python/looked-at-before",
    cwe: 367,
    title: "Time-of-check to time-of-use (TOCTOU) race on a file",
    severity: "low",
    why: "The file can be replaced between the check and the open, for example by a symbolic link.",
    fix: "Open the file and handle the error: try: open(path) except PermissionError",
    literals: ["os.access", "os.path.exists", "os.path.isfile"],
    match: [
      calls("os.access os.path.exists os.path.isfile", ({ here, start, end, path }) => {
        const asked = /\(\s{0,9}([\w.]{1,60})\s{0,9}[,)]/.exec(here.text.slice(start, end))?.[1];
        if (asked === undefined || here.inside === undefined) return false;
        const behind = here.text.slice(end, Math.min(here.inside.end, end + 2000));
        return opened(behind, asked).some((mode) => path === "os.access" || /[wax+]/.test(mode));
      }),
    ],
  },
  {
    id: "python/template-of-others",
    cwe: 134,
    title: "Format string from untrusted input",
    severity: "medium",
    why: "`{user.__init__.__globals__}` reads the program's global variables.",
    fix: "Use a constant format; for text from users, use string.Template",
    literals: [".format"],
    match: [
      reaches(
        "format",
        2,
        ".format .format_map",
        ["this"],
        ({ receiver, args, named }) => receiver.constant === undefined && args.length + named.size > 0,
      ),
    ],
  },
  {
    id: "python/table-cells",
    cwe: 1236,
    title: "CSV injection: untrusted input in a spreadsheet cell",
    severity: "low",
    why: "A spreadsheet evaluates a cell that starts with `=` as a formula.",
    fix: "Put ' before text that starts with =, +, - or @",
    literals: ["csv"],
    match: [
      reaches("format", 2, "csv.writer().writerow csv.writer().writerows csv.DictWriter().writerow", [0]),
    ],
  },
];
