/** @file Go rules: ciphers, hashes, random numbers, certificates, tokens. */
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, is } from "../conditions.ts";
import { aroundSays, isForChecksum, makesOne, passwordName } from "../inside.ts";
import { assigns, calls } from "../matches.ts";

const unguessable =
  /token|secret|passw|session_?id|otp|nonce|salt|csrf|captcha|api_?key|reset|verif|activation|^pin$|pinCode|^iv$/i;

function isConstant(value: Value | undefined): boolean {
  return typeof value?.constant === "string" && value.constant.length > 3;
}

/** An enclosing test of an option: `if opts.insecure {`. */
const asksFirst =
  /\bif\s[^{}\n]{0,120}(insecure|verif|secure|self_?(cert|sign)|trust|skip|debug|dev)[^{}\n]{0,80}\{\s{0,20}[\w.]{0,60}$/i;

/** Rules on cryptography. */
export const goCryptoRules: readonly Rule[] = [
  {
    id: "go/weak-hash",
    cwe: 327,
    title: "Weak hash function",
    severity: "medium",
    why: "Attackers can create different inputs with the same MD5 or SHA-1 hash.",
    fix: "Use sha256.Sum256(data); for passwords, use bcrypt.GenerateFromPassword",
    literals: ["md5", "sha1", "md4"],
    match: [
      calls("md5.New md5.Sum sha1.New sha1.Sum md4.New", ({ here }) => !isForChecksum(here)),
      calls("hmac.New", ({ args: [how] }) => /^(md5|sha1)\.New$/.test(how?.path ?? "")),
    ],
  },
  {
    id: "go/quick-password-hash",
    cwe: 916,
    title: "Password hashed with a fast hash function",
    severity: "high",
    why: "An attacker who steals the hash can try billions of passwords per second.",
    fix: "Use bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)",
    literals: ["sha256", "sha512", "pbkdf2", "bcrypt", "md5", "sha1"],
    match: [
      calls("sha256.Sum256 sha512.Sum512 md5.Sum sha1.Sum", ({ args: [text] }) =>
        comesFrom(text, passwordName),
      ),
      calls("sha256.New().Write sha512.New().Write", ({ args: [text] }) => comesFrom(text, passwordName)),
      calls(
        "pbkdf2.Key",
        ({ args: [, , rounds] }) => typeof rounds?.constant === "number" && rounds.constant < 10_000,
      ),
      calls(
        "bcrypt.GenerateFromPassword",
        ({ args: [, cost] }) =>
          (typeof cost?.constant === "number" && cost.constant < 10) ||
          /bcrypt\.MinCost$/.test(cost?.path ?? ""),
      ),
    ],
  },
  {
    id: "go/weak-cipher",
    cwe: 327,
    title: "Broken cipher",
    severity: "high",
    why: "An attacker can decrypt the text by brute force or from its patterns.",
    fix: "Use aes.NewCipher(key) with cipher.NewGCM(block)",
    literals: ["des.", "rc4.", "blowfish", "NewECB", "aes."],
    match: [
      calls(
        "des.NewCipher des.NewTripleDESCipher rc4.NewCipher blowfish.NewCipher blowfish.NewSaltedCipher " +
          "tea.NewCipher cast5.NewCipher",
      ),
      calls("ecb.NewECBEncrypter NewECBEncrypter"),
    ],
  },
  {
    id: "go/constant-iv",
    cwe: 329,
    title: "Constant initialization vector (IV) or nonce",
    severity: "medium",
    why: "Equal beginnings produce equal ciphertext. With GCM, a reused nonce reveals the authentication key.",
    fix: "Use io.ReadFull(rand.Reader, nonce) for each message and store the nonce before the ciphertext",
    literals: ["cipher.New", ".Seal("],
    match: [
      calls("cipher.NewCBCEncrypter cipher.NewCFBEncrypter cipher.NewCTR cipher.NewOFB", ({ args: [, iv] }) =>
        isConstant(iv),
      ),
      calls("cipher.NewGCM().Seal", ({ args: [, nonce] }) => isConstant(nonce)),
    ],
  },
  {
    id: "go/guessable-random",
    cwe: 338,
    title: "Secret from an insecure random number generator",
    severity: "high",
    why: "A few outputs, or the seed time, reveal all later outputs.",
    fix: "Use rand.Read(buffer) or rand.Text() from crypto/rand",
    literals: ["math/rand", "rand."],
    match: [
      assigns(unguessable, ({ value, form }) => form !== "argument" && comesFrom(value, /^!random$/)),
      {
        returns: ({ value, here }) =>
          value.entries === undefined && comesFrom(value, /^!random$/) && makesOne(here, unguessable),
      },
      calls(
        "math/rand.Intn math/rand.Int math/rand.Int63 math/rand.Read math/rand.Int31n " +
          "math/rand.New().Intn math/rand.Perm math/rand.IntN",
        ({ here }) => makesOne(here, unguessable),
      ),
    ],
  },
  {
    id: "go/any-certificate",
    cwe: 295,
    title: "TLS certificate validation disabled",
    severity: "high",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Remove InsecureSkipVerify and add the certificate to RootCAs",
    literals: ["InsecureSkipVerify"],
    match: [
      assigns(
        /^InsecureSkipVerify$/,
        ({ value, here, start }) =>
          is(value, true) &&
          !aroundSays(here, /VerifyPeerCertificate|VerifyConnection/) &&
          !asksFirst.test(here.text.slice(Math.max(0, start - 200), start)),
      ),
    ],
  },
  {
    id: "go/old-protocol",
    cwe: 327,
    title: "Outdated TLS version",
    severity: "medium",
    why: "Known weaknesses let an on-path attacker decrypt the traffic.",
    fix: "Set MinVersion: tls.VersionTLS12",
    literals: ["VersionSSL30", "VersionTLS10", "VersionTLS11"],
    match: [
      assigns(/^(Min|Max)Version$/, ({ value }) => /^tls\.Version(SSL30|TLS10|TLS11)$/.test(value.path)),
    ],
  },
  {
    id: "go/short-key",
    cwe: 326,
    title: "Cryptographic key too short",
    severity: "medium",
    why: "An attacker can break a key of this size.",
    fix: "Use rsa.GenerateKey(rand.Reader, 3072)",
    literals: ["rsa.GenerateKey"],
    match: [
      calls(
        "rsa.GenerateKey",
        ({ args: [, size] }) => typeof size?.constant === "number" && size.constant < 2048,
      ),
    ],
  },
  {
    id: "go/token-unchecked",
    cwe: 347,
    title: "Token signature not verified",
    severity: "high",
    why: "An attacker can forge a token with any claims.",
    fix: 'Use jwt.Parse(token, key, jwt.WithValidMethods([]string{"HS256"}))',
    literals: ["jwt", "ParseUnverified"],
    match: [
      calls("jwt.NewParser().ParseUnverified jwt.Parser().ParseUnverified .ParseUnverified"),
      calls("jwt.NewWithClaims jwt.New", ({ args: [how] }) =>
        /jwt\.SigningMethodNone$/.test(how?.path ?? ""),
      ),
    ],
  },
];
