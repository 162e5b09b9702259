/** @file Java rules: ciphers, hashes, random numbers, certificates, tokens. */
import { anyOf } from "../../engine/language.ts";
import type { FunctionMade } from "../../engine/syntax.ts";
import { itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, says } from "../conditions.ts";
import { aroundSays, fileSays, isBesideSecrets, isForChecksum, makesOne, passwordName } from "../inside.ts";
import { assigns, brokenLine, calls, words } from "../matches.ts";

/** Names of values that must be unguessable. */
const unguessable = anyOf(
  /token|secret|passw|session|otp|nonce|salt|csrf|captcha|api_?key|reset|verif|activation|remember/i,
  /\bpin\b|^pin$|pinCode|^iv$|ticket|voucher|coupon/i,
);

function isConstant(value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value.constant === "string" && value.constant !== "") return true;
  if (value.path === "byte[]()") return true;
  const entries = itemsOf(value);
  return entries.length > 3 && entries.every(({ constant }) => typeof constant === "number");
}

function isEmpty({ body }: FunctionMade): boolean {
  return body.every(({ kind }) => kind === "return") && body.length < 2;
}

/** A body that throws or delegates to another check. */
const checksSomething =
  /\bthrow\b|check(Server|Client)?(Trusted|Validity)\w{0,20}\(|\b(verify|validate|check)\w{0,40}\(|\bif\b|\bsuper\./i;

/** Rules on cryptography. */
export const javaCryptoRules: readonly Rule[] = [
  {
    id: "java/weak-hash",
    cwe: 327,
    title: "Weak hash function",
    severity: "medium",
    why: "Attackers can create different inputs with the same MD5 or SHA-1 hash.",
    fix: 'Use MessageDigest.getInstance("SHA-256"); for passwords, use BCryptPasswordEncoder or Argon2',
    literals: ["MD5", "SHA1", "SHA-1", "MD2", "MD4", "md5", "sha1"],
    match: [
      calls(
        "MessageDigest.getInstance Signature.getInstance Mac.getInstance",
        ({ args: [name], here }) =>
          says(name, /^(MD2|MD4|MD5|SHA1?|SHA-1|MD5withRSA|SHA1with\w{1,8}|HmacMD5)$/i) &&
          !isForChecksum(here),
      ),
      calls(
        "DigestUtils.md5 DigestUtils.md5Hex DigestUtils.sha1 DigestUtils.sha1Hex DigestUtils.sha " +
          "DigestUtils.md5DigestAsHex DigestUtils.getMd5Digest DigestUtils.getSha1Digest Hashing.md5 " +
          "Hashing.sha1",
        ({ here }) => !isForChecksum(here),
      ),
      brokenLine(/MessageDigest\.getInstance\(\s{0,3}"(MD5|SHA-?1)"/),
    ],
  },
  {
    id: "java/quick-password-hash",
    cwe: 916,
    title: "Password hashed with a fast hash function",
    severity: "high",
    why: "An attacker who steals the hash can try billions of passwords per second.",
    fix: "Use new BCryptPasswordEncoder().encode(password), or PBKDF2 with 600000 iterations",
    literals: ["MessageDigest", "DigestUtils", "PBEKeySpec", "Hashing"],
    match: [
      calls(
        "MessageDigest.digest MessageDigest.update DigestUtils.sha256Hex " + "DigestUtils.sha512Hex",
        ({ args: [text] }) => comesFrom(text, passwordName),
      ),
      calls(
        "PBEKeySpec",
        ({ args: [, , rounds] }) => typeof rounds?.constant === "number" && rounds.constant < 10_000,
      ),
    ],
  },
  {
    id: "java/weak-cipher",
    cwe: 327,
    title: "Broken cipher or insecure cipher mode",
    severity: "high",
    why: "Attackers can decrypt broken ciphers. ECB mode reveals which plaintext blocks are equal.",
    fix: 'Use Cipher.getInstance("AES/GCM/NoPadding")',
    literals: words("Cipher KeyGenerator SecretKeyFactory SSLContext SecretKeySpec NullCipher SSLv3 TLSv1"),
    match: [
      calls(
        "Cipher.getInstance",
        ({ args: [name] }) =>
          says(
            name,
            anyOf(
              /^(DES|DESede|RC2|RC4|ARCFOUR|Blowfish|AES|TripleDES)$/i,
              /^(DES|DESede|RC2|RC4|ARCFOUR|Blowfish|TripleDES)\/|\/ECB\/(?!OAEP)(?!PKCS1Padding$)/i,
              /^[^/]{1,12}\/ECB$|^RSA\/(None|ECB)\/NoPadding$/i,
            ),
          ) && !says(name, /^RSA\/ECB\/(OAEP|PKCS1)/i),
      ),
      calls("KeyGenerator.getInstance SecretKeyFactory.getInstance", ({ args: [name] }) =>
        says(name, /^(DES|DESede|RC2|RC4|ARCFOUR|Blowfish)$/i),
      ),
      calls("NullCipher"),
      calls("SSLContext.getInstance", ({ args: [name] }) =>
        says(name, /^(SSL|SSLv2|SSLv3|TLSv1|TLSv1\.1)$/i),
      ),
    ],
  },
  {
    id: "java/cipher-unauthenticated",
    cwe: 327,
    title: "Cipher mode without authentication",
    severity: "low",
    why: "An attacker who can modify the ciphertext and observe the result can decrypt it byte by byte.",
    fix: 'Use Cipher.getInstance("AES/GCM/NoPadding"); for RSA, use "RSA/ECB/OAEPWithSHA-256AndMGF1Padding"',
    literals: ["Cipher"],
    match: [
      calls(
        "Cipher.getInstance",
        ({ args: [name], here }) =>
          says(
            name,
            /^AES\/(CBC|PCBC|CFB|OFB)\/(PKCS[57]Padding|NoPadding|ISO10126Padding)$|^RSA\/(ECB|None)\/PKCS1Padding$|^RSA$/i,
          ) && !fileSays(here, /Mac\.getInstance|HmacSHA|HMAC/),
      ),
    ],
  },
  {
    id: "java/constant-iv",
    cwe: 329,
    title: "Constant initialization vector (IV) or nonce",
    severity: "medium",
    why: "Equal beginnings produce equal ciphertext. With GCM, a reused nonce reveals the authentication key.",
    fix: "Call new SecureRandom().nextBytes(iv) for each message and store the IV before the ciphertext",
    literals: ["IvParameterSpec", "GCMParameterSpec"],
    match: [
      calls(
        "IvParameterSpec",
        ({ args: [iv], here }) => isConstant(iv) && !aroundSays(here, /nextBytes\(|arraycopy|DECRYPT_MODE/),
      ),
      calls(
        "GCMParameterSpec",
        ({ args: [, iv], here }) => isConstant(iv) && !aroundSays(here, /nextBytes\(|arraycopy|DECRYPT_MODE/),
      ),
    ],
  },
  {
    id: "java/constant-salt",
    cwe: 760,
    title: "Constant salt",
    severity: "medium",
    why: "An attacker can use one precomputed table for all passwords.",
    fix: "Generate a salt for each password: byte[] salt = new byte[16]; new SecureRandom().nextBytes(salt)",
    literals: ["PBEKeySpec", "PBEParameterSpec"],
    match: [
      calls("PBEKeySpec", ({ args: [, salt], here }) => isConstant(salt) && !aroundSays(here, /nextBytes\(/)),
      calls("PBEParameterSpec", ({ args: [salt] }) => isConstant(salt)),
    ],
  },
  {
    id: "java/guessable-random",
    cwe: 330,
    title: "Secret from an insecure random number generator",
    severity: "high",
    why: "A few outputs reveal all later outputs.",
    fix: "Use new SecureRandom()",
    literals: ["Random", "Math.random"],
    match: [
      assigns(unguessable, ({ value, form }) => form !== "argument" && comesFrom(value, /^!random$/)),
      {
        returns: ({ value, here }) =>
          value.entries === undefined && comesFrom(value, /^!random$/) && makesOne(here, unguessable),
      },
      calls(
        "Random.nextInt Random.nextBytes Random.nextLong Math.random Random.ints " +
          "Random.nextInt RandomStringUtils.random " +
          "RandomStringUtils.randomAlphanumeric RandomStringUtils.randomNumeric",
        ({ here }) => makesOne(here, unguessable) && !aroundSays(here, /SecureRandom/),
      ),
      calls("Random.nextBytes", ({ here, start, end }) =>
        unguessable.test(here.text.slice(start, end).replace(/^.{0,200}\(/, "")),
      ),
      calls(
        "SecureRandom.setSeed SecureRandom",
        ({ args: [seed] }) =>
          typeof seed?.constant === "number" ||
          isConstant(seed) ||
          /^System\.(currentTimeMillis|nanoTime)\(\)$/.test(seed?.path ?? ""),
      ),
    ],
  },
  {
    id: "java/random-beside-secrets",
    cwe: 338,
    title: "Insecure random numbers next to passwords or keys",
    severity: "low",
    why: "An attacker who sees some outputs can compute all later ones.",
    fix: "Use new SecureRandom()",
    literals: ["Random", "Math.random"],
    match: [
      calls(
        "Random Math.random ThreadLocalRandom.current RandomUtils.nextInt RandomUtils.nextLong RandomUtils.nextBytes " +
          "RandomUtils.nextFloat RandomUtils.nextDouble " +
          "RandomStringUtils.random RandomStringUtils.randomAlphanumeric " +
          "RandomStringUtils.randomNumeric RandomStringUtils.randomAlphabetic " +
          "RandomStringUtils.randomAscii JVMRandom " +
          "RandomStringUtils.insecure",
        ({ here }) => isBesideSecrets(here) && !aroundSays(here, /SecureRandom/),
      ),
    ],
  },
  {
    id: "java/any-certificate",
    cwe: 295,
    title: "TLS certificate validation disabled",
    severity: "high",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Keep the default TrustManager and HostnameVerifier",
    literals: words(
      "TrustManager checkServerTrusted HostnameVerifier ALLOW_ALL TrustAll NoopHostname " +
        "onReceivedSslError",
    ),
    match: [
      {
        defines: ({ made, here }) =>
          /^check(Server|Client)Trusted$/.test(made.name) &&
          made.parameters.length > 1 &&
          (isEmpty(made) ||
            !checksSomething.test(here.text.slice(made.start, made.end).replace(/^[^{]{0,300}/, ""))),
      },
      calls("NoopHostnameVerifier AllowAllHostnameVerifier TrustAllStrategy TrustSelfSignedStrategy"),
      calls(
        ".setSSLHostnameVerifier .setHostnameVerifier .setDefaultHostnameVerifier .hostnameVerifier",
        ({ args: [given], here, start, end }) =>
          /NoopHostnameVerifier\.INSTANCE|ALLOW_ALL_HOSTNAME_VERIFIER/.test(given?.path ?? "") ||
          /->\s{0,5}(true|\{\s{0,9}return\s{1,5}true)/.test(here.text.slice(start, end).slice(0, 400)),
      ),
      {
        defines: ({ made, here }) => {
          const [only] = made.body;
          return (
            made.name === "verify" &&
            made.parameters.length === 2 &&
            /SSLSession/.test(made.parameters[1]?.type ?? "") &&
            isEmpty(made) &&
            only?.kind === "return" &&
            only.value?.kind === "constant" &&
            only.value.value === true &&
            here.text !== ""
          );
        },
      },
    ],
  },
  {
    id: "java/token-unchecked",
    cwe: 347,
    title: "Token signature not verified",
    severity: "high",
    why: "An attacker can forge a token with any claims.",
    fix: "Use Jwts.parserBuilder().setSigningKey(key).build().parseClaimsJws(token)",
    literals: ["Jwts", "JWT", "Algorithm.none"],
    match: [
      calls("Algorithm.none Algorithm.NONE"),
      calls(".parse .parseClaimsJwt .parsePlaintextJwt .parseUnsecuredClaims", ({ receiver }) =>
        /^Jwts\./.test(receiver.path),
      ),
      calls("JWT.decode", ({ here }) => !fileSays(here, /JWT\.require|verify\(/)),
    ],
  },
  {
    id: "java/short-key",
    cwe: 326,
    title: "Cryptographic key too short",
    severity: "medium",
    why: "An attacker can break a key of this size.",
    fix: 'Use KeyPairGenerator.getInstance("RSA").initialize(3072)',
    literals: ["KeyPairGenerator", "KeyGenerator", "ParameterSpec"],
    match: [
      calls("ECGenParameterSpec", ({ args: [name] }) =>
        says(name, /^(sec[pt]|prime|c2[pto]nb|sect|brainpoolP)(112|113|128|131|160|163|192|193)/i),
      ),
      calls("RSAKeyGenParameterSpec", ({ args: [size] }) => Number(size?.constant ?? 2048) < 2048),
      calls(
        "DSAGenParameterSpec DHGenParameterSpec",
        ({ args: [size] }) => Number(size?.constant ?? 2048) < 2048,
      ),
      calls("KeyPairGenerator.initialize", ({ args: [size], receiver }) => {
        const name = receiver.made?.kind === "call" ? receiver.made.args[0]?.value : undefined;
        const isCurve = name?.kind === "text" && /^EC/.test(name.pieces.join(""));
        return typeof size?.constant === "number" && size.constant < (isCurve ? 224 : 2048);
      }),
      calls("KeyGenerator.init", ({ args: [size], receiver: { made } }) => {
        const name = made?.kind === "call" ? made.args[0]?.value : undefined;
        const isSmall =
          name?.kind === "text" && /^(AES|Blowfish|RC4|ARCFOUR|RC2)/i.test(name.pieces.join(""));
        return typeof size?.constant === "number" && size.constant < (isSmall ? 128 : 112);
      }),
    ],
  },
];
