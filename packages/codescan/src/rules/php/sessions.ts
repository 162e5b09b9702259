/** @file PHP: sessions and their cookies, open channels, accounts without passwords. */
import type { CallSeen } from "../../engine/seen.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, is, says, shaped } from "../conditions.ts";
import { aroundSays, fileSays, isForChecksum } from "../inside.ts";
import { assigns, calls } from "../matches.ts";

/** Functions that set a cookie, by the places of `secure` and `httponly`. */
const cookies: Readonly<Record<string, readonly [number, number]>> = {
  setcookie: [5, 6],
  setrawcookie: [5, 6],
  session_set_cookie_params: [3, 4],
  Cookie: [5, 6],
  "Cookie.create": [5, 6],
};

/** A flag that is off, or left out where all others are written down. */
function isOff(value: Value | undefined, isLeftOut: boolean): boolean {
  return value === undefined ? isLeftOut : is(value, false) || is(value, 0);
}

/** A cookie of any name that goes over open channels, or that scripts can read. */
function lacksFlags(seen: CallSeen): boolean {
  const places = cookies[seen.path];
  if (places === undefined || seen.spread || seen.args.length + seen.named.size === 0) return false;
  const options = seen.args.find(({ entries }) => entries !== undefined);
  const [secure, open] = (["secure", "httponly"] as const).map((name, at) => {
    if (options !== undefined)
      return isOff(
        options.entries?.get(name),
        options.whole === true && options.entries?.has("secure") === true,
      );
    const value = argument(seen, places[at] ?? 0, name);
    const isKnown = seen.args.length !== 3 || seen.args[2]?.made?.kind !== "name";
    return isOff(value, isKnown && (seen.path.startsWith("session_") || seen.args.length > 5));
  });
  return secure === true || open === true;
}

