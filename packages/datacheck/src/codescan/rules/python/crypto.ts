/** @file Python rules: ciphers, hashes, random numbers, comparisons. */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen } from "../../engine/seen.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, comesFrom, is, isA, isSecretName, nameOf, says } from "../conditions.ts";
import { assigns, brokenLine, calls, operates, words } from "../matches.ts";

const password = /passw|passwd|\bpwd\b|_pwd|passphrase/i;

/** Whether the hash has no security purpose, according to the function, the variable or the text. */
function isChecksum({ here, args }: CallSeen): boolean {
  const about = `${here.inside?.name ?? ""} ${args.flatMap(({ roots }) => roots).join(" ")}`;
  return checksums.test(about);
}

const checksums = anyOf(
  /checksum|etag|cache|fingerprint|dedup|digest_file|file_?hash|hash_?file|bucket|shard|partition/i,
  /gravatar|unique_?key/i,
);

const hashes =
  "hashlib.md5 hashlib.sha1 hashlib.md4 Crypto.Hash.MD5.new Crypto.Hash.SHA1.new Crypto.Hash.SHA.new " +
  "Crypto.Hash.MD2.new Crypto.Hash.MD4.new md5.new sha.new cryptography.hazmat.primitives.hashes.MD5 " +
  "cryptography.hazmat.primitives.hashes.SHA1";
const quick =
  "hashlib.sha256 hashlib.sha512 hashlib.sha224 hashlib.sha384 hashlib.sha3_256 hashlib.sha3_512 hashlib.blake2b";

function isConstantText(value: Value | undefined): boolean {
  return typeof value?.constant === "string" && value.constant.length > 0;
}

/** Constant text, or an upper-case name from another module, which is a constant. */
function isConstantStart(value: Value | undefined): boolean {
  return (
    isConstantText(value) ||
    isA(value, /^((settings|config|constants)\.)?([A-Z]{1,20}_){0,3}(IV|NONCE|VECTOR)$/)
  );
}

const ciphers = "AES DES3 DES Blowfish ARC2 CAST ChaCha20"
  .split(" ")
  .map((name) => `Crypto.Cipher.${name}.new`)
  .join(" ");

