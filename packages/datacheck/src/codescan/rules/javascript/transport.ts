/** @file JavaScript rules: unverified downloads of programs and scripts, unencrypted connections, temporary files. */
import type { AssignSeen, CallSeen } from "../../engine/seen.ts";
import { itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import {
  importsOf,
  is,
  isWorldWritable,
  says,
  shaped,
  temporaryPath,
  temporaryWords,
} from "../conditions.ts";
import { pipedToShell, sourceAround } from "../inside.ts";
import { assigns, calls } from "../matches.ts";

const clients = (
  "fetch window.fetch axios axios.get axios.post axios.put axios.patch axios.delete axios.request request " +
  "request.get request.post request.put got got.get got.post got.stream needle needle.get needle.post superagent.get " +
  "superagent.post http.get http.request ky ky.get ky.post undici.fetch undici.request node-fetch cross-fetch " +
  "$.ajax $.get $.post $.getJSON $.getScript jQuery.ajax jQuery.get jQuery.post jQuery.getJSON urllib.request " +
  "$http.get $http.post $http.put phin wretch bent hyperquest nugget download wget node-wget wget-improved.download " +
  "request-promise request-promise.get request-promise.post $fetch ofetch axios.create EventSource " +
  "navigator.sendBeacon"
).split(" ");
const programs =
  /\.(exe|dmg|pkg|apk|msi|deb|rpm|jar|sh|bash|bat|cmd|ps1|bin|run|appimage|iso|img|dll|so|dylib|zip|tar|tgz|gz|bz2|xz|7z|whl|gem|crx|xpi|vsix|war|js|mjs|py|rb|pl|php)(["'?#\s]|$)/i;
const open = /^(http|ftp):\/\/(?!localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|\[::1|host\.docker)/i;

/** The address passed to a client, as text or in its options. */
function addressOf({ args: [given, second] }: CallSeen): Value | undefined {
  const named = given?.entries?.get("url") ?? given?.entries?.get("uri") ?? given?.entries?.get("baseURL");
  return (
    named ?? (given?.shape === undefined && second?.entries !== undefined ? second.entries.get("url") : given)
  );
}

/** The file name of a download. */
function targetOf({ args }: CallSeen): Value | undefined {
  for (const { entries } of args) {
    const found = entries?.get("target") ?? entries?.get("filename") ?? entries?.get("output");
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A program or archive downloaded over a connection that others can modify. */
function fetchesProgram(seen: CallSeen): boolean {
  const address = addressOf(seen);
  if (!shaped(address, open)) return false;
  return shaped(address, programs) || shaped(targetOf(seen), programs);
}

const downloads = /(^|[;&|]\s{0,9}|\s)(curl|wget|aria2c|fetch)\s[^|;&]{0,300}(http|ftp):\/\/[^\s"']{1,300}/;

/** Runs `curl http://...` as a command, or as a program with arguments. */
function runsDownload({ args: [program, words] }: CallSeen): boolean {
  if (shaped(program, downloads)) return shaped(program, programs);
  if (!says(program, /^(curl|wget|aria2c)(\.exe)?$/)) return false;
  return itemsOf(words).some((one) => shaped(one, open) && shaped(one, programs));
}

const element = /(^|\.)(script\w{0,20}|\w{0,20}[sS]cript(El|Element|Tag)?)$|createElement\(\)$/;
const foreign = /^(https?:)?\/\/(?!localhost|127\.)[\w.-]{1,100}\.[a-z]{2,12}\//i;

/** A script of another host is added to the page without an integrity check. */
function loadsScript({ form, object, value, here }: AssignSeen): boolean {
  const path = object?.path ?? "";
  if (form !== "attribute" || !element.test(path) || !says(value, foreign)) return false;
  const around = sourceAround(here);
  return /createElement\(\s?["']script["']\s?\)/.test(around) && !/integrity/.test(around);
}

const writers = (
  "fs.writeFile fs.writeFileSync fs.promises.writeFile fs.appendFile fs.appendFileSync fs.createWriteStream " +
  "fs.open fs.openSync fs.promises.open fs.outputFile fs.outputFileSync fs.writeJson fs.writeJsonSync Bun.write"
).split(" ");

/** Writes a file with a fixed name to a world-writable directory. */
function writesTemporary({ args: [name, ...rest], here }: CallSeen): boolean {
  if (name === undefined || name.level > 0) return false;
  const source = name.made === undefined ? "" : here.text.slice(name.made.start, name.made.end);
  const isThere =
    shaped(name, temporaryPath) || /os\.tmpdir\(\)|(^|[^.\w])tmpdir\(\)|env\.TE?MP(DIR)?\b/.test(source);
  if (!isThere || /random|uuid|nanoid|mkdtemp|crypto/i.test(`${source} ${sourceAround(here).slice(0, 2000)}`))
    return false;
  return !rest.some(
    ({ entries, constant }) => entries?.has("mode") === true || /x/.test(String(constant ?? "")),
  );
}

/** Rules on downloads and stored files. */
export const javascriptTransportRules: readonly Rule[] = [
  {
    id: "javascript/program-over-open-channel",
    cwe: 829,
    title: "Program or archive downloaded without encryption",
    severity: "medium",
    why: "An on-path attacker can replace the download.",
    fix: "Use https://, and verify a checksum before using the file",
    literals: ["http://", "ftp://"],
    match: [
      calls(clients.join(" "), fetchesProgram),
      calls(
        "child_process.exec child_process.execSync child_process.execFile child_process.execFileSync " +
          "child_process.spawn child_process.spawnSync execa execa.execa execa.command shelljs.exec",
        runsDownload,
      ),
    ],
  },
  {
    id: "javascript/download-run",
    cwe: 494,
    title: "Script downloaded and executed without verification",
    severity: "medium",
    why: "An attacker who controls the other host or its domain name can run commands here.",
    fix: "Download it, compare its checksum with a pinned value, then run it",
    literals: ["curl", "wget"],
    match: [
      calls("child_process.exec child_process.execSync execa.command shelljs.exec", ({ args: [text] }) =>
        shaped(text, pipedToShell),
      ),
    ],
  },
  {
    id: "javascript/request-open",
    cwe: 319,
    title: "Unencrypted HTTP request",
    severity: "low",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Use https://",
    literals: ["http://", "ftp://"],
    match: [
      calls(
        clients.join(" "),
        (seen) =>
          shaped(addressOf(seen), open) && !shaped(addressOf(seen), /^http:\/\/(www\.)?(w3|example|test)\./),
      ),
      calls(
        "XMLHttpRequest().open .open",
        ({ args: [method, where] }) => says(method, /^(GET|POST|PUT|PATCH|DELETE)$/i) && shaped(where, open),
      ),
    ],
  },
  {
    id: "javascript/mail-open",
    cwe: 319,
    title: "Email or files sent without encryption",
    severity: "low",
    why: "The password and the content are sent unencrypted.",
    fix: "Set secure: true or requireTLS: true",
    literals: ["ignoreTLS", "requireTLS", "secure", "telnet", "ftp"],
    match: [
      assigns(/^ignoreTLS$/, ({ form, value }) => form === "entry" && is(value, true)),
      calls("nodemailer.createTransport", ({ args: [options] }) => {
        const { entries } = options ?? {};
        return (
          is(entries?.get("secure"), false) &&
          !is(entries?.get("requireTLS"), true) &&
          !is(entries?.get("port"), 587)
        );
      }),
      calls("telnet-client.Telnet telnet-client telnet-client.TelnetSocket ftp jsftp"),
      calls(
        ".access",
        ({ args: [options], here }) =>
          is(options?.entries?.get("secure"), false) && importsOf(here, /^basic-ftp$/),
      ),
    ],
  },
  {
    id: "javascript/script-of-others",
    cwe: 353,
    title: "Third-party script without Subresource Integrity",
    severity: "low",
    why: "If that host is compromised, its script runs in this page.",
    fix: "Set script.integrity = 'sha384-...' and script.crossOrigin = 'anonymous'",
    literals: ["cript"],
    match: [assigns(/^src$/, loadsScript)],
  },
  {
    id: "javascript/temporary-file",
    cwe: 377,
    title: "Predictable file name in a shared temporary directory",
    severity: "low",
    why: "Another local user can create a symbolic link there first, or read the content.",
    fix: "Use fs.mkdtemp(path.join(os.tmpdir(), 'app-'))",
    literals: [...temporaryWords, "tmpdir", "TMP", "TEMP"],
    match: [calls(writers.join(" "), writesTemporary)],
  },
  {
    id: "javascript/file-for-all",
    cwe: 732,
    title: "World-writable file",
    severity: "medium",
    why: "Another local user can change content that is later read or run.",
    fix: "Use mode 0o640, or 0o600 for secrets",
    literals: ["chmod", "mode", "umask", "mkdir"],
    match: [
      calls(
        "fs.chmod fs.chmodSync fs.promises.chmod fs.fchmod fs.fchmodSync fs.lchmod fs.lchmodSync shelljs.chmod",
        ({ args }) => args.slice(0, 2).some(isWorldWritable),
      ),
      calls("child_process.exec child_process.execSync shelljs.exec", ({ args: [text] }) =>
        shaped(text, /\bchmod\s(-R\s)?(0?777|0?666|a\+rwx|o\+w)\b/),
      ),
      assigns(
        /^mode$/,
        ({ form, value, here }) => form === "entry" && isWorldWritable(value) && importsOf(here, /^fs(\.|$)/),
      ),
    ],
  },
];
