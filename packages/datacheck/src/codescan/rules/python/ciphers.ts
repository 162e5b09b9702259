/** @file Python rules: ciphers, password hashes and keys with weak parameters. */
import type { CallSeen } from "../../engine/seen.ts";
import { itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, is, isA, says } from "../conditions.ts";
import { assigns, calls, words } from "../matches.ts";

const names = (prefix: string, words: string, end = ""): string =>
  words
    .split(" ")
    .map((word) => `${prefix}${word}${end}`)
    .join(" ");

const decrepit = "cryptography.hazmat.decrepit.ciphers.algorithms.";
const hasherNames = /(^|\.)(Unsalted)?(MD5|SHA1|Crypt)PasswordHasher$|UnsaltedMD5|UnsaltedSHA1/;

/** Whether the value is a known number below the minimum. */
function isBelow(value: Value | undefined, least: number): boolean {
  return typeof value?.constant === "number" && value.constant < least;
}

const rounds: Readonly<Record<string, (seen: CallSeen) => boolean>> = {
  "hashlib.pbkdf2_hmac": (seen) =>
    isBelow(argument(seen, 3, "iterations"), 100_000) && !isBelow(argument(seen, 3, "iterations"), 10_000),
  "cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC": (seen) =>
    isBelow(argument(seen, 3, "iterations"), 100_000),
  "Crypto.Protocol.KDF.PBKDF2": (seen) => {
    const count = argument(seen, 3, "count", "iterations");
    return count === undefined ? !seen.spread : isBelow(count, 100_000);
  },
  "hashlib.scrypt": (seen) =>
    isBelow(argument(seen, -1, "n"), 2 ** 13) || isBelow(argument(seen, -1, "r"), 8),
  "Crypto.Protocol.KDF.scrypt": (seen) =>
    isBelow(argument(seen, 3, "N"), 2 ** 13) || isBelow(argument(seen, 4, "r"), 8),
  "cryptography.hazmat.primitives.kdf.scrypt.Scrypt": (seen) =>
    isBelow(argument(seen, 2, "n"), 2 ** 13) || isBelow(argument(seen, 3, "r"), 8),
  "scrypt.hash": (seen) =>
    isBelow(argument(seen, 2, "N"), 2 ** 13) ||
    isBelow(argument(seen, 3, "r"), 8) ||
    isBelow(argument(seen, 5, "buflen"), 32),
  "bcrypt.gensalt": (seen) => isBelow(argument(seen, 0, "rounds"), 10),
  "bcrypt.kdf": (seen) => isBelow(argument(seen, 3, "rounds"), 50),
  "flask_bcrypt.generate_password_hash": (seen) => isBelow(argument(seen, 1, "rounds"), 10),
  "argon2.PasswordHasher": (seen) =>
    isBelow(argument(seen, 0, "time_cost"), 2) && isBelow(argument(seen, 1, "memory_cost"), 47_104),
};

function isEmptyText(value: Value | undefined): boolean {
  return is(value, "");
}

