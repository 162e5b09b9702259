/** @file JavaScript rules: decisions based on request data, and amounts chosen by a request. */

import type { CallSeen, OperationSeen } from "../../engine/seen.ts";
import { itemsOf } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { importsOf, nameOf, says } from "../conditions.ts";
import { fileSays, sourceAround } from "../inside.ts";
import { assigns, calls, operates, reaches } from "../matches.ts";

const kinds = /(^|\.)request\.(cookies|query|params|body|headers?)\b/;
const paired = /csrf|xsrf|state|token|nonce|signature|challenge|etag|locale|lang/i;

/** Compares two values from different parts of the same request. */
function comparesOwn({ operands: [a, b] }: OperationSeen): boolean {
  const [one, other] = [a, b].map((value) => kinds.exec(value?.path ?? "")?.[2]);
  if (one === undefined || other === undefined || one === other) return false;
  if (one !== "cookies" && other !== "cookies") return false;
  return !paired.test(`${a?.path} ${b?.path}`);
}

const rights =
  /(^|[._])(is_?)?(admin|administrator|root|superuser|staff|role|roles|permission|privileged?|is_?logged_?in|logged_?in|authenticated|authorized|access_?level|user_?type)$/i;

/** `req.cookies.role === "admin"`: the client claims its own privileges. */
function claimsRight({ operands }: OperationSeen): boolean {
  const asked = operands.find(({ path }) =>
    /(^|\.)request\.(cookies|query|headers|body|header\(\))\b/.test(path),
  );
  const said = operands.find((one) => one !== asked);
  return (
    asked !== undefined &&
    (rights.test(nameOf(asked)) || rights.test(asked.path)) &&
    (typeof said?.constant === "string" || said?.constant === true || said?.constant === 1)
  );
}

/** Compares signatures or tokens character by character, in variable time. */
function comparesSecret({ operands: [a, b], here }: OperationSeen): boolean {
  if (a === undefined || b === undefined || a.constant !== undefined || b.constant !== undefined)
    return false;
  const isMade = [a, b].some(({ path }) => /createHmac\(\)(\.update\(\))*\.digest\(\)$/.test(path));
  const isKept = [a, b].some(({ path }) => /^process\.env\.\w{0,40}(SECRET|TOKEN|KEY|PASSWORD)/.test(path));
  const isAsked = [a, b].some(({ level, path }) => level === 2 || /(^|\.)request\./.test(path));
  return (isMade || (isKept && isAsked)) && !fileSays(here, /timingSafeEqual/);
}

const made =
  "setTimeout setInterval Buffer.alloc Buffer.allocUnsafe Buffer.allocUnsafeSlow Buffer Array ArrayBuffer " +
  "SharedArrayBuffer Uint8Array Uint16Array Uint32Array Float64Array Float32Array Int32Array crypto.randomBytes " +
  "_.range _.times _.repeat _.padStart _.padEnd _.padEnd .repeat .padStart .padEnd";
