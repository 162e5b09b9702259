/** @file C# rules: ciphers, hashes, random numbers, keys. */
import { anyOf } from "../../engine/language.ts";
import type { AssignSeen, CallSeen, Here } from "../../engine/seen.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, is, isA, says } from "../conditions.ts";
import { aroundSays, isBesideSecrets, isForChecksum, makesOne, passwordName } from "../inside.ts";
import { assigns, calls, words } from "../matches.ts";
import { isConstantData } from "./sets.ts";

/** Names of values that must be unguessable. */
const unguessable = anyOf(
  /token|secret|passw|session|otp|nonce|salt|csrf|captcha|api_?key|reset|verif|activation/i,
  /\bpin\b|^pin$|pinCode|^_?iv$|^_?key$|ticket|voucher|coupon|credential/i,
);
const ciphers =
  /^(\w{0,10}Aes\w{0,20}|Rijndael\w{0,20}|\w{0,10}DES\w{0,20}|RC2\w{0,20}|SymmetricAlgorithm)(\(\)|\.Create\(\))?/;
const providers =
  "AesCryptoServiceProvider AesManaged Aes RijndaelManaged Rijndael DESCryptoServiceProvider DES " +
  "TripleDESCryptoServiceProvider TripleDES RC2CryptoServiceProvider RC2 SymmetricAlgorithm AesCng TripleDESCng";
const encryptors = providers
  .split(" ")
  .flatMap((name) => [name, `${name}()`, `${name}.Create()`])
  .flatMap((name) => [`${name}.CreateEncryptor`, `${name}.CreateDecryptor`])
  .join(" ");

const isCipher = ({ path }: AssignSeen): boolean =>
  ciphers.test(path) || /^(aes|des|cipher|algorithm|provider|rijndael|crypto\w{0,20}|tdes|alg)\./i.test(path);

function decrypts(here: Here): boolean {
  return /decrypt/i.test(here.inside?.name ?? "");
}

/** A hash that serves security rather than as a checksum. */
function isWeakUse({ here }: CallSeen): boolean {
  return !isForChecksum(here);
}