/** Whether the same variable is passed twice: the password as its own salt. */
function isSameVariable({ here, start, end, args }: CallSeen): boolean {
  const source = here.text.slice(start, Math.min(end, start + 300));
  const [, word, salt] =
    /\(\s{0,9}(?:["'][^"']{1,20}["'],\s{0,9})?(\w{1,60}),\s{0,9}(?:salt\s{0,3}=\s{0,3})?(\w{1,60})\b/.exec(
      source,
    ) ?? [];
  return args.length > 0 && word !== undefined && word === salt;
}

/** Rules on the strength of encryption and hashing. */
export const pythonCipherRules: readonly Rule[] = [
  {
    id: "python/old-cipher",
    cwe: 327,
    title: "Obsolete cipher",
    severity: "medium",
    why: "Modern hardware can decrypt it.",
    fix: "Use cryptography.fernet.Fernet(key) or AESGCM",
    literals: ["decrepit", "ARC4", "pyDes", "M2Crypto", "Blowfish", "RC2", "des_", "rc4", "Camellia"],
    match: [
      calls(names(decrepit, "ARC4 Blowfish CAST5 IDEA SEED TripleDES RC2")),
      calls("pyDes.des pyDes.triple_des blowfish.Cipher arc4.ARC4"),
      calls("M2Crypto.EVP.Cipher", (seen) =>
        says(argument(seen, 0, "alg"), /^(des|rc[245]|bf|idea|cast5?)([_-]|$)|_ecb$/i),
      ),
    ],
  },
  {
    id: "python/open-padding",
    cwe: 780,
    title: "RSA encryption without OAEP padding",
    severity: "medium",
    why: "A padding oracle lets an attacker decrypt the message step by step.",
    fix: "Use padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)",
    literals: ["PKCS1", "padding", "RSA_"],
    match: [
      calls("Crypto.Cipher.PKCS1_v1_5.new"),
      calls(".encrypt .decrypt", ({ args, named }) =>
        [...args.slice(1), named.get("padding")].some((one) => isA(one, /PKCS1v15\(\)$/)),
      ),
      calls(".public_encrypt .private_decrypt", ({ args: [, padding] }) =>
        isA(padding, /(pkcs1_padding|no_padding|sslv23_padding)$/),
      ),
    ],
  },
  {
    id: "python/few-rounds",
    cwe: 916,
    title: "Password hash with too few iterations",
    severity: "medium",
    why: "An attacker who steals the hash can try many passwords per second.",
    fix: "Use hashlib.pbkdf2_hmac('sha256', password, salt, 600_000), bcrypt.gensalt(12) or argon2.PasswordHasher()",
    literals: words("pbkdf2 PBKDF2 scrypt Scrypt bcrypt argon2 rounds _hash HASHERS Hasher"),
    match: [
      ...Object.entries(rounds).map(([path, when]) => calls(path, when)),
      calls(
        names(
          "passlib.hash.",
          "md5_crypt des_crypt sha1_crypt ldap_md5 ldap_sha1 hex_md5 hex_sha1 nthash lmhash mysql323 plaintext ldap_plaintext",
          ".hash",
        ),
      ),
      calls(names("passlib.hash.", "pbkdf2_sha256 pbkdf2_sha512 pbkdf2_sha1", ".using"), (seen) =>
        isBelow(seen.named.get("rounds"), 100_000),
      ),
      calls("passlib.hash.bcrypt.using", (seen) => isBelow(seen.named.get("rounds"), 10)),
      calls("werkzeug.security.generate_password_hash generate_password_hash", (seen) =>
        says(argument(seen, 1, "method"), /^(plain|md5|sha1|sha256|sha512|pbkdf2:sha\d{1,3}:\d{1,5}$)/),
      ),
      calls("django.contrib.auth.hashers.make_password make_password", (seen) =>
        says(argument(seen, 2, "hasher"), /md5|sha1|crypt$/),
      ),
      assigns(
        /^PASSWORD_HASHERS$/,
        ({ value, here }) =>
          !/test/i.test(here.inside?.name ?? "") && itemsOf(value).some((one) => says(one, hasherNames)),
      ),
      assigns(/^BCRYPT_LOG_ROUNDS$/, ({ value }) => isBelow(value, 10)),
    ],
  },
  {
    id: "python/no-salt",
    cwe: 759,
    title: "Password hash without a unique salt",
    severity: "medium",
    why: "An attacker can use one precomputed table for all passwords.",
    fix: "Use os.urandom(16) for each password, and store the salt with the hash",
    literals: ["salt", "crypt", "pbkdf2", "PBKDF2"],
    match: [
      calls("crypt.crypt", (seen) => seen.args.length === 1 && seen.named.size === 0 && !seen.spread),
      calls(
        "crypt.crypt bcrypt.hashpw scrypt.hash",
        (seen) => isEmptyText(argument(seen, 1, "salt")) || isSameVariable(seen),
      ),
      calls("scrypt.hash", (seen) => says(argument(seen, 1, "salt"), /^./)),
      calls("hashlib.pbkdf2_hmac", (seen) => isEmptyText(argument(seen, 2, "salt")) || isSameVariable(seen)),
      calls("hashlib.scrypt", (seen) => isEmptyText(seen.named.get("salt")) || isSameVariable(seen)),
      calls("Crypto.Protocol.KDF.PBKDF2 Crypto.Protocol.KDF.scrypt", (seen) =>
        isEmptyText(argument(seen, 1, "salt")),
      ),
      calls(
        "cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC cryptography.hazmat.primitives.kdf.scrypt.Scrypt",
        (seen) => isEmptyText(seen.named.get("salt")),
      ),
    ],
  },
  {
    id: "python/weak-curve",
    cwe: 326,
    title: "Cryptographic key or curve too short",
    severity: "medium",
    why: "An attacker can recover a key of this size.",
    fix: "Use ec.generate_private_key(ec.SECP256R1()) or rsa.generate_private_key(65537, 3072)",
    literals: ["generate", "SECP192", "SECT163", "ECC"],
    match: [
      calls(
        "cryptography.hazmat.primitives.asymmetric.ec.generate_private_key ec.generate_private_key",
        (seen) =>
          isA(argument(seen, 0, "curve"), /\.(SECP192R1|SECT163K1|SECT163R2|SECP160R1|BrainpoolP160\w*)$/),
      ),
      calls("cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key", (seen) =>
        isBelow(argument(seen, 0, "public_exponent"), 65_537),
      ),
      calls("Crypto.PublicKey.ECC.generate", (seen) => says(seen.named.get("curve"), /p-?192|192/i)),
      calls(
        "Crypto.PublicKey.ElGamal.generate paramiko.RSAKey.generate paramiko.DSSKey.generate rsa.newkeys",
        (seen) => isBelow(argument(seen, 0, "bits"), 2048),
      ),
      calls("cryptography.hazmat.primitives.asymmetric.dh.generate_parameters", (seen) =>
        isBelow(argument(seen, 1, "key_size"), 2048),
      ),
    ],
  },
  {
    id: "python/constant-nonce",
    cwe: 329,
    title: "Constant nonce",
    severity: "medium",
    why: "Reusing a nonce with the same key lets attackers decrypt messages and forge new ones.",
    fix: "Use os.urandom(12) for each message",
    literals: ["AESGCM", "ChaCha20Poly1305", "AESCCM", "bytes("],
    match: [
      calls(
        ["AESGCM", "AESCCM", "ChaCha20Poly1305", "AESOCB3"]
          .map((name) => `cryptography.hazmat.primitives.ciphers.aead.${name}().encrypt`)
          .join(" "),
        ({ args: [nonce] }) => typeof nonce?.constant === "string" || isZeros(nonce),
      ),
      calls("Crypto.Cipher.AES.new Crypto.Cipher.ChaCha20.new Crypto.Cipher.DES3.new", (seen) =>
        isZeros(argument(seen, 2, "iv", "IV", "nonce")),
      ),
      calls(
        names("cryptography.hazmat.primitives.ciphers.modes.", "CBC GCM CTR OFB CFB CFB8"),
        ({ args: [iv] }) => isZeros(iv),
      ),
    ],
  },
];

/** `bytes(16)`, `bytearray(12)`. */
function isZeros(value: Value | undefined): boolean {
  const { made } = value ?? {};
  if (made?.kind !== "call" || made.callee.kind !== "name") return false;
  return (
    /^(bytes|bytearray)$/.test(made.callee.name) &&
    made.args.length === 1 &&
    made.args[0]?.value.kind === "constant"
  );
}