const asked = /(^|[.(\s])(req|request|ctx|event)\.(query|params|body|headers)\b|searchParams\.get\(/;
const bounded = /Math\.min\(|[<>]=?|clamp|\.min\(|\.max\(|limit/i;

/** Uses a size, time or count from a request without a bounds check. */
function takesAmount({ path, args, here, start, end }: CallSeen): boolean {
  const amount = /^set(Timeout|Interval)$/.test(path) ? args[1] : args[0];
  if (amount === undefined || amount.constant !== undefined || amount.entries !== undefined) return false;
  const own = here.text.slice(start, end);
  const around = sourceAround(here);
  const name =
    amount.made?.kind === "name"
      ? amount.made.name
      : (/([\w$]{1,40})\)?$/.exec(own.replace(/\)$/, ""))?.[1] ?? "");
  const isAsked =
    amount.level === 2 || asked.test(own.slice(-120)) || (name !== "" && assignsAsked(around, name));
  return isAsked && !bounded.test(around.replaceAll("=>", "").replace(/<\/?\w[^<>]{0,80}>/g, ""));
}

/** `const size = parseInt(req.query.size)`. */
function assignsAsked(text: string, name: string): boolean {
  for (const line of text.split("\n").slice(0, 400)) {
    const at = line.indexOf(`${name} =`);
    if (at >= 0 && line.length < 400 && asked.test(line.slice(at))) return true;
  }
  return false;
}

const formatters =
  "util.format util.log console.log console.error console.info console.warn console.debug console.trace printf " +
  "sprintf-js.sprintf sprintf-js.vsprintf sprintf vsprintf printj.sprintf printj.vsprintf format-util string-template";

/** Rules on decisions based on requests. */
export const javascriptTrustRules: readonly Rule[] = [
  {
    id: "javascript/right-claimed",
    cwe: 807,
    title: "Authorization based on client-controlled data",
    severity: "medium",
    why: "Clients control their cookies, headers and form fields.",
    fix: "Keep the role in the session, or in a token with a verified signature",
    literals: ["cookies", "query", "headers", "body"],
    match: [operates("== !=", (seen) => comparesOwn(seen) || claimsRight(seen))],
  },
  {
    id: "javascript/compared-letter-by-letter",
    cwe: 208,
    title: "Secret compared in non-constant time",
    severity: "low",
    why: "The response time reveals how many characters match.",
    fix: "Use crypto.timingSafeEqual(a, b)",
    literals: ["createHmac", "process.env"],
    match: [operates("== !=", comparesSecret)],
  },
  {
    id: "javascript/amount-from-outside",
    cwe: 770,
    title: "Size, count or timeout from untrusted input",
    severity: "medium",
    why: "A large value exhausts memory, or keeps a timer running for days.",
    fix: "Limit the value: Math.min(Number(req.query.size), 1000)",
    literals: ["query", "params", "body", "headers", "searchParams"],
    match: [calls(made, takesAmount)],
  },
  {
    id: "javascript/format-from-outside",
    cwe: 134,
    title: "Format string from untrusted input",
    severity: "low",
    why: "%s and %d in the input consume the values that follow, which falsifies the log entry.",
    fix: "Use a constant format: console.log('%s', text, value)",
    literals: ["log", "format", "printf", "console", "template"],
    match: [
      reaches(
        "format",
        2,
        formatters,
        [0],
        ({ args: [text, ...rest] }) => rest.length > 0 && text?.level === 2,
      ),
    ],
  },
  {
    id: "javascript/upload-unlimited",
    cwe: 434,
    title: "Unrestricted file upload: size and type not limited",
    severity: "low",
    why: "Uploads can fill the disk. The server can run an uploaded file or display it as a page.",
    fix: "Limit size and type: multer({ dest, limits: { fileSize: 1_000_000 }, fileFilter })",
    literals: ["multer", "formidable", "busboy", "fileUpload", "maxFileSize"],
    match: [
      calls(
        "multer",
        ({ args: [options] }) =>
          options?.whole === true && !options.entries?.has("limits") && !options.entries?.has("fileFilter"),
      ),
      calls(
        "express-fileupload",
        ({ args: [options] }) =>
          options === undefined || (options.whole === true && !options.entries?.has("limits")),
      ),
      assigns(
        /^(maxFileSize|maxFieldsSize|fileSize)$/,
        ({ form, value, here }) =>
          (form === "entry" || form === "attribute") &&
          (says(value, /infinity/i) ||
            (typeof value.constant === "number" && value.constant > 200 * 1024 * 1024)) &&
          importsOf(here, /formidable|multer|busboy|fileupload/),
      ),
    ],
  },
  {
    id: "javascript/debugging-served",
    cwe: 489,
    title: "Development error handler enabled in production",
    severity: "low",
    why: "It shows source code, paths and values to anyone who triggers an error.",
    fix: "Use it only in development: if (process.env.NODE_ENV === 'development') app.use(errorhandler())",
    literals: ["errorhandler", "errorHandler", "inspect", "remote-debugging"],
    match: [
      calls(
        "errorhandler express.errorHandler",
        ({ here }) => !fileSays(here, /NODE_ENV|app\.get\(\s?["']env|configure\(/),
      ),
      assigns(
        /^args$/,
        ({ form, value }) =>
          form === "entry" &&
          itemsOf(value).some((one) => says(one, /^--remote-debugging-address=(?!127\.|localhost)/)),
      ),
    ],
  },
  {
    id: "javascript/opener-kept",
    cwe: 1022,
    title: "Link or window without noopener",
    severity: "low",
    why: "The opened page can replace the original page, for example with a copy of its login form.",
    fix: "Set rel=\"noopener\", or call window.open(url, '_blank', 'noopener')",
    literals: ["_blank", "window.open"],
    match: [
      calls(
        "window.open",
        ({ args: [where, name, settings] }) =>
          says(where, /^https?:\/\//) &&
          (name === undefined || says(name, /^_blank$/)) &&
          !says(settings, /noopener|noreferrer/) &&
          (settings === undefined || typeof settings.constant === "string"),
      ),
      calls(
        "<a>",
        ({ named }) =>
          says(named.get("target"), /^_blank$/) &&
          says(named.get("href"), /^https?:\/\//) &&
          !says(named.get("rel"), /noopener|noreferrer/),
      ),
    ],
  },
];
