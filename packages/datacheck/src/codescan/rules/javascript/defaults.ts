/** @file JavaScript rules: secure library defaults that are disabled, and request data passed to unknown functions. */
import type { CallSeen } from "../../engine/seen.ts";
import { carries, itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { importsOf, is, says } from "../conditions.ts";
import { fileSays, sourceAround } from "../inside.ts";
import { assigns, calls, reaches, words } from "../matches.ts";

/** DOMPurify options that allow scripts or markup that can become one. */
const loosens =
  /^(ALLOW_UNKNOWN_PROTOCOLS|ALLOW_SELF_CLOSE_IN_ATTR|SAFE_FOR_XML|SANITIZE_DOM|WHOLE_DOCUMENT|ALLOW_DATA_ATTR)$/;
const risky =
  /^(script|iframe|object|embed|base|form|style|link|meta|svg|math|foreignobject|srcdoc|formaction|on[a-z]{3,20})$/i;

function lists(value: Value | undefined): boolean {
  return itemsOf(value).some((one) => says(one, risky));
}

const looks =
  /startsWith\(|indexOf\(|includes\(|basename\(|relative\(|normalize\(|isSafe|valid|sanitiz|resolve\([^)]{0,80}\)\.starts|\.test\(|\.match\(/i;
const files =
  /\bfs\.|sendFile|readFile|writeFile|createReadStream|createWriteStream|unlink|download\(|\.replace\(/;

/** A path that contains request text is passed to an unknown function. */
function joinsRequest({ args, here }: CallSeen): boolean {
  const around = sourceAround(here);
  return args.some((one) => carries(one, "path") === 2) && !looks.test(around) && !files.test(around);
}

/** Whether a message listener uses the data without checking the sender. */
function trustsSender({ args: [name, handler], path, here }: CallSeen): boolean {
  const made = handler?.made;
  if (
    !is(name, "message") ||
    made?.kind !== "function" ||
    !/^(window\.|top\.|parent\.|globalThis\.)/.test(path)
  )
    return false;
  const body = here.text.slice(made.start, made.end);
  return /\.data\b|\{\s?data\b/.test(body) && !/origin|\.source\b|isTrusted/i.test(body);
}

/** Rules on settings. */
export const javascriptDefaultRules: readonly Rule[] = [
  {
    id: "javascript/markup-allowed",
    cwe: 79,
    title: "Raw HTML allowed in rendered Markdown or pages",
    severity: "medium",
    why: "Tags and scripts in the input become part of the page.",
    fix: "Disable raw HTML, or sanitize the result: DOMPurify.sanitize(html)",
    literals: words(
      "markdown arked sanitize escape allowDangerousHtml skipHtml escapeHtml DOMPurify dompurify " +
        "allowDangerousProtocol",
    ),
    match: [
      calls("markdown-it", ({ args: [options, second] }) =>
        [options, second].some((one) => is(one?.entries?.get("html"), true)),
      ),
      calls("marked marked.parse marked.setOptions marked.marked", ({ args }) =>
        args.some((one) => is(one.entries?.get("sanitize"), false)),
      ),
      assigns(
        /^(escapeHtml|sanitize|skipHtml)$/,
        ({ form, path, value }) =>
          form === "argument" && /^<\w{0,20}Markdown>$/.test(path) && is(value, false),
      ),
      assigns(
        /^(allowDangerousHtml|allowDangerousProtocol)$/,
        ({ form, value }) => (form === "entry" || form === "argument") && is(value, true),
      ),
      assigns(
        /^escape$/,
        ({ form, path, value }) =>
          form === "attribute" &&
          /^(mustache|Mustache|handlebars|Handlebars(\.Utils)?|_)\.escape$/.test(path) &&
          value.made?.kind === "function",
      ),
      calls("DOMPurify.sanitize DOMPurify().sanitize DOMPurify.setConfig", ({ args }) => {
        const entries = args.at(-1)?.entries;
        return (
          lists(entries?.get("ADD_TAGS")) ||
          lists(entries?.get("ADD_ATTR")) ||
          lists(entries?.get("ALLOWED_TAGS"))
        );
      }),
      assigns(
        loosens,
        ({ form, name, value, here }) =>
          form === "entry" &&
          (/^(SAFE|SANITIZE)/.test(name)
            ? is(value, false)
            : is(value, true) && /UNKNOWN|SELF_CLOSE/.test(name)) &&
          fileSays(here, /purify/i),
      ),
    ],
  },
  {
    id: "javascript/header-off",
    cwe: 79,
    title: "Security headers against XSS disabled",
    severity: "low",
    why: "The browser then runs injected scripts, or guesses that a text file is a script.",
    fix: "Use helmet(), and configure only what a page needs",
    literals: ["contentSecurityPolicy", "noSniff", "xContentTypeOptions", "unsafe-"],
    match: [
      assigns(
        /^(contentSecurityPolicy|noSniff|xContentTypeOptions)$/,
        ({ form, value, here }) => form === "entry" && is(value, false) && fileSays(here, /helmet/),
      ),
    ],
  },
  {
    id: "javascript/transport-not-strict",
    cwe: 319,
    title: "HTTP Strict Transport Security (HSTS) disabled",
    severity: "low",
    why: "An on-path attacker can intercept the first request of a visit.",
    fix: "Use helmet.hsts({ maxAge: 31536000, includeSubDomains: true })",
    literals: ["hsts", "strictTransportSecurity"],
    match: [
      assigns(
        /^(hsts|strictTransportSecurity)$/,
        ({ form, value, here }) => form === "entry" && is(value, false) && fileSays(here, /helmet/),
      ),
    ],
  },
  {
    id: "javascript/origin-of-all",
    cwe: 942,
    title: "CORS allows any origin",
    severity: "low",
    why: "Any website can read responses that are meant for your own pages.",
    fix: "Name the allowed origin: cors({ origin: 'https://app.example.org' })",
    literals: ["ccess-", "cors", "ACCESS-"],
    match: [
      calls(
        ".setHeader .header .set .append .appendHeader",
        ({ args: [name, value] }) => says(name, /^access-control-allow-origin$/i) && says(value, /^\*$/),
      ),
      assigns(/^access-control-allow-origin$/i, ({ form, value }) => form === "entry" && says(value, /^\*$/)),
      calls(
        "cors @koa/cors @fastify/cors fastify-cors",
        ({ args: [options] }) =>
          options === undefined ||
          says(options.entries?.get("origin"), /^\*$/) ||
          is(options.entries?.get("origin"), true),
      ),
    ],
  },
  {
    id: "javascript/message-unasked",
    cwe: 346,
    title: "Message handler does not check the origin",
    severity: "low",
    why: "Any page that embeds this window, or is embedded by it, can send a message.",
    fix: "Check the origin: if (event.origin !== 'https://a.org') return",
    literals: ["message"],
    match: [calls("addEventListener .addEventListener", trustsSender)],
  },
  {
    id: "javascript/path-joined",
    cwe: 22,
    title: "Path traversal: untrusted input in a path",
    severity: "medium",
    why: "`../` in the input escapes the intended directory.",
    fix: "Check the resolved path: const path = resolve(base, name); if (!path.startsWith(base + sep)) throw ...",
    literals: ["path", "join", "resolve"],
    match: [calls("path.join path.resolve path.posix.join", joinsRequest)],
  },
  {
    id: "javascript/objects-from-yaml",
    cwe: 502,
    title: "Unsafe deserialization of YAML",
    severity: "medium",
    why: "With js-yaml before version 4, or with its full schema, the input can contain functions that run.",
    fix: "Use yaml.load(text, { schema: yaml.CORE_SCHEMA })",
    literals: ["yaml"],
    match: [
      reaches(
        "code",
        2,
        "js-yaml.load js-yaml.loadAll",
        [0],
        ({ args: [, options] }) => options?.entries?.has("schema") !== true,
      ),
      reaches(
        "code",
        1,
        "js-yaml.safeLoad js-yaml.safeLoadAll js-yaml.load js-yaml.loadAll",
        [0],
        ({ args, here }) =>
          args.some((one) => /FULL_SCHEMA|UNSAFE/i.test(one.entries?.get("schema")?.path ?? "")) &&
          importsOf(here, /yaml/),
      ),
    ],
  },
];
