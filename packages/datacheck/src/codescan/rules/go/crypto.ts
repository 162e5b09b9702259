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
    title: "A broken hash function",
    severity: "medium",
    why: "Texts with the same MD5 or SHA-1 can be made.",
    fix: "sha256.Sum256(data); for passwords bcrypt.GenerateFromPassword",
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
    title: "A password hashed by a function that is too fast",
    severity: "high",
    why: "Billions of guesses a second are tried on a stolen hash.",
    fix: "bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)",
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
    title: "A broken cipher",
    severity: "high",
    why: "The text can be read by trying keys, or from its patterns.",
    fix: "aes.NewCipher(key) with cipher.NewGCM(block)",
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
    title: "A cipher's start that is always the same",
    severity: "medium",
    why: "Texts that begin alike are seen to, and with GCM the key is given away.",
    fix: "io.ReadFull(rand.Reader, nonce), stored before the text",
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
    title: "A secret made by a generator that can be guessed",
    severity: "high",
    why: "A few outputs, or the time, give away all that follow.",
    fix: "crypto/rand: rand.Read(buffer), rand.Text()",
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
    title: "Certificates that are not checked",
    severity: "high",
    why: "Whoever sits between reads and changes everything.",
    fix: "Leave InsecureSkipVerify out; add the certificate to RootCAs",
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
    title: "An old version of TLS",
    severity: "medium",
    why: "It has known weaknesses that let others read along.",
    fix: "MinVersion: tls.VersionTLS12",
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
    title: "A key that is too short",
    severity: "medium",
    why: "It can be found by trying.",
    fix: "rsa.GenerateKey(rand.Reader, 3072)",
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
    title: "A token whose signature is not checked",
    severity: "high",
    why: "Whoever sends it can write into it what they like.",
    fix: 'jwt.Parse(token, key, jwt.WithValidMethods([]string{"HS256"}))',
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