/** Rules on cryptography. */
export const pythonCryptoRules: readonly Rule[] = [
  {
    id: "python/weak-hash",
    cwe: 327,
    title: "Weak hash function",
    severity: "medium",
    why: "Attackers can create different inputs with the same MD5 or SHA-1 hash.",
    fix: "Use hashlib.sha256(data); for passwords, use bcrypt, scrypt or argon2",
    literals: ["md5", "sha1", "MD5", "SHA1", "SHA", "md4", "MD4", "MD2"],
    match: [
      calls(hashes, (seen) => !is(seen.named.get("usedforsecurity"), false) && !isChecksum(seen)),
      calls(
        "hashlib.new",
        (seen) =>
          says(argument(seen, 0, "name"), /^(md4|md5|sha1|sha)$/i) &&
          !is(seen.named.get("usedforsecurity"), false),
      ),
      brokenLine(/\bhashlib\.(md5|sha1)\(/, /usedforsecurity/),
    ],
  },
  {
    id: "python/quick-password-hash",
    cwe: 916,
    title: "Password hashed with a fast hash function",
    severity: "high",
    why: "An attacker who steals the hash can try billions of passwords per second.",
    fix: "Use bcrypt.hashpw(password, bcrypt.gensalt()), hashlib.scrypt or argon2",
    literals: ["hashlib", "sha", "crypt", "pbkdf2", "PBKDF2"],
    match: [
      calls(
        quick,
        ({ args: [text], here }) =>
          text !== undefined &&
          (comesFrom(text, password) ||
            password.test(nameOf(text)) ||
            (password.test(here.inside?.name ?? "") && text.level > 0)),
      ),
      calls(
        ".update",
        ({ args: [text], receiver }) =>
          /^hashlib\.\w{1,20}\(\)$/.test(receiver.path) && comesFrom(text, password),
      ),
      calls("hashlib.pbkdf2_hmac pbkdf2_hmac", (seen) => {
        const rounds = argument(seen, 3, "iterations")?.constant;
        return typeof rounds === "number" && rounds < 10_000;
      }),
    ],
  },
  {
    id: "python/constant-salt",
    cwe: 760,
    title: "Constant salt",
    severity: "medium",
    why: "An attacker can use one precomputed table for all passwords.",
    fix: "Use os.urandom(16) for each password, and store the salt with the hash",
    literals: ["pbkdf2", "scrypt", "PBKDF2", "hashpw", "crypt", "salt"],
    match: [
      calls("hashlib.pbkdf2_hmac", (seen) => isConstantText(argument(seen, 2, "salt"))),
      calls("hashlib.scrypt", (seen) => isConstantText(argument(seen, -1, "salt"))),
      calls("Crypto.Protocol.KDF.PBKDF2 Crypto.Protocol.KDF.scrypt", (seen) =>
        isConstantText(argument(seen, 1, "salt")),
      ),
      calls(
        "cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC cryptography.hazmat.primitives.kdf.scrypt.Scrypt",
        (seen) => isConstantText(argument(seen, -1, "salt")),
      ),
      calls("bcrypt.hashpw crypt.crypt", (seen) => isConstantText(argument(seen, 1, "salt"))),
    ],
  },
  {
    id: "python/weak-cipher",
    cwe: 327,
    title: "Broken cipher or insecure cipher mode",
    severity: "high",
    why: "Attackers can decrypt broken ciphers. ECB mode reveals which plaintext blocks are equal.",
    fix: "Use AES.new(key, AES.MODE_GCM) or cryptography.fernet.Fernet(key)",
    literals: words("Cipher DES ARC4 RC4 ECB Blowfish algorithms SSLv TLSv1 wrap_socket PROTOCOL"),
    match: [
      calls(
        "Crypto.Cipher.DES.new Crypto.Cipher.DES3.new Crypto.Cipher.ARC4.new Crypto.Cipher.ARC2.new " +
          "Crypto.Cipher.Blowfish.new Crypto.Cipher.CAST.new Crypto.Cipher.XOR.new DES.new pyDes.des pyDes.triple_des",
      ),
      calls(
        "Crypto.Cipher.AES.new AES.new",
        (seen) =>
          isA(argument(seen, 1, "mode"), /MODE_ECB$/) ||
          (seen.args.length === 1 && seen.named.size === 0 && !seen.spread),
      ),
      calls(
        ["ARC4", "Blowfish", "IDEA", "CAST5", "SEED", "TripleDES"]
          .map((name) => `cryptography.hazmat.primitives.ciphers.algorithms.${name}`)
          .join(" "),
      ),
      calls("cryptography.hazmat.primitives.ciphers.modes.ECB modes.ECB"),
      calls("ssl.wrap_socket"),
      calls("ssl.SSLContext OpenSSL.SSL.Context SSL.Context", ({ args: [protocol] }) =>
        isA(
          protocol,
          /\.(PROTOCOL_SSLv[23]|PROTOCOL_TLSv1(_1)?|SSLv2_METHOD|SSLv3_METHOD|TLSv1_METHOD|TLSv1_1_METHOD)$/,
        ),
      ),
      assigns(/^(ssl_version|minimum_version)$/, ({ value }) =>
        isA(value, /(PROTOCOL_SSLv[23]|PROTOCOL_TLSv1(_1)?|TLSVersion\.(SSLv3|TLSv1|TLSv1_1))$/),
      ),
    ],
  },
  {
    id: "python/constant-iv",
    cwe: 329,
    title: "Constant initialization vector (IV)",
    severity: "medium",
    why: "Equal beginnings produce equal ciphertext.",
    fix: "Use os.urandom(16) for each message",
    literals: ["Cipher", "modes", "iv", "nonce"],
    match: [
      calls(ciphers, (seen) => isConstantStart(argument(seen, 2, "iv", "IV", "nonce", "initial_value"))),
      calls(
        ["CBC", "GCM", "CTR", "OFB", "CFB", "CFB8"]
          .map((name) => `cryptography.hazmat.primitives.ciphers.modes.${name}`)
          .join(" "),
        ({ args: [iv] }) => isConstantStart(iv),
      ),
    ],
  },
  {
    id: "python/constant-key",
    cwe: 321,
    title: "Hard-coded cryptographic key",
    severity: "high",
    why: "Anyone who can read the source can decrypt the data or forge signatures.",
    fix: "Read the key from the environment or a key store",
    literals: ["Cipher", "Fernet", "hmac", "jwt", "algorithms"],
    secret: true,
    match: [
      calls(ciphers, (seen) => isConstantText(argument(seen, 0, "key"))),
      calls(
        "cryptography.fernet.Fernet cryptography.hazmat.primitives.ciphers.algorithms.AES",
        ({ args: [key] }) => isConstantText(key),
      ),
      calls(
        "hmac.new",
        (seen) => isConstantText(argument(seen, 0, "key")) && seen.args.length + seen.named.size > 1,
      ),
      calls(
        "jwt.encode jose.jwt.encode",
        (seen) => isConstantText(argument(seen, 1, "key")) && !is(argument(seen, 2, "algorithm"), "none"),
      ),
      calls("jwt.decode jose.jwt.decode", (seen) => isConstantText(argument(seen, 1, "key"))),
    ],
  },
  {
    id: "python/short-key",
    cwe: 326,
    title: "Cryptographic key too short",
    severity: "medium",
    why: "Attackers can break 1024-bit keys.",
    fix: "Use RSA.generate(3072) or a 256-bit elliptic curve",
    literals: ["generate", "key_size", "SECP192", "SECT163"],
    match: [
      calls("Crypto.PublicKey.RSA.generate Crypto.PublicKey.DSA.generate rsa.newkeys", (seen) =>
        isShort(argument(seen, 0, "bits", "nbits")),
      ),
      calls(
        "cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key " +
          "cryptography.hazmat.primitives.asymmetric.dsa.generate_private_key",
        (seen) => isShort(argument(seen, /dsa/.test(seen.path) ? 0 : 1, "key_size")),
      ),
      calls(
        "cryptography.hazmat.primitives.asymmetric.ec.SECP192R1 " +
          "cryptography.hazmat.primitives.asymmetric.ec.SECT163K1 cryptography.hazmat.primitives.asymmetric.ec.SECT163R2",
      ),
    ],
  },
  {
    id: "python/guessable",
    cwe: 330,
    title: "Secret from an insecure random number generator",
    severity: "high",
    why: "An attacker who sees some outputs of `random` can compute all others.",
    fix: "Use secrets.token_urlsafe(32), secrets.choice(letters) or secrets.randbelow(n)",
    literals: ["random"],
    match: [
      // a value that identifies someone later
      assigns(
        /./,
        ({ form, path, value }) =>
          form === "item" && /(session|cookie)s?\w{0,20}\[\]$/i.test(path) && comesFrom(value, /^!random$/),
      ),
      calls(".set_cookie .set_signed_cookie .set_secure_cookie", ({ args, named }) =>
        [args[1], named.get("value")].some((one) => comesFrom(one, /^!random$/)),
      ),
      calls(`${hashes} ${quick} hmac.new jwt.encode .set_password`, ({ args }) =>
        args.some((one) => comesFrom(one, /^!random$/)),
      ),
    ],
  },
  {
    id: "python/guessable-name",
    cwe: 330,
    title: "Value named like a secret from an insecure random number generator",
    severity: "medium",
    why: "An attacker who sees some outputs of `random` can compute all others. The use of the value is unknown.",
    fix: "Use secrets.token_urlsafe(32), secrets.choice(letters) or secrets.randbelow(n)",
    literals: ["random", "uuid1"],
    match: [
      assigns(
        /./,
        ({ name, value, form }) => form !== "argument" && isSecretName(name) && comesFrom(value, /^!random$/),
      ),
      {
        returns: ({ value, here }) =>
          isRandomSecret(here.inside?.name ?? "") && comesFrom(value, /^!random$/),
      },
      calls("random.getrandbits random.randbytes", ({ here }) => isRandomSecret(here.inside?.name ?? "")),
      calls(
        "random.seed",
        ({ args: [seed], here }) =>
          seed !== undefined && seed.constant === undefined && isRandomSecret(here.inside?.name ?? ""),
      ),
    ],
  },
  {
    id: "python/guessable-text",
    cwe: 330,
    title: "Random string from an insecure random number generator",
    severity: "medium",
    why: "Such strings usually become passwords or tokens, and the output of `random` is predictable.",
    fix: "Use secrets.token_urlsafe(32) or secrets.choice(letters)",
    literals: ["random"],
    match: [
      calls(
        "random.choice random.choices random.sample random.SystemRandom.choice",
        ({ args: [from], path }) =>
          !/System/.test(path) && isA(from, /^string\.(ascii_|digits|letters|printable)/),
      ),
      calls(
        "random.choice random.choices random.sample",
        ({ args: [from] }) =>
          from !== undefined &&
          /"name":"(ascii_letters|ascii_lowercase|ascii_uppercase)"/.test(JSON.stringify(from.made ?? "")),
      ),
      calls("random.choice random.choices", ({ args: [from] }) =>
        says(from, /^[A-Za-z0-9!@#$%^&*()_+-]{26,}$/),
      ),
    ],
  },
  {
    id: "python/compare-by-time",
    cwe: 208,
    title: "Signature compared in non-constant time",
    severity: "low",
    why: "The comparison time reveals how many characters match.",
    fix: "Use hmac.compare_digest(a, b)",
    literals: ["hmac"],
    match: [
      operates("== !=", ({ operands }) =>
        operands.some((one) => isA(one, /^hmac\.new\(\)\.(hex)?digest\(\)$/)),
      ),
    ],
  },
];

function isShort(bits: Value | undefined): boolean {
  return typeof bits?.constant === "number" && bits.constant < 2048;
}

function isRandomSecret(name: string): boolean {
  return isSecretName(name) || /session|key|secret|secure|unpredictable|crypt/i.test(name);
}
