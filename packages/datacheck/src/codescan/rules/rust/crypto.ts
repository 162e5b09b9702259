/** @file Rust rules: hashes, ciphers, keys, certificates, tokens, secrets, permissions. */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen, Here } from "../../engine/seen.ts";
import { itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import {
  comesFrom,
  importsOf,
  is,
  isA,
  isTemporaryPath,
  isWorldWritable,
  nameOf,
  says,
  temporaryWords,
} from "../conditions.ts";
import { fileSays, isForChecksum, makesOne, openLogin, passwordName } from "../inside.ts";
import { assigns, calls, words } from "../matches.ts";
import {
  comparedWithWritten,
  connectionWithPassword,
  isNamedToken,
  isWrittenSecret,
  isWrittenWord,
} from "../written.ts";
import { around } from "./run.ts";

/** Names of values that must be unguessable. */
const unguessable = anyOf(
  /token|secret|passw|session|otp|nonce|salt|csrf|captcha|api_?key|reset|verif|activation/i,
  /\bpin\b|^pin$|pin_code|^iv$|^key$|ticket|voucher|coupon/i,
);

/** Whether a value is a byte or text literal. */
function isFixed(value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value.constant === "string") return value.constant.length >= 4;
  if (value.path === "[]()") return true;
  const entries = itemsOf(value);
  return entries.length > 3 && entries.every(({ constant }) => typeof constant === "number");
}

function isWeak({ here }: CallSeen): boolean {
  return !isForChecksum(here);
}

function uses(here: Here, crate: RegExp): boolean {
  return importsOf(here, crate) || fileSays(here, crate);
}

