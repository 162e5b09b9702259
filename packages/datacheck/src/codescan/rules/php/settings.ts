/** @file PHP rules: settings and calls that disable a protection. */
import { carries, itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, says, shaped } from "../conditions.ts";
import { assigns, calls, operates, reaches } from "../matches.ts";

const hashes = /^(md5|sha1|hash|hash_hmac|crc32|md5_file|sha1_file)\(\)$/;

function isHash(value: Value | undefined): boolean {
  return value !== undefined && (hashes.test(value.path) || /get_?random_?bytes\(\)$/i.test(value.path));
}

/** Whether an entry of an array literal disables a setting. */
function turnsOff(value: Value, name: string): boolean {
  const entry = value.entries?.get(name);
  return is(entry, false) || itemsOf(value).some((one) => is(one.entries?.get(name), false));
}

/** Rules on settings. */
export const phpSettingRules: readonly Rule[] = [
  {
    id: "php/system-told",
    cwe: 200,
    title: "phpinfo() exposed to clients",
    severity: "medium",
    why: "It shows versions, paths, environment variables and cookies.",
    fix: "Remove it, or run php -i on the command line",
    literals: ["phpinfo"],
    match: [calls("phpinfo")],
  },
  {
    id: "php/class-from-outside",
    cwe: 470,
    title: "Unsafe reflection: class name from untrusted input",
    severity: "high",
    why: "A client can instantiate any class of the program with any arguments, and its constructor runs.",
    fix: "Take the class from an allowlist: $classes[$_GET['type']] ?? null",
    literals: ["new $"],
    match: [
      calls("$_GET.* $_POST.* $_REQUEST.* $_COOKIE.*", ({ here, start }) =>
        /^new\s/.test(here.text.slice(start, start + 4)),
      ),
    ],
  },
  {
    id: "php/session-key-from-outside",
    cwe: 501,
    title: "Session key from untrusted input",
    severity: "medium",
    why: "A client can set entries that the program trusts, such as the logged-in user.",
    fix: "Use a constant key: $_SESSION['color'] = ...",
    literals: ["_SESSION["],
    match: [
      {
        line: /\$_SESSION\s?\[\s?\$_(GET|POST|REQUEST|COOKIE)\s?\[[^\]]{1,80}\]\s?\]\s?=[^=]/,
      },
    ],
  },
  {
    id: "php/forms-unprotected",
    cwe: 352,
    title: "CSRF protection disabled",
    severity: "medium",
    why: "Another site can submit the form as the logged-in user.",
    fix: "Keep csrf_protection set to true",
    literals: ["csrf", "Csrf", "check_ajax_referer", "VerifyCsrfToken"],
    match: [
      calls(
        ".setDefaults .setDefault .prependExtensionConfig .loadFromExtension .createForm .extension .configureOptions",
        ({ args }) =>
          args.some((one) => turnsOff(one, "csrf_protection")) ||
          (says(args[0], /^csrf_protection$/) && is(args[1], false)),
      ),
      calls("check_ajax_referer", ({ args: [, , stops] }) => is(stops, false)),
      assigns(/^\$?enableCsrfValidation$/, ({ value }) => is(value, false)),
    ],
  },
  {
    id: "php/every-site-asks",
    cwe: 942,
    title: "CORS allows any origin",
    severity: "low",
    why: "Scripts on any website can read the service's responses.",
    fix: "Name the allowed origins: https://app.example.org",
    literals: ["llow-", "Access", "access-control"],
    match: [
      calls(
        ".set .header .setHeader .withHeader .add .headers.set",
        ({ args: [name, value] }) =>
          says(name, /^\s{0,9}access-control-allow-origin\s{0,9}$/i) && says(value, /^\s{0,9}\*\s{0,9}$/),
      ),
      calls("header", ({ args: [text] }) =>
        says(text, /^\s{0,9}access-control-allow-origin\s{0,9}:\s{0,9}\*\s{0,9}$/i),
      ),
      assigns(/^access-control-allow-origin$/i, ({ form, value }) => form === "entry" && says(value, /^\*$/)),
    ],
  },
  {
    id: "php/number-cut",
    cwe: 190,
    title: "Hash converted to a number with base_convert",
    severity: "low",
    why: "base_convert uses floating point, so most of the hash is lost.",
    fix: "Use bin2hex or gmp_strval(gmp_init($hash, 16), 36)",
    literals: ["base_convert"],
    match: [calls("base_convert", ({ args: [text] }) => isHash(text))],
  },
  {
    id: "php/hash-as-number",
    cwe: 697,
    title: "Hash compared with a constant by ==",
    severity: "medium",
    why: 'Strings such as "0e462097431906509019562988736854" compare equal to the number 0.',
    fix: "Use hash_equals($known, $given), or at least ===",
    literals: ["md5", "sha1"],
    match: [
      operates(
        "==",
        ({ operands, here, start, end }) =>
          operands.some((one) => /^(md5|sha1|md5_file|sha1_file)\(\)$/.test(one.path)) &&
          operands.some((one) => is(one, 0) || says(one, /^0(e\d{1,60})?$/)) &&
          /[^=!]==[^=]/.test(here.text.slice(start, end)),
      ),
    ],
  },
  {
    id: "php/old-cipher-library",
    cwe: 327,
    title: "Unmaintained mcrypt extension",
    severity: "medium",
    why: "Its vulnerabilities are not fixed. PHP removed the extension in version 7.2.",
    fix: "Use sodium_crypto_secretbox, or openssl_encrypt with aes-256-gcm",
    literals: ["mcrypt_", "mdecrypt_"],
    match: [
      calls(
        "mcrypt_ecb mcrypt_cbc mcrypt_cfb mcrypt_ofb mcrypt_create_iv mcrypt_generic mcrypt_generic_init " +
          "mdecrypt_generic",
      ),
    ],
  },
  {
    id: "php/host-from-outside",
    cwe: 918,
    title: "Server-side request forgery (SSRF): host from untrusted input",
    severity: "medium",
    why: "An attacker can make the server send requests to its internal network.",
    fix: "Check the host against an allowlist first",
    literals: ["http"],
    match: [
      assigns(
        /url|uri|endpoint|address|link/i,
        ({ form, value }) =>
          form === "variable" && carries(value, "url") === 2 && shaped(value, /^https?:\/\/\0/),
      ),
    ],
  },
  {
    id: "php/pattern-runs",
    cwe: 94,
    title: "Regular expression modifiers from untrusted input",
    severity: "high",
    why: "With the modifier e, PHP runs the replacement as code.",
    fix: "Use constant modifiers and preg_replace_callback",
    literals: ["mb_ereg_replace", "mb_eregi_replace"],
    match: [
      reaches("code", 1, "mb_ereg_replace mb_eregi_replace", [3]),
      calls("mb_ereg_replace mb_eregi_replace", ({ args: [, , , options] }) => says(options, /e/)),
    ],
  },
];
