/** @file PHP rules: pages, redirects, requests to other hosts, headers, cookies, documents, logs. */
import { carries, isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, comesFrom, hasFixedHost, is, says, shaped } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, brokenLine, calls, operates, reaches, words } from "../matches.ts";

const plainText = /content-type:\s{0,3}(application\/json|text\/plain|text\/csv|application\/octet)/i;

/** Redirect headers with a fixed host: a complete host, or a path on the same host. */
const beginsWithHost =
  /^location:\s{0,3}(https?:\/\/[^\0/@]{1,200}[/?]|\/[^\0/\\]|[\w-]{1,60}\.php|\?|[\w./-]{1,60}\?)/i;

/** Rules on the web. */
export const phpWebRules: readonly Rule[] = [
  {
    id: "php/page-from-outside",
    cwe: 79,
    title: "Cross-site scripting (XSS): untrusted input in a page",
    severity: "high",
    why: "Markup in the input runs as script in the user's browser.",
    fix: "Use htmlspecialchars($text, ENT_QUOTES, 'UTF-8')",
    literals: ["echo", "print", "<?=", "exit", "die", "Response"],
    match: [
      reaches("html", 2, "echo print print_r var_dump exit vprintf die", ["*"], ({ here, path, args }) => {
        if (
          fileSays(here, plainText) ||
          fileSays(here, /^\s{0,9}#!|php_sapi_name\(\)\s{0,3}={2,3}\s{0,3}'cli'/)
        )
          return false;
        return (
          !(path === "print_r" && is(args[1], true)) &&
          !args.some(({ path: made, roots }) => made === "commandLine()" || roots.includes("!stored"))
        );
      }),
      reaches(
        "html",
        2,
        "Response HtmlString response",
        [0],
        ({ args: [text] }) => text !== undefined && (isBuilt(text) || text.level === 2),
      ),
      reaches(
        "html",
        2,
        ".write .setContent .setBody .getBody().write",
        [0],
        ({ args: [text], path }) =>
          /response|\$res\b|getBody/i.test(path) && text !== undefined && isBuilt(text),
      ),
      brokenLine(
        /\b(echo|print)\b[^;]{0,200}\$_(GET|POST|REQUEST|COOKIE)\[/,
        /htmlspecialchars|htmlentities|intval|esc_/,
      ),
    ],
  },
  {
    id: "php/redirect-from-outside",
    cwe: 601,
    title: "Open redirect: target from untrusted input",
    severity: "medium",
    why: "A link to this site can send users to any other site.",
    fix: "Take the target from an allowlist, or accept only paths that start with a single slash",
    literals: ["ocation", "redirect", "Redirect"],
    match: [
      calls(
        "header",
        ({ args: [text] }) =>
          carries(text, "redirect") === 2 && shaped(text, /^location:/i) && !shaped(text, beginsWithHost),
      ),
      reaches(
        "redirect",
        2,
        "redirect wp_redirect http_redirect drupal_goto RedirectResponse TrustedRedirectResponse .redirect " +
          "Redirect.to .redirectTo .withRedirect " +
          "redirect().away redirect().to",
        [0],
        ({ args: [to] }) => !hasFixedHost(to),
      ),
    ],
  },
  {
    id: "php/header-from-outside",
    cwe: 113,
    title: "Header injection: untrusted input in a response header",
    severity: "low",
    why: "An attacker controls the value of the header.",
    fix: "Take the value from an allowlist, or reject line breaks",
    literals: ["header(", "mail("],
    match: [
      calls(
        "header",
        ({ args: [text] }) =>
          carries(text, "header") === 2 &&
          shaped(text, /^(?!location:)[\w-]{0,60}/i) &&
          !shaped(text, /^location:/i),
      ),
      calls("mail", ({ args: [, , , headers] }) => carries(headers, "header") === 2),
    ],
  },
  {
    id: "php/address-from-outside",
    cwe: 918,
    title: "Server-side request forgery (SSRF): URL from untrusted input",
    severity: "high",
    why: "An attacker can make the server send requests to its internal network.",
    fix: "Check parse_url($url, PHP_URL_HOST) against an allowlist first",
    literals: words(
      "curl file_get_contents fopen fsockopen Http:: Client wp_remote get_headers getimagesize",
    ),
    match: [
      reaches(
        "url",
        2,
        "curl_init wp_remote_get wp_remote_post get_headers fsockopen Http.get Http.post Client().get " +
          "Client().request Client().post",
        [0, 1],
        ({ args, path, here }) => {
          const at = /\.request$/.test(path) ? args[1] : args[0];
          return (
            carries(at, "url") === 2 &&
            !hasFixedHost(at) &&
            !aroundSays(here, /PHP_URL_HOST|parse_url\(|allowed_?hosts|allowed_?domains/i)
          );
        },
      ),
      calls(
        "curl_setopt",
        ({ args: [, option, to], here }) =>
          /CURLOPT_URL$/.test(option?.path ?? "") &&
          carries(to, "url") === 2 &&
          !hasFixedHost(to) &&
          !aroundSays(here, /PHP_URL_HOST|parse_url\(/),
      ),
      calls("file_get_contents fopen readfile", ({ args: [to], here }) => {
        if (carries(to, "url") !== 2 || hasFixedHost(to)) return false;
        const isAddress =
          shaped(to, /^https?:\/\//) ||
          /^\$_(GET|POST|REQUEST)\.(url|uri|link|src|feed|image_?url|webhook)$/i.test(to?.path ?? "") ||
          comesFrom(to, /^\$?(url|uri|link|feed)$/i);
        return isAddress && !aroundSays(here, /PHP_URL_HOST|parse_url\(/);
      }),
    ],
  },
  {
    id: "php/xml-entities",
    cwe: 611,
    title: "XML external entities (XXE) enabled",
    severity: "high",
    why: "A document can name files and URLs that the parser then fetches.",
    fix: "Remove LIBXML_NOENT and LIBXML_DTDLOAD",
    literals: words(
      "LIBXML_NOENT LIBXML_DTDLOAD libxml_disable_entity_loader substituteEntities resolveExternals",
    ),
    match: [
      calls(
        "simplexml_load_string simplexml_load_file .loadXML .load SimpleXMLElement .open .XML",
        ({ here, start, end }) =>
          /LIBXML_(NOENT|DTDLOAD|DTDATTR)/.test(here.text.slice(start, end)) &&
          !fileSays(here, /libxml_disable_entity_loader\(\s{0,3}true/),
      ),
      calls("libxml_disable_entity_loader", ({ args: [on] }) => is(on, false)),
      assigns(/^(substituteEntities|resolveExternals)$/, ({ value }) => is(value, true)),
    ],
  },
  {
    id: "php/cookie-open",
    cwe: 614,
    title: "Session cookie without Secure or HttpOnly",
    severity: "medium",
    why: "The cookie is sent over plain HTTP, or scripts can read it.",
    fix: "Use setcookie($name, $value, ['secure' => true, 'httponly' => true, 'samesite' => 'Lax'])",
    literals: ["setcookie", "setrawcookie", "session.cookie", "session_set_cookie_params", "cookie_"],
    match: [
      calls("setcookie setrawcookie", (seen) => {
        const [name, , options] = seen.args;
        if (!says(name, /sess|sid|token|auth|jwt|login|user|remember/i) || seen.spread) return false;
        if (options?.entries !== undefined)
          return !["secure", "httponly"].every(
            (key) => options.entries?.has(key) && !is(options.entries.get(key), false),
          );
        if (
          options !== undefined &&
          options.constant === undefined &&
          options.shape === undefined &&
          seen.args.length === 3 &&
          !/time\(\)/.test(options.path) &&
          options.made?.kind === "name"
        )
          return false;
        return ![argument(seen, 5, "secure"), argument(seen, 6, "httponly")].every(
          (one) => one !== undefined && !is(one, false),
        );
      }),
      calls(
        "ini_set",
        ({ args: [name, on] }) =>
          says(name, /^session\.cookie_(secure|httponly)$/) &&
          (is(on, 0) || is(on, false) || says(on, /^(0|off|false)?$/i)),
      ),
    ],
  },
  {
    id: "php/error-shown",
    cwe: 209,
    title: "Error details exposed to clients",
    severity: "medium",
    why: "Error messages reveal files, versions and queries.",
    fix: "Call error_log($e->getMessage()) and return a generic message",
    literals: ["getMessage", "getTrace", "_error(", "display_errors", "error_reporting", "errorInfo"],
    match: [
      calls(
        "echo print exit die var_dump print_r",
        ({ args, here }) =>
          args.some((one) => comesFrom(one, /^!trace$/)) && !fileSays(here, /php_sapi_name|PHP_SAPI|STDERR/),
      ),
      calls(
        "ini_set",
        ({ args: [name, on] }) =>
          says(name, /^display_errors$/) && (is(on, 1) || is(on, true) || says(on, /^(1|on|true)$/i)),
      ),
    ],
  },
  {
    id: "php/log-from-outside",
    cwe: 117,
    title: "Log injection: untrusted input in a log",
    severity: "low",
    why: "Line breaks in the input forge log entries.",
    fix: 'Remove line breaks: str_replace(["\\r", "\\n"], \'\', $text)',
    literals: ["log", "Log"],
    match: [
      calls(
        "error_log syslog Log.info Log.error Log.warning Log.debug .info .error .warning .debug .notice",
        ({ path, args }) =>
          /log/i.test(path) &&
          args.some((one) => carries(one, "log") === 2 && (isBuilt(one) || one.path !== "")),
      ),
    ],
  },
  {
    id: "php/origin-any",
    cwe: 942,
    title: "CORS allows any origin",
    severity: "medium",
    why: "Scripts on any website can read the service's responses to its users.",
    fix: "Name the allowed origin: header('Access-Control-Allow-Origin: https://app.example.org')",
    literals: ["Access-Control-Allow-Origin"],
    match: [
      calls(
        "header",
        ({ args: [text], here }) =>
          (says(text, /^access-control-allow-origin:\s{0,3}\*$/i) &&
            fileSays(here, /Allow-Credentials:\s{0,3}true/i)) ||
          (text?.level === 2 && shaped(text, /^access-control-allow-origin:/i)),
      ),
    ],
  },
  {
    id: "php/loose-comparison",
    cwe: 697,
    title: "Hashes compared with ==",
    severity: "medium",
    why: "Two hashes that look like numbers, such as `0e1` and `0e2`, are equal under `==`.",
    fix: "Use hash_equals($known, $given) or password_verify",
    literals: ["md5", "sha1", "hash("],
    match: [
      operates(
        "==",
        ({ operands, here, start, end }) =>
          operands.some((one) => /^(md5|sha1|hash|crypt)\(\)$/.test(one.path)) &&
          operands.every((one) => one.constant === undefined) &&
          /[^=!]==[^=]/.test(here.text.slice(start, end)),
      ),
    ],
  },
];
