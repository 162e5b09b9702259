/** @file PHP rules: ciphers, hashes, random numbers, certificates, tokens. */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen, Here } from "../../engine/seen.ts";
import { itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, is, says } from "../conditions.ts";
import { fileSays, isForChecksum, makesOne, passwordName } from "../inside.ts";
import { assigns, calls } from "../matches.ts";

const unguessable = anyOf(
  /token|secret|passw|session_?id|\botp\b|otp$|_otp|nonce|salt|csrf|captcha|api_?key|reset/i,
  /verif|activation|\$pin\b|code$|coupon|voucher|\$iv$/i,
);

/** Whether the hashed value is a password, by the name of its variable or field. */
function isPassword(value: Value | undefined): boolean {
  return value !== undefined && (comesFrom(value, passwordName) || passwordName.test(value.path));
}

/** Whether a hash has a security purpose, according to the function's name or the hashed value. */
function isAboutTrust(text: Value | undefined, { inside }: Here): boolean {
  const about = `${text?.roots.join(" ") ?? ""} ${inside?.name ?? ""}`;
  return /token|secret|sign|auth|key|salt|verif|!random/i.test(about);
}

/** Rules on cryptography. */
export const phpCryptoRules: readonly Rule[] = [
  {
    id: "php/quick-password-hash",
    cwe: 916,
    title: "Password hashed with a fast hash function",
    severity: "high",
    why: "An attacker who steals the hash can try billions of passwords per second.",
    fix: "Use password_hash($password, PASSWORD_DEFAULT)",
    literals: ["md5", "sha1", "hash(", "crypt(", "hash_pbkdf2"],
    match: [
      calls("md5 sha1 crypt", ({ args: [text] }) => isPassword(text)),
      calls("hash", ({ args: [name, text] }) => isPassword(text) && says(name, /./)),
      calls(
        "hash_pbkdf2",
        ({ args: [, , , rounds] }) => typeof rounds?.constant === "number" && rounds.constant < 10_000,
      ),
      calls("password_hash", ({ args: [, , options] }) => {
        const cost = options?.entries?.get("cost")?.constant;
        return typeof cost === "number" && cost < 10;
      }),
    ],
  },
  {
    id: "php/weak-hash",
    cwe: 327,
    title: "Weak hash function",
    severity: "medium",
    why: "Attackers can create different inputs with the same MD5 or SHA-1 hash.",
    fix: "Use hash('sha256', $data); for passwords, use password_hash",
    literals: ["md5", "sha1", "MD5", "SHA1"],
    match: [
      calls("md5 sha1", ({ args: [text], here }) => {
        return !isPassword(text) && !isForChecksum(here) && isAboutTrust(text, here);
      }),
      calls(
        "hash hash_hmac hash_init",
        ({ args: [name, text], path, here }) =>
          says(name, /^(md2|md4|md5|sha1)$/i) &&
          !isPassword(text) &&
          (path === "hash_hmac" || isAboutTrust(text, here)),
      ),
      calls("openssl_sign openssl_verify", ({ args: [, , , how] }) =>
        /OPENSSL_ALGO_(MD5|SHA1|MD4)$/.test(how?.path ?? ""),
      ),
    ],
  },
  {
    id: "php/weak-cipher",
    cwe: 327,
    title: "Broken cipher or insecure cipher mode",
    severity: "high",
    why: "Attackers can decrypt broken ciphers. ECB mode reveals which plaintext blocks are equal.",
    fix: "Use openssl_encrypt($text, 'aes-256-gcm', $key, 0, $iv, $tag) or sodium_crypto_secretbox",
    literals: ["openssl_", "mcrypt_", "MCRYPT"],
    match: [
      calls("openssl_encrypt openssl_decrypt", ({ args: [, name] }) =>
        says(name, /^(des|des3|rc2|rc4|bf|cast5?|seed)\b|-ecb$|^(des|rc2|rc4|bf)-/i),
      ),
      calls("mcrypt_encrypt mcrypt_decrypt mcrypt_module_open"),
    ],
  },
  {
    id: "php/constant-iv",
    cwe: 329,
    title: "Constant initialization vector (IV) or nonce",
    severity: "medium",
    why: "Equal beginnings produce equal ciphertext. With GCM, a reused nonce reveals the authentication key.",
    fix: "Use random_bytes(openssl_cipher_iv_length($cipher)) for each message and store the IV before the ciphertext",
    literals: ["openssl_encrypt", "sodium_crypto"],
    match: [
      calls(
        "openssl_encrypt",
        ({ args: [, , , , iv] }) => typeof iv?.constant === "string" && iv.constant.length > 7,
      ),
      calls("sodium_crypto_secretbox", ({ args: [, nonce] }) => typeof nonce?.constant === "string"),
    ],
  },
  {
    id: "php/guessable-random",
    cwe: 330,
    title: "Secret from an insecure random number generator",
    severity: "high",
    why: "A few outputs reveal all later outputs.",
    fix: "Use bin2hex(random_bytes(16)) or random_int($from, $to)",
    literals: ["rand(", "uniqid", "lcg_value", "str_shuffle", "shuffle", "array_rand"],
    match: [
      assigns(unguessable, ({ value, form }) => form !== "argument" && comesFrom(value, /^!random$/)),
      {
        returns: ({ value, here }) =>
          value.entries === undefined && comesFrom(value, /^!random$/) && makesOne(here, unguessable),
      },
      calls("rand mt_rand uniqid str_shuffle array_rand lcg_value", ({ here }) =>
        makesOne(here, /token|passw|secret|otp|session_?id|csrf|nonce|salt|api_?key/i),
      ),
      calls("md5 sha1 hash", ({ args }) => args.some((one) => one.roots.includes("!random"))),
    ],
  },
  {
    id: "php/any-certificate",
    cwe: 295,
    title: "TLS certificate validation disabled",
    severity: "high",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Keep CURLOPT_SSL_VERIFYPEER at true and CURLOPT_SSL_VERIFYHOST at 2",
    literals: ["VERIFYPEER", "VERIFYHOST", "verify_peer", "verify", "allow_self_signed", "sslverify"],
    match: [
      calls(
        "curl_setopt",
        ({ args: [, option, on] }) =>
          (/CURLOPT_SSL_VERIFYPEER$/.test(option?.path ?? "") && (is(on, false) || is(on, 0))) ||
          (/CURLOPT_SSL_VERIFYHOST$/.test(option?.path ?? "") && (is(on, false) || is(on, 0))),
      ),
      assigns(
        /^(verify_peer|verify_peer_name|sslverify|verify)$/,
        ({ form, value }) => form === "entry" && is(value, false),
      ),
      assigns(/^allow_self_signed$/, ({ form, value }) => form === "entry" && is(value, true)),
      { line: /CURLOPT_SSL_VERIFY(PEER|HOST)\s{0,9}=>\s{0,9}(false|0)\b/i },
      calls(".withoutVerifying"),
    ],
  },
  {
    id: "php/token-unchecked",
    cwe: 347,
    title: "Token signature not verified",
    severity: "high",
    why: "An attacker can forge a token with any claims.",
    fix: "Use JWT::decode($token, new Key($key, 'HS256'))",
    literals: ["JWT", "explode('.'", 'explode("."', "'none'"],
    match: [
      calls(
        "JWT.decode",
        ({ args, here, start, end }) =>
          args.some((one) => itemsOf(one).some((two) => says(two, /^none$/i))) ||
          /,\s{0,3}(null|false|''|"")\s{0,3}[,)]/.test(here.text.slice(start, end)),
      ),
      calls("JWT.encode", ({ args: [, , how] }) => says(how, /^none$/i)),
      calls(
        "base64_decode",
        ({ args: [text], here }) =>
          fileSays(here, /explode\(\s{0,3}['"]\.['"]\s{0,3},\s{0,3}\$(jwt|token)/) &&
          /jwt|token/i.test(`${text?.roots.join(" ") ?? ""} ${here.inside?.name ?? ""}`) &&
          !fileSays(here, /hash_hmac|openssl_verify|JWT::decode/),
      ),
    ],
  },
  {
    id: "php/hash-weak-anywhere",
    cwe: 328,
    title: "Weak hash function",
    severity: "low",
    why: "Attackers can create two inputs with the same hash.",
    fix: "Use hash('sha256', $data)",
    literals: ["md5", "sha1", "crc32", "MD5", "SHA1"],
    match: [
      calls("md5 sha1 md5_file sha1_file crc32", (seen) => !isName(seen)),
      calls(
        "hash hash_init hash_file hash_pbkdf2",
        (seen) => says(seen.args[0], /^(md2|md4|md5|sha1|crc32b?|haval\w{0,8}|adler32)$/i) && !isName(seen),
      ),
    ],
  },
];

/** Whether the value is a cache key, a name or a version tag, which needs no protection against guessing. */
function isName({ here, start }: CallSeen): boolean {
  const line = here.text.slice(here.text.lastIndexOf("\n", start) + 1, start);
  return (
    isForChecksum(here) ||
    /cache|key|etag|checksum|gravatar|hash_?id|unique|slug|version|file_?name|finger|transient|\bid\b/i.test(
      line,
    )
  );
}
