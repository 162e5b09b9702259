/** @file Python rules: unencrypted transport, weak protocols, servers trusted without verification. */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen } from "../../engine/seen.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, comesFrom, importsOf, is, isA, nameOf, says, shaped } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, calls, words } from "../matches.ts";

const asks = ["get", "post", "put", "delete", "head", "patch", "options"];
const clients = [
  "requests",
  "httpx",
  "requests.Session()",
  "requests.session()",
  "httpx.Client()",
  "httpx.AsyncClient()",
];
const fetchers = [
  ...clients.flatMap((client) => asks.map((name) => `${client}.${name}`)),
  ...asks.map((name) => `aiohttp.ClientSession().${name}`),
  "urllib.request.urlopen urllib.urlopen urllib2.urlopen urllib.request.urlretrieve urllib.request.Request urlopen",
  "urllib.urlretrieve urllib2.Request urllib.request.OpenerDirector().open urllib.request.URLopener().open",
  "urllib.request.URLopener().retrieve urllib.request.FancyURLopener().open urllib3.PoolManager().request wget.download",
  "requests.request httpx.request httpx.stream requests.Request",
].join(" ");

/** An unencrypted address of another machine. Excludes XML namespaces, which are never fetched. */
const openAddress =
  /^(http|ftp):\/\/(?!localhost|127\.|0\.0\.0\.0|\[?::1|169\.254\.|10\.|192\.168|[\w-]{1,60}(:|\/|$)|www\.w3\.org)/i;

function addressOf({ args, named, path }: CallSeen): Value | undefined {
  return named.get("url") ?? (/\.request$/.test(path) ? args[1] : args[0]);
}

const secretWord =
  /passw(or)?d|passwd|passphrase|secret|private_?key|api_?key|access_?token|auth_?token|credential|credit_?card|\bssn\b/i;

/** Whether a value is a secret, by its name or that of the function or field it was read from. */
function isSecretValue(value: Value | undefined): boolean {
  if (value === undefined || value.constant !== undefined) return false;
  const { made } = value;
  if (made?.kind === "call") {
    const { callee } = made;
    const name = callee.kind === "name" || callee.kind === "member" ? callee.name : "";
    if (
      /hash|encrypt|crypt|mask|redact|valid|check|verify|len|bool|has_|is_|reset|change|prompt|forgot/i.test(
        name,
      )
    )
      return false;
    if (
      /^(get|read|fetch|load|ask|make|generate|decrypt)_?\w{0,20}(password|passwd|secret|private_?key|cert|token|credential)s?$/i.test(
        name,
      )
    )
      return true;
    return (
      secretWord.test(nameOf(value)) &&
      (value.level > 0 || /\.get$|getenv$/.test(callee.kind === "member" ? `.${callee.name}` : name))
    );
  }
  if (made?.kind === "member")
    return secretWord.test(made.name) && !/hash|url|field|reset|form|policy|min|max|label/i.test(made.name);
  return value.level > 0 && comesFrom(value, secretWord) && value.roots.length <= 3;
}

const sinks = ".debug .info .warning .warn .error .critical .exception print logging.log";

/** Rules on transport. */
export const pythonTransportRules: readonly Rule[] = [
  {
    id: "python/plain-address",
    cwe: 319,
    title: "Unencrypted HTTP request",
    severity: "low",
    why: "An on-path attacker can read and modify the request and the response.",
    fix: "Use https://",
    literals: ["http://", "ftp://", "HTTP://"],
    match: [
      calls(fetchers, (seen) => says(addressOf(seen), openAddress) || shaped(addressOf(seen), openAddress)),
    ],
  },
  {
    id: "python/plain-login",
    cwe: 319,
    title: "Password sent without encryption",
    severity: "medium",
    why: "An eavesdropper on the network can read the password.",
    fix: "Use https://",
    literals: ["http://"],
    match: [
      calls(fetchers, (seen) => seen.named.has("auth") && says(addressOf(seen), openAddress)),
      calls(
        "ldap.initialize ldap3.Server ldap.open",
        ({ args: [address], here }) =>
          says(address, /^ldap:\/\/(?!localhost|127\.)/) && !fileSays(here, /start_tls/i),
      ),
    ],
  },
  {
    id: "python/secret-in-clear",
    cwe: 312,
    title: "Secret stored or logged in plain text",
    severity: "medium",
    why: "More people can read logs, cookies and files than should know the secret.",
    fix: "Omit it, or store it encrypted",
    literals: ["assw", "ecret", "oken", "key", "cert", "redential", "redit", "ssn"],
    match: [
      calls(
        sinks,
        ({ path, args, here }) =>
          (path === "print" || /log/i.test(path)) &&
          !/test|main/i.test(here.inside?.name ?? "") &&
          args.some(
            (one) =>
              isSecretValue(one) &&
              !(one.level > 0 && comesFrom(one, /^(password|passwd|pwd|secret|credit_card\w{0,10}|ssn)$/i)),
          ),
      ),
      calls(
        ".set_cookie .set_signed_cookie",
        (seen) =>
          isSecretValue(argument(seen, 1, "value")) ||
          says(argument(seen, 0, "key"), /^(password|passwd|pwd)$/i),
      ),
      calls(
        ".write .writelines",
        ({ args: [text], receiver }) => /(^|\.)open\(\)$/.test(receiver.path) && isSecretValue(text),
      ),
    ],
  },
  {
    id: "python/weak-tls",
    cwe: 327,
    title: "Broken TLS version or cipher suite",
    severity: "medium",
    why: "An on-path attacker can force its use and decrypt the traffic.",
    fix: "Use ssl.create_default_context(), which disables broken versions and ciphers",
    literals: ["set_ciphers", "ciphers", "METHOD", "TLSVersion", "ssl_version", "PROTOCOL", "TLSv1", "SSLv"],
    match: [
      assigns(/^ciphers$/, ({ form, value }) => form === "argument" && hasWeakCipher(value)),
      calls(".set_ciphers", ({ args: [list] }) => hasWeakCipher(list)),
      calls("OpenSSL.SSL.Context SSL.Context pyOpenSSL.SSL.Context", (seen) =>
        isA(argument(seen, 0, "method"), /SSL\.(SSLv2|SSLv3|SSLv23|TLSv1|TLSv1_1)_METHOD$/),
      ),
      assigns(
        /^(ssl_version|ssl_minimum_version|minimum_version|maximum_version|tls_version|protocol|min_tls_version)$/,
        ({ value }) =>
          isA(
            value,
            /(PROTOCOL_SSLv[23]|PROTOCOL_TLSv1(_1)?|TLSVersion\.(SSLv3|TLSv1|TLSv1_1|MINIMUM_SUPPORTED)|SSLv[23]_METHOD|TLSv1(_1)?_METHOD)$/,
          ),
      ),
    ],
  },
  {
    id: "python/peer-unchecked",
    cwe: 295,
    title: "Server identity not verified",
    severity: "medium",
    why: "An on-path attacker can impersonate the server.",
    fix: "Set cert_reqs='CERT_REQUIRED', or call set_verify(SSL.VERIFY_PEER, check)",
    literals: words(
      "cert_reqs set_verify verify _create_stdlib_context tls_insecure AutoAddPolicy known_hosts",
    ),
    match: [
      assigns(
        /^cert_reqs$/,
        ({ value }) => says(value, /^(CERT_NONE|NONE|CERT_OPTIONAL)$/i) || isA(value, /CERT_OPTIONAL$/),
      ),
      calls(
        ".set_verify",
        ({ args: [mode], here, start, end }) =>
          isA(mode, /VERIFY_NONE$/) || /VERIFY_NONE/.test(here.text.slice(start, end)),
      ),
      assigns(
        /^verify$/,
        ({ form, path, value }) =>
          form === "argument" &&
          (is(value, 0) || is(value, "")) &&
          /(^|\.)(requests|httpx|Session\(\)|session\(\)|Client\(\))\./.test(path),
      ),
      calls("ssl._create_stdlib_context"),
      calls(".tls_insecure_set", ({ args: [on] }) => is(on, true)),
      assigns(
        /^known_hosts$/,
        ({ form, path, value }) => form === "argument" && /asyncssh\./.test(path) && is(value, null),
      ),
      assigns(
        /^(tlsAllowInvalidCertificates|tlsInsecure|tls_insecure|insecure_skip_verify|disable_ssl_certificate_validation)$/,
        ({ value }) => is(value, true),
      ),
    ],
  },
  {
    id: "python/directory-without-password",
    cwe: 521,
    title: "LDAP bind without a password",
    severity: "medium",
    why: "A login that binds without a password succeeds for everyone.",
    fix: "Use conn.simple_bind_s(name, password) with a password that is not empty",
    literals: ["bind", "ldap3"],
    match: [
      calls(".simple_bind .simple_bind_s .bind .bind_s", (seen) => {
        if (!importsOf(seen.here, /^ldap/) || /socket/.test(seen.receiver.path) || seen.spread) return false;
        const word = argument(seen, 1, "cred");
        return (
          seen.args.length + seen.named.size > 0 && (word === undefined || is(word, null) || is(word, ""))
        );
      }),
      calls("ldap3.Connection", ({ named, args }) => {
        const word = named.get("password") ?? args[2];
        return (named.has("user") || args.length > 1) && (is(word, "") || is(word, null));
      }),
    ],
  },
  {
    id: "python/token-holds-secret",
    cwe: 522,
    title: "Password in an unencrypted token",
    severity: "medium",
    why: "Signed tokens are encoded, not encrypted.",
    fix: "Put the user ID into the token, and no secrets",
    literals: ["jwt"],
    match: [
      calls("jwt.encode jose.jwt.encode authlib.jose.jwt.encode", ({ args: [first, second] }) =>
        [first, second].some((one) =>
          [...(one?.entries?.keys() ?? [])].some((key) =>
            /^(password|passwd|pwd|secret|credit_?card|ssn)$/i.test(key),
          ),
        ),
      ),
    ],
  },
  {
    id: "python/host-name-unchecked",
    cwe: 297,
    title: "TLS host name verification disabled",
    severity: "medium",
    why: "A valid certificate for any other host is accepted.",
    fix: "Keep check_hostname enabled",
    literals: ["check_hostname", "assert_hostname", "match_hostname"],
    match: [
      assigns(
        /^check_hostname$/,
        // a disabled certificate check has its own finding
        ({ form, value, here }) => form === "attribute" && is(value, false) && !aroundSays(here, /CERT_NONE/),
      ),
      assigns(/^assert_hostname$/, ({ value }) => is(value, false)),
    ],
  },
];

const weakCiphers = anyOf(
  /(^|[:+\s])(RC4|3?DES|NULL|EXP(ORT)?|aNULL|eNULL|MD5|LOW|ADH|IDEA|SEED|RC2)\b/,
  /(^|[:\s])(ALL|COMPLEMENTOFALL)(:|$)/,
);

/** Whether a cipher list permits a broken cipher; `!RC4` excludes it. */
function hasWeakCipher(value: Value | undefined): boolean {
  if (typeof value?.constant !== "string") return false;
  const allowed = value.constant.split(/[:,\s]/).filter((one) => one !== "" && !/^[!-]/.test(one));
  return (
    allowed.some(
      (one) => weakCiphers.test(one) || /-(RC4|3?DES|NULL|MD5|DES-CBC3?)\b|^(DES|RC4|EXP|NULL)-/.test(one),
    ) && !/@SECLEVEL=[2-5]/.test(value.constant)
  );
}