/** Rules on cryptography and secrets. */
export const rustCryptoRules: readonly Rule[] = [
  {
    id: "rust/weak-hash",
    cwe: 327,
    title: "Weak hash function",
    severity: "medium",
    why: "Attackers can create different inputs with the same MD5 or SHA-1 hash.",
    fix: "Use sha2::Sha256::digest(bytes); for passwords, use argon2",
    literals: ["md5", "Md5", "MD5", "sha1", "Sha1", "SHA1", "Md4", "Md2", "Ripemd"],
    match: [
      calls(
        "md5.compute Md5.new Md5.digest Md5.default Sha1.new Sha1.digest Sha1.default Sha1.from Md4.new " +
          "Md4.digest Md2.new Md2.digest " +
          "Ripemd128.new Ripemd160.new MessageDigest.md5 MessageDigest.sha1 hash.md5 sha.sha1 openssl.sha.sha1 " +
          "Context.new sha1.Sha1.new",
        (seen) =>
          isWeak(seen) &&
          (seen.path !== "Context.new" ||
            isA(seen.args[0], /SHA1_FOR_LEGACY/) ||
            /md5::Context/.test(seen.here.text.slice(seen.start, seen.end))),
      ),
      calls("digest.digest digest.Context.new hmac.Key.new", ({ args: [name] }) =>
        isA(name, /SHA1_FOR_LEGACY/),
      ),
      calls("Hmac.new_from_slice", ({ here, start, end }) =>
        /Hmac::?<(md5::)?Md5>/.test(here.text.slice(start, end)),
      ),
    ],
  },
  {
    id: "rust/quick-password-hash",
    cwe: 916,
    title: "Password hashed with a fast hash function",
    severity: "high",
    why: "An attacker who steals the hash can try billions of passwords per second.",
    fix: "Use Argon2::default().hash_password(password, &salt)",
    literals: ["Sha", "sha", "md5", "Md5", "pbkdf2", "digest"],
    match: [
      calls(
        ".update .chain_update Sha256.digest Sha512.digest Sha1.digest Md5.digest md5.compute digest.digest .input Sha384.digest",
        ({ args, receiver, path }) =>
          args.some((one) => comesFrom(one, passwordName)) &&
          (/Sha|Md5|md5|digest/.test(receiver.path) || /digest|compute/.test(path)),
      ),
      calls(
        "pbkdf2 pbkdf2.pbkdf2 pbkdf2_hmac pbkdf2.pbkdf2_hmac pbkdf2.derive pbkdf2_hmac_array",
        ({ args }) =>
          args.some(({ constant }) => typeof constant === "number" && constant > 0 && constant < 10_000),
      ),
    ],
  },
  {
    id: "rust/weak-cipher",
    cwe: 327,
    title: "Broken cipher or insecure cipher mode",
    severity: "high",
    why: "Attackers can decrypt broken ciphers. ECB mode reveals which plaintext blocks are equal.",
    fix: "Use Aes256Gcm::new(&key)",
    literals: ["Des", "des_", "Rc4", "rc4", "Ecb", "ecb", "Blowfish", "Rc2", "bf_", "SslVersion", "Protocol"],
    match: [
      calls(
        "Des.new Des.new_from_slice TdesEde3.new TdesEde3.new_from_slice TdesEde2.new Rc4.new " +
          "Rc4.new_from_slice Blowfish.new " +
          "Blowfish.new_from_slice Rc2.new Cipher.des_cbc Cipher.des_ecb Cipher.des_ede3_cbc Cipher.des_ede3 " +
          "Cipher.rc4 Cipher.bf_cbc " +
          "Cipher.bf_ecb Cipher.aes_128_ecb Cipher.aes_192_ecb Cipher.aes_256_ecb Ecb.new Ecb.new_from_slices " +
          "Ecb.new_from_slice " +
          "Encryptor.new Decryptor.new Cipher.des_ede3_ecb",
        ({ path, here, start, end }) =>
          !/^(En|De)cryptor/.test(path) || /ecb::(En|De)cryptor|Ecb/.test(here.text.slice(start, end)),
      ),
      calls(".new .new_from_slice .new_from_slices", ({ here, start, end }) =>
        /(Ecb|ecb::(En|De)cryptor|[tT]?[dD]es(Ede\d)?(Cbc)?(Enc|Dec)?)::new/.test(
          here.text.slice(start, Math.min(end, start + 100)).replace(/<[^<>]{0,100}>/g, ""),
        ),
      ),
      calls(".min_protocol_version .set_min_proto_version .min_tls_version", ({ args: [version] }) =>
        isA(version, /(SSL3|SSLV3|Sslv3|TLS1|Tlsv10|Tlsv11|TLS1_1|TLS_1_0|TLS_1_1)$/),
      ),
    ],
  },
  {
    id: "rust/constant-key",
    cwe: 321,
    title: "Hard-coded cryptographic key",
    severity: "high",
    why: "Anyone who can read the source can decrypt or sign what the key protects.",
    fix: 'Read it with std::env::var("KEY") or from a secret store',
    literals: ["from_slice", "from_secret", "Key", "Aes", "Hmac", "encrypt", "from_array", "ChaCha"],
    match: [
      calls(
        "Key.from_slice EncodingKey.from_secret DecodingKey.from_secret Hmac.new_from_slice " +
          "HmacSha256.new_from_slice HmacSha512.new_from_slice " +
          "Aes128Gcm.new_from_slice Aes256Gcm.new_from_slice ChaCha20Poly1305.new_from_slice " +
          "Aes128.new_from_slice Aes256.new_from_slice " +
          "Aes256Gcm.new Aes128Gcm.new ChaCha20Poly1305.new Aes256.new Aes128.new GenericArray.from_slice " +
          "LessSafeKey.new UnboundKey.new " +
          "Key.from hmac.Key.new PKey.hmac cookie.Key.from Aes128Cbc.new_from_slices Aes256Cbc.new_from_slices",
        ({ args, here, path }) => {
          if (/GenericArray/.test(path) && !/key/i.test(here.text.slice(0, 40_000))) return false;
          const key = /UnboundKey|hmac\.Key/.test(path) ? args[1] : args[0];
          return isFixed(key) && !/nonce|iv\b/i.test(nameOf(key));
        },
      ),
      calls("symm.encrypt symm.decrypt encrypt decrypt Crypter.new", ({ args, here }) => {
        const key = args[args.length === 4 ? 1 : 2];
        return isFixed(key) && uses(here, /openssl/);
      }),
    ],
  },
  {
    id: "rust/constant-iv",
    cwe: 329,
    title: "Constant initialization vector (IV) or nonce",
    severity: "medium",
    why: "Equal beginnings produce equal ciphertext. With GCM, a reused nonce reveals the authentication key.",
    fix: "Use Aes256Gcm::generate_nonce(&mut OsRng) for each message and store the nonce before the ciphertext",
    literals: ["Nonce", "nonce", "iv", "IV"],
    match: [
      calls(
        "Nonce.from_slice Nonce.assume_unique_for_key Nonce.try_assume_unique_for_key XNonce.from_slice aead.Nonce.assume_unique_for_key",
        ({ args: [iv], here }) =>
          isFixed(iv) && !/fill_bytes|\.fill\(|decrypt|copy_from_slice|generate_nonce/i.test(around(here)),
      ),
      calls(
        "symm.encrypt Crypter.new",
        ({ args, here }) =>
          isFixed(args[args.length === 4 && !fileSays(here, /Crypter/) ? 2 : 3]) &&
          !/rand_bytes|fill_bytes/.test(around(here)),
      ),
      calls("Aes128Cbc.new_from_slices Aes256Cbc.new_from_slices", ({ args: [, iv] }) => isFixed(iv)),
    ],
  },
  {
    id: "rust/guessable",
    cwe: 338,
    title: "Secret from an insecure random number generator",
    severity: "high",
    why: "An attacker who sees some outputs can compute the next ones.",
    fix: "Use rand::rngs::OsRng",
    literals: words("SmallRng seed_from_u64 fastrand Pcg XorShift oorandom rand() nanorand Xoshiro tinyrand"),
    match: [
      assigns(unguessable, ({ value, form }) => form !== "entry" && comesFrom(value, /^!random$/)),
      { returns: ({ value, here }) => comesFrom(value, /^!random$/) && makesOne(here, unguessable) },
    ],
  },
  {
    id: "rust/certificate-unchecked",
    cwe: 295,
    title: "TLS certificate validation disabled",
    severity: "high",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Add the CA certificate: builder.add_root_certificate(cert)",
    literals: ["danger", "SslVerifyMode", "set_verify", "verify_hostname", "accept_invalid", "ssl_verify"],
    match: [
      calls(
        ".danger_accept_invalid_certs .danger_accept_invalid_hostnames .accept_invalid_certs .accept_invalid_hostnames",
        ({ args: [on] }) => is(on, true),
      ),
      calls(".set_verify .set_verify_callback", ({ args: [mode] }) =>
        isA(mode, /SslVerifyMode\.NONE$|(^|\.)SSL_VERIFY_NONE$/),
      ),
      calls(".dangerous .with_custom_certificate_verifier .set_certificate_verifier"),
      calls(
        ".verify_hostname .ssl_verify_peer .ssl_verify_host .use_server_name_indication",
        ({ args: [on] }) => is(on, false),
      ),
    ],
  },
  {
    id: "rust/token-unchecked",
    cwe: 347,
    title: "Token signature not verified",
    severity: "high",
    why: "An attacker can forge a token with any claims.",
    fix: "Use decode::<Claims>(token, &key, &Validation::new(Algorithm::HS256))",
    literals: ["insecure", "validate_exp", "dangerous"],
    match: [
      calls(
        ".insecure_disable_signature_validation dangerous_insecure_decode jsonwebtoken.dangerous_insecure_decode insecure_decode jsonwebtoken.dangerous.insecure_decode dangerous.insecure_decode dangerous_unsafe_decode",
      ),
      assigns(/^validate_exp$/, ({ value }) => is(value, false)),
    ],
  },
  {
    id: "rust/secret-in-source",
    cwe: 798,
    title: "Hard-coded password or key",
    severity: "high",
    why: "Anyone who can read the source has the credential. Changing it requires a code change.",
    fix: 'Read it with std::env::var("NAME") or from a secret store',
    literals: words("assw ASSW pwd PWD ecret ECRET oken TOKEN ey KEY :// redential"),
    secret: true,
    match: [
      assigns(/./, ({ form, name, value }) => {
        if (form === "standard" || form === "item") return false;
        return isWrittenSecret(name, value) || isNamedToken(name, value);
      }),
      assigns(/./, ({ value }) => says(value, connectionWithPassword)),
      calls(
        "PgPool.connect MySqlPool.connect Client.connect Connection.open Pool.connect PgPoolOptions.new().connect Config.from_str",
        ({ args: [to] }) => says(to, connectionWithPassword),
      ),
      calls(".password .basic_auth .with_password .bearer_auth", ({ args, path }) => {
        const word = args[/basic_auth/.test(path) ? 1 : 0];
        return isWrittenWord(word);
      }),
      comparedWithWritten("== !="),
    ],
  },
  {
    id: "rust/secret-in-log",
    cwe: 532,
    title: "Password written to a log",
    severity: "medium",
    why: "More people can read logs than should know the password.",
    fix: "Do not log the password",
    literals: ["assw", "pwd", "ecret", "token"],
    match: [
      calls(
        "info! warn! error! debug! trace! log.info! log.warn! log.error! log.debug! log.trace! tracing.info! tracing.debug! println! eprintln!",
        ({ args }) =>
          args.some((one) =>
            comesFrom(one, /^(\w{0,20}password|passwd|pwd|secret|credit_?card\w{0,10}|cvv|access_token)$/i),
          ),
      ),
    ],
  },
  {
    id: "rust/secret-in-clear-text",
    cwe: 319,
    title: "Secret sent over an unencrypted connection",
    severity: "medium",
    why: "An eavesdropper on the network can read them.",
    fix: "Use https://",
    literals: ["http://"],
    match: [
      calls("reqwest.get .get .post .put ureq.post ureq.get Url.parse", ({ args: [to] }) =>
        says(to, openLogin),
      ),
    ],
  },
  {
    id: "rust/open-to-all",
    cwe: 732,
    title: "World-writable file",
    severity: "medium",
    why: "Every local user can modify it.",
    fix: "Use Permissions::from_mode(0o600)",
    literals: ["0o", "umask"],
    match: [
      calls("Permissions.from_mode .mode .set_mode libc.chmod Mode.from_bits chmod", ({ args }) => {
        return isWorldWritable(args.at(-1));
      }),
      calls("libc.umask umask", ({ args: [mask] }) => is(mask, 0)),
    ],
  },
  {
    id: "rust/temporary-name",
    cwe: 377,
    title: "Predictable temporary file name",
    severity: "low",
    why: "Another process can create the file, or a symbolic link in its place, first.",
    fix: "Use tempfile::NamedTempFile::new()",
    literals: [...temporaryWords, "temp_dir"],
    match: [
      calls("File.create fs.write File.create_new", ({ args: [name] }) => isTemporaryPath(name)),
      calls("env.temp_dir().join", ({ args: [name] }) => says(name, /^[\w.-]{1,60}$/)),
    ],
  },
];
