/** @file JavaScript rules: ciphers, hashes, random numbers, certificates, tokens, secrets. */

import { itemsOf } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, is, isSecretName, looksSecret, says } from "../conditions.ts";
import { fileSays } from "../inside.ts";
import { assigns, calls, reaches, words } from "../matches.ts";
import { isPlaceholder } from "../placeholder.ts";
import { comparedWithWritten, isVendorToken, isWrittenSecret, writtenAddress } from "../written.ts";

const password = /passw|passwd|\bpwd\b|passphrase/i;

/** Rules on cryptography and secrets. */
export const javascriptCryptoRules: readonly Rule[] = [
  {
    id: "javascript/weak-hash",
    cwe: 327,
    title: "Weak hash function",
    severity: "medium",
    why: "Attackers can create different inputs with the same MD5 or SHA-1 hash.",
    fix: "Use createHash('sha256'); for passwords, use scrypt, bcrypt or argon2",
    literals: ["createHash", "createHmac", "md5", "MD5", "SHA1", "sha1"],
    match: [
      calls(
        "crypto.createHash createHash",
        ({ args: [name], here }) =>
          says(name, /^(md4|md5|sha1|sha-1|ripemd160)$/i) &&
          !/etag|cache|checksum|fingerprint|gravatar|websocket|integrity/i.test(here.inside?.name ?? ""),
      ),
      calls("crypto.createHmac", ({ args: [name] }) => says(name, /^md5$/i)),
      calls(
        "crypto-js.MD5 crypto-js.SHA1 CryptoJS.MD5 CryptoJS.SHA1 md5 sha1",
        ({ args }) => args.length > 0 && args[0]?.constant === undefined,
      ),
    ],
  },
  {
    id: "javascript/quick-password-hash",
    cwe: 916,
    title: "Password hashed with a fast hash function",
    severity: "high",
    why: "An attacker who steals the hash can try billions of passwords per second.",
    fix: "Use await bcrypt.hash(password, 12) or crypto.scrypt",
    literals: ["createHash", "pbkdf2"],
    match: [
      calls(
        ".update",
        ({ receiver, args: [text] }) => /createHash\(\)$/.test(receiver.path) && comesFrom(text, password),
      ),
      calls(
        "crypto.pbkdf2 crypto.pbkdf2Sync",
        ({ args: [, , rounds] }) => typeof rounds?.constant === "number" && rounds.constant < 10_000,
      ),
    ],
  },
  {
    id: "javascript/weak-cipher",
    cwe: 327,
    title: "Broken cipher or insecure cipher mode",
    severity: "high",
    why: "Attackers can decrypt broken ciphers. ECB mode reveals which plaintext blocks are equal.",
    fix: "Use createCipheriv('aes-256-gcm', key, randomBytes(12))",
    literals: ["ipher", "DES", "RC4", "ecb", "ECB"],
    match: [
      calls("crypto.createCipher crypto.createDecipher createCipher"),
      calls("crypto.createCipheriv crypto.createDecipheriv createCipheriv", ({ args: [name] }) =>
        says(name, /^(des|rc2|rc4|bf|cast)|-ecb$/i),
      ),
      calls(
        "CryptoJS.DES.encrypt CryptoJS.TripleDES.encrypt CryptoJS.RC4.encrypt crypto-js.DES.encrypt " +
          "crypto-js.RC4.encrypt",
      ),
    ],
  },
  {
    id: "javascript/constant-iv",
    cwe: 329,
    title: "Constant initialization vector (IV)",
    severity: "medium",
    why: "Equal beginnings produce equal ciphertext.",
    fix: "Use crypto.randomBytes(16) for each message",
    literals: ["createCipheriv"],
    match: [
      calls(
        "crypto.createCipheriv createCipheriv",
        ({ args: [, , iv] }) =>
          says(iv, /./) ||
          (iv?.made?.kind === "call" &&
            /"pieces":\["[^"]/.test(JSON.stringify(iv.made.args[0]?.value ?? "")) &&
            iv.level === 0 &&
            /(Buffer\.from|Buffer\.alloc)\(\)$/.test(iv.path)),
      ),
    ],
  },
  {
    id: "javascript/guessable",
    cwe: 338,
    title: "Secret from an insecure random number generator",
    severity: "high",
    why: "An attacker who sees some outputs of Math.random can compute all others.",
    fix: "Use crypto.randomBytes(32).toString('hex'), crypto.randomUUID() or crypto.randomInt(n)",
    literals: ["Math.random"],
    match: [
      assigns(
        /./,
        ({ name, value, form }) => form !== "argument" && isSecretName(name) && comesFrom(value, /^!random$/),
      ),
      {
        returns: ({ value, here }) =>
          (isSecretName(here.inside?.name ?? "") ||
            /session|secret|password|apikey/i.test(here.inside?.name ?? "")) &&
          comesFrom(value, /^!random$/),
      },
    ],
  },
  {
    id: "javascript/certificate-unchecked",
    cwe: 295,
    title: "TLS certificate validation disabled",
    severity: "high",
    why: "An on-path attacker can impersonate the server.",
    fix: "Remove rejectUnauthorized; pass your own CA certificate as ca",
    literals: ["rejectUnauthorized", "NODE_TLS_REJECT_UNAUTHORIZED", "strictSSL", "insecure"],
    match: [
      assigns(/^(rejectUnauthorized|strictSSL)$/, ({ value }) => is(value, false)),
      assigns(/^NODE_TLS_REJECT_UNAUTHORIZED$/, ({ value }) => is(value, "0") || is(value, 0)),
    ],
  },
  {
    id: "javascript/token-unchecked",
    cwe: 347,
    title: "Token signature not verified",
    severity: "high",
    why: "An attacker can forge a token with any claims.",
    fix: "Use jwt.verify(token, key, { algorithms: ['HS256'] })",
    literals: ["jwt", "jsonwebtoken", "jose"],
    match: [
      calls("jsonwebtoken.verify jwt.verify", ({ args: [, key, options] }) => {
        const list = options?.entries?.get("algorithms");
        return itemsOf(list).some((one) => says(one, /^none$/i)) || is(key, null) || is(key, "");
      }),
      calls(
        "jsonwebtoken.decode jwt.decode",
        ({ here }) =>
          !fileSays(here, /\.verify\(|jwtVerify|expressJwt/) &&
          (here.answers || /auth|verify|user|check|login|session/i.test(here.inside?.name ?? "")),
      ),
      calls("jsonwebtoken.sign jwt.sign", ({ args: [, , options] }) =>
        says(options?.entries?.get("algorithm"), /^none$/i),
      ),
    ],
  },
  {
    id: "javascript/secret-in-source",
    cwe: 798,
    title: "Hard-coded password or key",
    severity: "high",
    why: "Anyone who can read the source has the credential. Changing it requires a code change.",
    fix: "Read it from process.env.NAME or a secret store",
    literals: words("assw pass: pwd ecret SECRET oken TOKEN Key KEY _key redential :// jwt"),
    secret: true,
    match: [
      assigns(/./, ({ form, name, value }) => {
        const { constant } = value;
        if (typeof constant !== "string" || constant.length < 4 || form === "standard") return false;
        if (isVendorToken(constant)) return true;
        return (
          isWrittenSecret(name, value) &&
          looksSecret(name, constant) &&
          (/\d|[^\w\s]/.test(constant) || password.test(name) || /secret/i.test(name))
        );
      }),
      // { auth: { user, pass: '...' } }
      assigns(
        /^pass$/,
        ({ form, name, value, here }) =>
          form === "entry" &&
          says(value, { test: (text) => /^\S{6,80}$/.test(text) && !isPlaceholder(text, name) }) &&
          fileSays(here, /\b(auth|credentials|connection)\b/),
      ),
      writtenAddress,
      calls("jsonwebtoken.sign jsonwebtoken.verify jwt.sign jwt.verify", ({ args: [, key] }) =>
        says(key, /.{3}/),
      ),
      calls("crypto.createHmac crypto.createCipheriv", ({ args: [, key] }) => says(key, /.{3}/)),
      comparedWithWritten("== !=", { test: (text) => /^\S{4,60}$/.test(text) && !isPlaceholder(text) }),
    ],
  },
  {
    id: "javascript/log-from-outside",
    cwe: 117,
    title: "Log injection: untrusted input in a log",
    severity: "low",
    why: "Line breaks in the input forge log entries.",
    fix: "Use JSON.stringify(text)",
    literals: ["log"],
    match: [
      reaches(
        "log",
        2,
        "logger.info logger.error logger.warn logger.debug log.info log.error log.warn",
        ["*"],
        ({ args }) => args.some((one) => one.shape !== undefined && one.level === 2),
      ),
    ],
  },
];
