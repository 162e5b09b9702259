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
    bad: [
      'package a\nimport "crypto/md5"\nfunc hash(p string) [16]byte { return md5.Sum([]byte(p)) }\n',
      'package a\nimport "crypto/sha1"\nfunc sign(b []byte) []byte { h := sha1.New(); h.Write(b); return h.Sum(nil) }\n',
    ],
    good: [
      'package a\nimport "crypto/sha256"\nfunc hash(p string) [32]byte { return sha256.Sum256([]byte(p)) }\n',
      'package a\nimport "crypto/md5"\nfunc etag(b []byte) string { return fmt.Sprintf("%x", md5.Sum(b)) }\n',
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
    bad: [
      "package a\nfunc store(password string) [32]byte { return sha256.Sum256([]byte(password)) }\n",
      "package a\nfunc store(word, salt []byte) []byte { return pbkdf2.Key(word, salt, 1000, 32, sha256.New) }\n",
    ],
    good: [
      "package a\nfunc store(password string) ([]byte, error) { return bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost) }\n",
      "package a\nfunc store(word, salt []byte) []byte { return pbkdf2.Key(word, salt, 600000, 32, sha256.New) }\n",
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
    bad: [
      'package a\nimport "crypto/des"\nfunc f(k []byte) { b, err := des.NewCipher(k); _, _ = b, err }\n',
      'package a\nimport "crypto/rc4"\nfunc f(k []byte) { c, _ := rc4.NewCipher(k); _ = c }\n',
    ],
    good: [
      'package a\nimport "crypto/aes"\nfunc f(k []byte) { b, err := aes.NewCipher(k); _ = err; g, _ := cipher.NewGCM(b); _ = g }\n',
      'package a\nimport "golang.org/x/crypto/chacha20poly1305"\nfunc f(k []byte) { c, _ := chacha20poly1305.New(k); _ = c }\n',
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
    bad: [
      'package a\nfunc f(b cipher.Block) { c := cipher.NewCBCEncrypter(b, []byte("1234567890123456")); _ = c }\n',
      'package a\nvar iv = []byte("abcdefghijklmnop")\nfunc f(b cipher.Block) { c := cipher.NewCTR(b, iv); _ = c }\n',
    ],
    good: [
      "package a\nfunc f(b cipher.Block) { iv := make([]byte, 16); io.ReadFull(rand.Reader, iv); c := cipher.NewCBCEncrypter(b, iv); _ = c }\n",
      "package a\nfunc f(b cipher.Block, iv []byte) { c := cipher.NewCTR(b, iv); _ = c }\n",
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
    bad: [
      'package a\nimport "math/rand"\nfunc newToken() string { b := make([]byte, 16); for i := range b { b[i] = letters[rand.Intn(len(letters))] }; return string(b) }\n',
      'package a\nimport "math/rand"\nfunc f() { otp := rand.Intn(1000000); send(otp) }\n',
      'package a\nimport "math/rand"\nfunc f() { resetCode := fmt.Sprintf("%06d", rand.Int()); send(resetCode) }\n',
    ],
    good: [
      'package a\nimport "crypto/rand"\nfunc newToken() string { b := make([]byte, 16); rand.Read(b); return hex.EncodeToString(b) }\n',
      'package a\nimport "math/rand"\nfunc roll() int { return rand.Intn(6) + 1 }\n',
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
    bad: [
      "package a\nvar c = &tls.Config{InsecureSkipVerify: true}\n",
      "package a\nfunc f(c *tls.Config) { c.InsecureSkipVerify = true }\n",
    ],
    good: [
      "package a\nvar c = &tls.Config{MinVersion: tls.VersionTLS12}\n",
      "package a\nvar c = &ssh.ClientConfig{HostKeyCallback: ssh.FixedHostKey(key)}\n",
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
    bad: [
      "package a\nvar c = &tls.Config{MinVersion: tls.VersionTLS10}\n",
      "package a\nfunc f(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 }\n",
    ],
    good: [
      "package a\nvar c = &tls.Config{MinVersion: tls.VersionTLS13}\n",
      "package a\nfunc f(v uint16) bool { return v == tls.VersionTLS10 }\n",
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
    bad: [
      "package a\nfunc f() { k, _ := rsa.GenerateKey(rand.Reader, 1024); _ = k }\n",
      "package a\nconst bits = 512\nfunc f() { k, _ := rsa.GenerateKey(rand.Reader, bits); _ = k }\n",
    ],
    good: [
      "package a\nfunc f() { k, _ := rsa.GenerateKey(rand.Reader, 3072); _ = k }\n",
      "package a\nfunc f(bits int) { k, _ := rsa.GenerateKey(rand.Reader, bits); _ = k }\n",
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
    bad: [
      "package a\nfunc f(t string) { x, _, err := new(jwt.Parser).ParseUnverified(t, claims); _, _ = x, err }\n",
      "package a\nfunc f() { t := jwt.NewWithClaims(jwt.SigningMethodNone, claims); _ = t }\n",
    ],
    good: [
      'package a\nfunc f(t string) { x, err := jwt.Parse(t, keyOf, jwt.WithValidMethods([]string{"HS256"})); _, _ = x, err }\n',
      "package a\nfunc f() { t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims); _ = t }\n",
    ],
  },
];