/** Rules on cryptography. */
export const csharpCryptoRules: readonly Rule[] = [
  {
    id: "csharp/weak-hash",
    cwe: 327,
    title: "Weak hash function",
    severity: "medium",
    why: "Attackers can create different inputs with the same MD5 or SHA-1 hash.",
    fix: "Use SHA256.HashData(bytes); for passwords, use Rfc2898DeriveBytes.Pbkdf2 with 600000 iterations",
    literals: ["MD5", "SHA1", "RIPEMD", "MD4", "MD2", "md5", "sha1"],
    match: [
      calls(
        "MD5.Create MD5.HashData SHA1.Create SHA1.HashData MD5CryptoServiceProvider " +
          "SHA1CryptoServiceProvider SHA1Managed " +
          "MD5Cng SHA1Cng RIPEMD160.Create RIPEMD160Managed HMACMD5 HMACRIPEMD160 MD5Digest Sha1Digest MD4Digest",
        isWeakUse,
      ),
      calls(
        "HashAlgorithm.Create CryptoConfig.CreateFromName HMAC.Create KeyedHashAlgorithm.Create",
        (seen) =>
          says(seen.args[0], /^(System\.Security\.Cryptography\.)?(HMAC)?(MD5|SHA-?1?|RIPEMD160)$/i) &&
          isWeakUse(seen),
      ),
      calls(
        "IncrementalHash.CreateHash .SignData .VerifyData .SignHash Rfc2898DeriveBytes",
        ({ args, path }) =>
          path !== "Rfc2898DeriveBytes" && args.some((one) => isA(one, /HashAlgorithmName\.MD5$/)),
      ),
      calls(
        "CryptographicOperations.HashData CryptographicOperations.HmacData CryptographicOperations.TryHashData",
        ({ args }) => args.some((one) => isA(one, /HashAlgorithmName\.(MD5|SHA1)$/)),
      ),
    ],
  },
  {
    id: "csharp/quick-password-hash",
    cwe: 916,
    title: "Password hashed with a fast hash function",
    severity: "high",
    why: "An attacker who steals the hash can try billions of passwords per second.",
    fix: "Use Rfc2898DeriveBytes.Pbkdf2(password, salt, 600000, HashAlgorithmName.SHA256, 32)",
    literals: ["SHA", "MD5", "Rfc2898", "PasswordDeriveBytes", "HashPasswordForStoring", "Pbkdf2"],
    match: [
      calls(
        ".ComputeHash .HashData",
        ({ args: [text], receiver, path }) =>
          comesFrom(text, passwordName) &&
          /SHA|MD5|Hash/.test(receiver.path + path) &&
          !/HMAC/.test(receiver.path),
      ),
      calls("Rfc2898DeriveBytes Rfc2898DeriveBytes.Pbkdf2", ({ args, named, path }) => {
        const rounds = named.get("iterations") ?? args[2];
        if (rounds === undefined) return path === "Rfc2898DeriveBytes" && args.length === 2;
        return typeof rounds.constant === "number" && rounds.constant < 10_000;
      }),
      calls("KeyDerivation.Pbkdf2", ({ args, named }) => {
        const rounds = named.get("iterationCount") ?? args[3];
        return typeof rounds?.constant === "number" && rounds.constant < 10_000;
      }),
      calls("PasswordDeriveBytes FormsAuthentication.HashPasswordForStoringInConfigFile .CryptDeriveKey"),
    ],
  },
  {
    id: "csharp/weak-cipher",
    cwe: 327,
    title: "Broken cipher or insecure cipher mode",
    severity: "high",
    why: "Attackers can decrypt broken ciphers. ECB mode reveals which plaintext blocks are equal.",
    fix: "Use new AesGcm(key, 16), or Aes.Create() with CipherMode.CBC and a MAC",
    literals: ["DES", "RC2", "RC4", "ECB", "Ecb", "Ssl", "Tls", "BlowFish", "Blowfish"],
    match: [
      calls(
        "DES.Create DESCryptoServiceProvider RC2.Create RC2CryptoServiceProvider TripleDESCryptoServiceProvider " +
          "TripleDES.Create TripleDESCng DesEngine RC4Engine BlowfishEngine Rc2Engine DesEdeEngine",
      ),
      calls("SymmetricAlgorithm.Create CryptoConfig.CreateFromName", ({ args: [name] }) =>
        says(name, /^(DES|RC2|3DES|TripleDES|RC4)$/i),
      ),
      assigns(/^Mode$/, ({ value }) => isA(value, /CipherMode\.ECB$/)),
      calls(".EncryptEcb .DecryptEcb .TryEncryptEcb .TryDecryptEcb"),
      assigns(/^(SecurityProtocol|SslProtocols|EnabledSslProtocols)$/, ({ here, start, end }) =>
        isOldProtocol(here.text.slice(start, end).replace(/^[^=]{0,200}=/, "")),
      ),
      calls(".AuthenticateAsClient .AuthenticateAsServer", ({ args }) =>
        args.some((one) => isA(one, /SslProtocols\.(Ssl2|Ssl3|Tls|Tls11|Default)$/)),
      ),
    ],
  },
  {
    id: "csharp/weak-padding",
    cwe: 780,
    title: "RSA encryption without OAEP padding",
    severity: "medium",
    why: "A padding oracle lets an attacker decrypt the message step by step.",
    fix: "Use rsa.Encrypt(data, RSAEncryptionPadding.OaepSHA256)",
    literals: ["RSA", "Rsa", "rsa", "Pkcs1"],
    match: [
      calls(
        ".Encrypt .Decrypt",
        ({ args: [, padding], receiver }) =>
          isA(padding, /RSAEncryptionPadding\.Pkcs1$/) ||
          (is(padding, false) && /RSA|rsa/.test(receiver.path)),
      ),
      calls("RSAPKCS1KeyExchangeFormatter RSAPKCS1KeyExchangeDeformatter"),
    ],
  },
  {
    id: "csharp/constant-key",
    cwe: 321,
    title: "Hard-coded cryptographic key",
    severity: "high",
    why: "Anyone who can read the source can decrypt the data.",
    fix: 'Load the key from a secret store: Convert.FromBase64String(configuration["Key"])',
    literals: ["Key", "Encryptor", "Decryptor", "AesGcm", "AesCcm", "HMAC", "ChaCha20"],
    match: [
      assigns(/^Key$/, (seen) => (isCipher(seen) || seen.form === "argument") && isConstantData(seen.value)),
      calls(encryptors, ({ args: [key] }) => isConstantData(key)),
      calls(
        "AesGcm AesCcm ChaCha20Poly1305 HMACSHA256 HMACSHA512 HMACSHA1 HMACSHA384 SymmetricSecurityKey KeyParameter",
        ({ args: [key] }) => isConstantData(key),
      ),
    ],
  },
  {
    id: "csharp/constant-iv",
    cwe: 329,
    title: "Constant initialization vector (IV) or nonce",
    severity: "medium",
    why: "Equal beginnings produce equal ciphertext. With GCM, a reused nonce reveals the authentication key.",
    fix: "Call aes.GenerateIV() for each message and store the IV before the ciphertext",
    literals: ["IV", "Encryptor", "nonce"],
    match: [
      assigns(/^IV$/, (seen) => isCipher(seen) && isFixed(seen.value) && !decrypts(seen.here)),
      calls(
        encryptors,
        ({ args: [, iv], path, here }) => isFixed(iv) && path.endsWith("CreateEncryptor") && !decrypts(here),
      ),
    ],
  },
  {
    id: "csharp/constant-salt",
    cwe: 760,
    title: "Constant salt",
    severity: "medium",
    why: "An attacker can use one precomputed table for all passwords.",
    fix: "Use RandomNumberGenerator.GetBytes(16) for each password",
    literals: ["Rfc2898", "Pbkdf2", "DeriveBytes"],
    match: [
      calls(
        "Rfc2898DeriveBytes Rfc2898DeriveBytes.Pbkdf2 PasswordDeriveBytes KeyDerivation.Pbkdf2",
        ({ args: [, salt] }) => isFixed(salt),
      ),
    ],
  },
  {
    id: "csharp/guessable",
    cwe: 338,
    title: "Secret from an insecure random number generator",
    severity: "high",
    why: "An attacker who sees some outputs can compute the next ones.",
    fix: "Use RandomNumberGenerator.GetBytes(32)",
    literals: ["Random"],
    match: [
      assigns(unguessable, ({ value, path, form, name }) => {
        if (form === "entry" || /Index|Length|Count$/.test(name)) return false;
        return comesFrom(value, /^!random$/) && !/^(Random|RandomNumberGenerator)/.test(path);
      }),
      {
        returns: ({ value, here }) => comesFrom(value, /^!random$/) && makesOne(here, unguessable),
      },
      calls("AesGcm AesCcm ChaCha20Poly1305 HMACSHA256 .CreateEncryptor", ({ args }) =>
        args.some((one) => comesFrom(one, /^!random$/)),
      ),
    ],
  },
  {
    id: "csharp/short-key",
    cwe: 326,
    title: "Cryptographic key too short",
    severity: "medium",
    why: "An attacker can break a key of this size.",
    fix: "Use RSA.Create(3072)",
    literals: ["RSA", "DSA", "KeySize", "Rsa", "brainpool"],
    match: [
      calls(
        "RSACryptoServiceProvider RSA.Create DSA.Create DSACryptoServiceProvider RSACng",
        ({ args: [size], path }) =>
          size === undefined
            ? /CryptoServiceProvider$/.test(path)
            : typeof size.constant === "number" && size.constant > 0 && size.constant < 2048,
      ),
      calls(
        ".GenerateKey ECDsa.Create ECDsaCng ECDsaOpenSsl ECDiffieHellmanCng ECDiffieHellman.Create",
        ({ args: [curve] }) => isA(curve, /brainpoolP(160|192)[rt]1$/),
      ),
      assigns(
        /^KeySize$/,
        ({ value, path, form }) =>
          form !== "variable" &&
          typeof value.constant === "number" &&
          value.constant < (/RSA|DSA/.test(path) ? 2048 : 128),
      ),
    ],
  },
  {
    id: "csharp/random-beside-secrets",
    cwe: 338,
    title: "Insecure random numbers next to passwords or keys",
    severity: "low",
    why: "An attacker who sees some outputs can compute all later ones.",
    fix: "Use RandomNumberGenerator.GetInt32(max)",
    literals: ["Random"],
    match: [
      calls(
        "Random",
        ({ here }) => isBesideSecrets(here) && !aroundSays(here, /RandomNumberGenerator|RNGCrypto/),
      ),
    ],
  },
  {
    id: "csharp/cipher-own",
    cwe: 327,
    title: "Custom cipher or hash implementation",
    severity: "low",
    why: "Cryptography without public review is usually breakable.",
    fix: "Use AesGcm, SHA256 or RSA from System.Security.Cryptography",
    literals: words("SymmetricAlgorithm HashAlgorithm ICryptoTransform AsymmetricAlgorithm DeriveBytes"),
    match: [
      {
        line: /\b(class|record)\s+\w{1,80}(<[\w, ]{1,60}>)?\s{0,3}(\([^)]{0,200}\)\s{0,3})?:\s{0,3}([\w.]{1,80},\s{0,3}){0,4}([\w]{1,40}\.){0,4}(SymmetricAlgorithm|AsymmetricAlgorithm|HashAlgorithm|KeyedHashAlgorithm|HMAC|DeriveBytes|ICryptoTransform|AsymmetricKeyExchangeFormatter|AsymmetricSignatureFormatter|Aes|DES|RSA|DSA|Rijndael)\b/,
      },
    ],
  },
];

/** Constant bytes, or an array that was never filled. */
function isFixed(value: Value | undefined): boolean {
  return isConstantData(value) || value?.path === "byte[]()";
}

function isOldProtocol(source: string): boolean {
  return /\.(Ssl2|Ssl3|Tls|Tls11|Default)\b/.test(source.slice(0, 400)) && !/\.(Tls12|Tls13)\b/.test(source);
}