const login = /log-?_?in|sign-?_?in|authenticat|password_verify/i;
const user = /^\$_SESSION\[\s?['"](user|uid|login|logged_?in|is_?logged|auth|admin|account)/i;
const settings = /^session\.(use_strict_mode|use_only_cookies|cookie_secure|cookie_httponly)$/;

/** What sets a protocol that is broken. */
const oldProtocol =
  /STREAM_CRYPTO_METHOD_(ANY_CLIENT|ANY_SERVER|SSLv\w{1,12}|TLS_CLIENT|TLS_SERVER|TLSv1_0\w{0,12}|TLSv1_1\w{0,12})$|CURL_SSLVERSION_(SSLv[23]|TLSv1|TLSv1_0|TLSv1_1|DEFAULT)$/;

const openAddress =
  /^(http|ftp):\/\/(?!localhost|127\.|10\.|192\.168\.|\[::1|www\.w3\.org|schemas?\.|example)[\w.-]{3,100}\.[a-z]{2,10}/i;
const clients =
  "curl_init file_get_contents fopen copy " +
  ".request .get .post .put .delete GuzzleHttp.Client Client Http.get Http.post " +
  "wp_remote_get wp_remote_post SoapClient simplexml_load_file readfile get_headers";

/** Rules on sessions. */
export const phpSessionRules: readonly Rule[] = [
  {
    id: "php/cookie-flags",
    cwe: 614,
    title: "A cookie without its protections",
    severity: "low",
    why: "The cookie travels unencrypted, or scripts can read it.",
    fix: "['secure' => true, 'httponly' => true, 'samesite' => 'Lax']",
    literals: ["ookie"],
    match: [
      calls(Object.keys(cookies).join(" "), lacksFlags),
      calls(
        "ini_set",
        ({ args: [name, on] }) =>
          says(name, settings) && (is(on, 0) || is(on, false) || says(on, /^(0|off|false)?$/i)),
      ),
      calls("session_start", ({ args: [options] }) =>
        ["cookie_secure", "cookie_httponly", "use_strict_mode"].some((name) =>
          isOff(options?.entries?.get(name), false),
        ),
      ),
    ],
    bad: [
      "<?php\nsetcookie('theme', $t, 0, '/', '', false, true);\n",
      "<?php\nsession_set_cookie_params(3600, '/', 'a.org', true, false);\n",
    ],
    good: [
      "<?php\nsetcookie('theme', $t, 0, '/', '', true, true);\n",
      "<?php\nsession_set_cookie_params(['lifetime' => 3600, 'secure' => true, 'httponly' => true]);\n",
    ],
  },
  {
    id: "php/session-fixed",
    cwe: 384,
    title: "A session whose number is not new when somebody logs in",
    severity: "medium",
    why: "Who gave a visitor the number beforehand is then logged in as well.",
    fix: "session_regenerate_id(true)",
    literals: ["session", "SESSION"],
    match: [
      calls("session_id", ({ args: [id] }) => id !== undefined && !/session_create_id\(\)/i.test(id.path)),
      assigns(
        /^(session|\$_SESSION|)$/,
        ({ here, start }) =>
          user.test(here.text.slice(start, start + 80)) &&
          aroundSays(here, login) &&
          !fileSays(here, /session_regenerate_id|migrate\(|regenerate\(/),
      ),
      assigns(/^session_fixation_strategy$/, ({ value }) => says(value, /^none$/i)),
    ],
    bad: [
      "<?php\nsession_id($_GET['id']);\n",
      "<?php\nif (password_verify($_POST['p'], $row['hash'])) { $_SESSION['user_id'] = $row['id']; }\n",
    ],
    good: [
      "<?php\n$id = session_id();\n",
      "<?php\nif (password_verify($_POST['p'], $row['hash'])) { session_regenerate_id(true); $_SESSION['user_id'] = $row['id']; }\n",
    ],
  },
  {
    id: "php/protocol-old",
    cwe: 327,
    title: "An old version of TLS",
    severity: "medium",
    why: "Its ciphers are broken.",
    fix: "STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT, CURL_SSLVERSION_TLSv1_2",
    literals: ["STREAM_CRYPTO", "CURL_SSLVERSION", "CURLOPT_SSLVERSION"],
    match: [
      assigns(/^crypto_method$/, ({ form, value }) => form === "entry" && oldProtocol.test(value.path)),
      calls("stream_socket_enable_crypto", ({ args: [, , how] }) => oldProtocol.test(how?.path ?? "")),
      calls(
        "curl_setopt",
        ({ args: [, name, how] }) =>
          /CURLOPT_SSLVERSION$/.test(name?.path ?? "") &&
          (oldProtocol.test(how?.path ?? "") || [1, 2, 3, 4, 5].some((one) => is(how, one))),
      ),
    ],
    bad: [
      "<?php\n$c = stream_context_create(['ssl' => ['crypto_method' => STREAM_CRYPTO_METHOD_TLSv1_0_CLIENT]]);\n",
    ],
    good: [
      "<?php\n$c = stream_context_create(['ssl' => ['crypto_method' => STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT]]);\n",
    ],
  },
  {
    id: "php/request-open",
    cwe: 319,
    title: "A request without encryption",
    severity: "low",
    why: "Whoever sits in between reads and changes what goes through.",
    fix: "https://",
    literals: ["http://", "ftp"],
    match: [
      calls(clients, ({ args }) => args.slice(0, 2).some((one) => shaped(one, openAddress))),
      calls(
        "curl_setopt",
        ({ args: [, name, where] }) => /CURLOPT_URL$/.test(name?.path ?? "") && shaped(where, openAddress),
      ),
      calls("ftp_connect"),
    ],
    bad: ["<?php\n$c = curl_init('http://api.shop.org/orders');\n"],
    good: ["<?php\n$c = curl_init('https://api.shop.org/orders');\n"],
  },
  {
    id: "php/directory-anonymous",
    cwe: 521,
    title: "A directory that is asked without a password",
    severity: "low",
    why: "The server then answers everybody, or takes any name for logged in.",
    fix: "ldap_bind($connection, $name, getenv('LDAP_PASSWORD'))",
    literals: ["ldap_bind"],
    match: [
      calls("ldap_bind", (seen) => {
        const password = argument(seen, 2, "bind_password", "password");
        return !seen.spread && (password === undefined || is(password, "") || is(password, null));
      }),
    ],
    bad: ["<?php\nldap_bind($c);\n", "<?php\nldap_bind($c, 'cn=a', '');\n"],
    good: ["<?php\nldap_bind($c, $name, $password);\n"],
  },
  {
    id: "php/hash-weak-anywhere",
    cwe: 328,
    title: "A broken hash function",
    severity: "low",
    why: "Two texts with the same value can be made.",
    fix: "hash('sha256', $data)",
    literals: ["md5", "sha1", "crc32", "MD5", "SHA1"],
    match: [
      calls("md5 sha1 md5_file sha1_file crc32", (seen) => !isName(seen)),
      calls(
        "hash hash_init hash_file hash_pbkdf2",
        (seen) => says(seen.args[0], /^(md2|md4|md5|sha1|crc32b?|haval\w{0,8}|adler32)$/i) && !isName(seen),
      ),
    ],
    bad: ["<?php\n$h = md5($data);\n"],
    good: ["<?php\n$h = hash('sha256', $data);\n", "<?php\n$cache_key = md5($query);\n"],
  },
];

/** A key of a cache, a name, a mark of a version: nothing that has to be unique against somebody's will. */
function isName({ here, start }: CallSeen): boolean {
  const line = here.text.slice(here.text.lastIndexOf("\n", start) + 1, start);
  return (
    isForChecksum(here) ||
    /cache|key|etag|checksum|gravatar|hash_?id|unique|slug|version|file_?name|finger|transient|\bid\b/i.test(
      line,
    )
  );
}
