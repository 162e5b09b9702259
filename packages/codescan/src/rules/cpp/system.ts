/** @file C and C++: files and rights, ciphers, random numbers, certificates, secrets. */
import type { CallSeen } from "../../engine/seen.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import {
  comesFrom,
  is,
  isAboutSecret,
  isSecretName,
  isTemporaryPath,
  isWorldWritable,
  nameOf,
  says,
  temporaryWords,
} from "../conditions.ts";
import { assigns, calls, callsLike, operates } from "../matches.ts";
import { isWrittenSecret } from "../written.ts";

function source({ here, start, end }: CallSeen): string {
  return here.text.slice(start, Math.min(end, start + 300));
}

function bodyOf({ here, start }: CallSeen): string {
  return here.text.slice(here.inside?.start ?? Math.max(0, start - 2000), start);
}

function isBelow(value: Value | undefined, limit: number): boolean {
  return typeof value?.constant === "number" && value.constant > 0 && value.constant < limit;
}

function isSecret(name: string, value: Value | undefined): boolean {
  return isWrittenSecret(name, value) && !/[%\s]/.test(String(value?.constant));
}

/** Functions that are told a hash by its name or number. */
const hashes =
  "gcry_md_open gcry_md_hash_buffer CryptCreateHash BCryptOpenAlgorithmProvider mbedtls_md_info_from_type " +
  "mbedtls_md_info_from_string gnutls_hash_fast gnutls_hash_init g_compute_checksum_for_data " +
  "g_compute_checksum_for_string QCryptographicHash QCryptographicHash.hash EVP_Q_digest";

/** Functions that are told a cipher by its name or number. */
const ciphers =
  "CryptDeriveKey CryptGenKey BCryptOpenAlgorithmProvider gcry_cipher_open CCCrypt CCCryptorCreate EVP_CIPHER_fetch " +
  "EVP_get_cipherbyname mbedtls_cipher_info_from_type mbedtls_cipher_info_from_string mcrypt_module_open";

/** Functions that are handed a password, by its position. */
const logins: Readonly<Record<string, number>> = {
  ...{
    mysql_real_connect: 3,
    mysql_change_user: 2,
    PQsetdbLogin: 6,
    SQLConnect: 5,
    SQLConnectA: 5,
    SQLConnectW: 5,
  },
  ...{
    LogonUser: 2,
    LogonUserA: 2,
    LogonUserW: 2,
    LogonUserEx: 2,
    WNetAddConnection2: 1,
    WNetAddConnection2A: 1,
  },
  ...{ ldap_simple_bind_s: 2, ldap_simple_bind: 2, ldap_bind_s: 2, ssh_userauth_password: 2 },
  ...{
    libssh2_userauth_password: 2,
    CreateProcessWithLogonW: 2,
    PKCS12_parse: 1,
    mosquitto_username_pw_set: 2,
  },
};

const compares = "strcmp strncmp strcasecmp wcscmp memcmp strcmpi";

/** Whether a name is that of a secret itself and not of something about it. */
function isCompared(secret: RegExp, name: string): boolean {
  return secret.test(name) && !isAboutSecret(name);
}

/** Rules on the system and on secrets. */
export const cppSystemRules: readonly Rule[] = [
  {
    id: "cpp/temporary-name",
    cwe: 377,
    title: "A temporary file whose name can be guessed",
    severity: "medium",
    why: "Somebody else can make the file, or a link, before the program does.",
    fix: 'char name[] = "/tmp/appXXXXXX"; int fd = mkstemp(name);',
    literals: [...temporaryWords, "mktemp", "tmpnam", "tempnam"],
    match: [
      calls("mktemp tmpnam tempnam tmpnam_r _mktemp _tempnam"),
      calls("fopen freopen", ({ args: [name, mode] }) => isTemporaryPath(name) && !says(mode, /^r/)),
      calls("creat ofstream", ({ args: [name] }) => isTemporaryPath(name)),
      calls(
        "open",
        (seen) =>
          isTemporaryPath(seen.args[0]) && /O_CREAT/.test(source(seen)) && !/O_EXCL/.test(source(seen)),
      ),
    ],
    bad: [
      '#include <stdio.h>\nvoid f(void) {\n  char name[L_tmpnam];\n  tmpnam(name);\n  FILE *file = fopen(name, "w");\n}\n',
      '#include <stdio.h>\nvoid f(void) {\n  FILE *file = fopen("/tmp/app.log", "w");\n}\n',
      '#include <stdio.h>\nvoid f(void) {\n  FILE *file = fopen("/tmp/app/today.log", "a");\n}\n',
      '#include <fstream>\nvoid f() {\n  std::ofstream file("/var/tmp/app.log");\n}\n',
      '#include <fcntl.h>\nint f(void) {\n  return open("/tmp/app.lock", O_CREAT | O_WRONLY, 0600);\n}\n',
      '#include <stdlib.h>\nvoid f(void) {\n  char name[] = "/tmp/aXXXXXX";\n  mktemp(name);\n}\n',
    ],
    good: [
      '#include <stdlib.h>\nvoid f(void) {\n  char name[] = "/tmp/aXXXXXX";\n  int fd = mkstemp(name);\n}\n',
      "#include <stdio.h>\nvoid f(void) {\n  FILE *file = tmpfile();\n}\n",
      '#include <stdio.h>\nvoid f(void) {\n  FILE *file = fopen("/tmp/app/today.log", "r");\n  if (file) fclose(file);\n}\n',
      '#include <fstream>\nvoid f() {\n  std::ofstream file("/var/lib/app/app.log");\n}\n',
      '#include <fcntl.h>\nint f(void) {\n  return open("/tmp/app.lock", O_CREAT | O_EXCL | O_WRONLY, 0600);\n}\n',
    ],
  },
  {
    id: "cpp/rights-for-all",
    cwe: 732,
    title: "A file that everybody may write",
    severity: "medium",
    why: "Any user of the machine can change what the program trusts.",
    fix: "0600 for files, 0700 for folders, umask(077)",
    literals: ["chmod", "umask", "open", "creat", "mkdir", "S_IWOTH", "S_IRWXO"],
    match: [
      calls(
        "chmod fchmod mkdir creat fchmodat mkfifo",
        (seen) =>
          isWorldWritable(seen.args.at(seen.path === "fchmodat" ? 2 : 1)) ||
          /S_IWOTH|S_IRWXO/.test(source(seen)),
      ),
      calls(
        "open",
        (seen) =>
          isWorldWritable(seen.args[2]) || (seen.args.length > 2 && /S_IWOTH|S_IRWXO/.test(source(seen))),
      ),
      calls("umask", ({ args: [mask] }) => is(mask, 0)),
    ],
    bad: [
      '#include <sys/stat.h>\nvoid f(void) {\n  chmod("/etc/app.conf", 0777);\n}\n',
      "#include <sys/stat.h>\nvoid f(void) {\n  umask(0);\n}\n",
      '#include <fcntl.h>\nvoid f(void) {\n  int fd = open("a", O_CREAT | O_WRONLY, 0666);\n}\n',
      "#include <sys/stat.h>\nvoid f(const char *a) {\n  mkdir(a, S_IRWXU | S_IRWXG | S_IRWXO);\n}\n",
    ],
    good: [
      '#include <sys/stat.h>\nvoid f(void) {\n  chmod("/etc/app.conf", 0600);\n}\n',
      "#include <sys/stat.h>\nvoid f(void) {\n  umask(077);\n}\n",
      '#include <fcntl.h>\nint f(void) {\n  return open("a", O_CREAT | O_WRONLY, 0644);\n}\n',
    ],
  },
  {
    id: "cpp/check-then-open",
    cwe: 367,
    title: "A file checked by name and then opened by name",
    severity: "medium",
    why: "Between the two the name can come to mean another file.",
    fix: "Open it first, then fstat the descriptor; O_NOFOLLOW against links",
    literals: ["access", "stat(", "exists", "rename"],
    match: [
      calls(
        "fopen open unlink remove rmdir mkdir chmod chown rename creat opendir ofstream ifstream freopen",
        (seen) => {
          const [, name] = /\(\s{0,9}([\w.>-]{1,80}|"[^"]{1,100}")\s{0,9}[,)]/.exec(source(seen)) ?? [];
          if (name === undefined) return false;
          const before = seen.here.text.slice(
            Math.max(seen.here.inside?.start ?? 0, seen.start - 600),
            seen.start,
          );
          // a rename that failed is a question, too
          return ["access(", "stat(", "lstat(", "exists(", "rename("].some((asked) => {
            const at = Math.max(
              before.lastIndexOf(`${asked}${name},`),
              before.lastIndexOf(`${asked}${name})`),
            );
            return (
              at >= 0 &&
              (seen.path !== "rename" || asked !== "rename(") &&
              !/[\w]/.test(before[at - 1] ?? " ")
            );
          });
        },
      ),
    ],
    bad: [
      '#include <unistd.h>\n#include <stdio.h>\nvoid f(const char *name) {\n  if (access(name, W_OK) == 0) {\n    FILE *file = fopen(name, "w");\n  }\n}\n',
      "#include <sys/stat.h>\n#include <fcntl.h>\nint f(const char *name) {\n  struct stat s;\n  if (lstat(name, &s) != 0) return -1;\n  return open(name, O_RDWR);\n}\n",
    ],
    good: [
      '#include <stdio.h>\nvoid f(const char *name) {\n  FILE *file = fopen(name, "w");\n  if (file == NULL) return;\n  fclose(file);\n}\n',
      "#include <sys/stat.h>\n#include <fcntl.h>\nint f(const char *name) {\n  struct stat s;\n  int fd = open(name, O_RDWR | O_NOFOLLOW);\n  if (fd < 0 || fstat(fd, &s) != 0) return -1;\n  return fd;\n}\n",
    ],
  },
  {
    id: "cpp/weak-hash",
    cwe: 328,
    title: "A broken hash function",
    severity: "medium",
    why: "Two texts with one hash can be made.",
    fix: "EVP_sha256; for passwords crypto_pwhash of libsodium, bcrypt or Argon2",
    literals: ["MD5", "MD4", "MD2", "SHA", "md5", "md4", "sha1", "Md5", "Md4", "Sha1"],
    match: [
      calls(
        "MD5 MD5_Init MD4 MD4_Init MD2 SHA1 SHA1_Init EVP_md5 EVP_md4 EVP_sha1 CC_MD5 CC_SHA1 MD5Init SHA1Init mbedtls_md5 mbedtls_sha1",
      ),
      calls(`EVP_get_digestbyname EVP_MD_fetch ${hashes}`, (seen) =>
        /"(md[245]|sha-?1)"|GCRY_MD_(MD5|SHA1)|CALG_(MD[245]|SHA1?)\b|BCRYPT_(MD[245]|SHA1)_|\bMd[45]\b|::Sha1\b|MBEDTLS_MD_(MD[245]|SHA1)\b|GNUTLS_DIG_(MD5|SHA1)\b|G_CHECKSUM_(MD5|SHA1)\b|L"(MD[245]|SHA1)"/i.test(
          source(seen),
        ),
      ),
    ],
    bad: [
      "#include <openssl/md5.h>\nvoid f(const unsigned char *text, size_t n, unsigned char *out) {\n  MD5(text, n, out);\n}\n",
      "#include <openssl/evp.h>\nvoid f(EVP_MD_CTX *c) {\n  EVP_DigestInit_ex(c, EVP_sha1(), NULL);\n}\n",
      "#include <windows.h>\n#include <wincrypt.h>\nvoid f(HCRYPTPROV p, HCRYPTHASH *to) {\n  if (!CryptCreateHash(p, CALG_MD5, 0, 0, to)) return;\n}\n",
    ],
    good: [
      "#include <openssl/sha.h>\nvoid f(const unsigned char *text, size_t n, unsigned char *out) {\n  SHA256(text, n, out);\n}\n",
      "#include <openssl/evp.h>\nvoid f(EVP_MD_CTX *c) {\n  EVP_DigestInit_ex(c, EVP_sha256(), NULL);\n}\n",
    ],
  },
  {
    id: "cpp/weak-cipher",
    cwe: 327,
    title: "A broken cipher",
    severity: "high",
    why: "DES and RC4 are broken, and ECB shows which blocks are alike.",
    fix: "EVP_aes_256_gcm with a new nonce for each message",
    literals: [
      "DES",
      "RC4",
      "RC2",
      "EVP_",
      "ecb",
      "ECB",
      "SSLv",
      "TLSv1",
      "des_",
      "arc4",
      "Blowfish",
      "RC5",
      "cipher",
    ],
    match: [
      calls(
        "DES_ecb_encrypt DES_ncbc_encrypt DES_cbc_encrypt DES_set_key DES_encrypt1 RC4 RC4_set_key RC2_set_key BF_set_key",
      ),
      calls("EVP_des_ecb EVP_des_cbc EVP_des_ede EVP_des_cfb EVP_rc4 EVP_rc2_cbc EVP_bf_cbc EVP_bf_ecb"),
      calls("EVP_aes_128_ecb EVP_aes_192_ecb EVP_aes_256_ecb AES_ecb_encrypt EVP_des_ede3 EVP_des_ede3_cbc"),
      calls("EVP_cast5_cbc EVP_cast5_ecb EVP_idea_cbc EVP_idea_ecb EVP_seed_ecb EVP_rc4_40 EVP_desx_cbc"),
      calls("mbedtls_des_setkey_enc mbedtls_des3_set2key_enc mbedtls_arc4_setup mbedtls_blowfish_setkey"),
      calls(ciphers, (seen) =>
        /CALG_(DES|3DES|3DES_112|RC2|RC4|RC5|DESX|CYLINK_MEK)\b|BCRYPT_(DES|3DES|RC2|RC4|DESX)\w{0,4}_ALGORITHM|GCRY_CIPHER_(DES|3DES|ARCFOUR|RFC2268|IDEA)|GCRY_CIPHER_MODE_ECB|kCCAlgorithm(DES|3DES|RC4|RC2)|kCCOptionECBMode|MBEDTLS_CIPHER_(DES|ARC4|\w{3,12}_ECB)|"(des|rc4|rc2|bf|\w{3,12}-ecb|des-\w{3,8})"/i.test(
          source(seen),
        ),
      ),
      calls(
        "SSLv2_method SSLv3_method SSLv23_method TLSv1_method TLSv1_1_method TLSv1_client_method SSLv3_client_method SSLv3_server_method TLSv1_server_method",
        ({ path }) => path !== "SSLv23_method",
      ),
    ],
    bad: [
      "#include <openssl/evp.h>\nvoid f(EVP_CIPHER_CTX *c, unsigned char *key) {\n  EVP_EncryptInit_ex(c, EVP_aes_128_ecb(), NULL, key, NULL);\n}\n",
      "#include <windows.h>\n#include <wincrypt.h>\nvoid f(HCRYPTPROV p, HCRYPTHASH h, HCRYPTKEY *to) {\n  if (!CryptDeriveKey(p, CALG_RC4, h, 0, to)) return;\n}\n",
      "#include <openssl/rc4.h>\nvoid f(RC4_KEY *k, unsigned char *in, unsigned char *out) {\n  RC4(k, 16, in, out);\n}\n",
      "#include <openssl/ssl.h>\nvoid f(void) {\n  SSL_CTX *c = SSL_CTX_new(SSLv3_method());\n}\n",
    ],
    good: [
      "#include <openssl/evp.h>\nvoid f(EVP_CIPHER_CTX *c, unsigned char *key, unsigned char *iv) {\n  EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, iv);\n}\n",
      "#include <openssl/ssl.h>\nvoid f(void) {\n  SSL_CTX *c = SSL_CTX_new(TLS_client_method());\n}\n",
    ],
  },
  {
    id: "cpp/rsa-padding",
    cwe: 780,
    title: "RSA with a padding that can be broken, or with none",
    severity: "medium",
    why: "Answers to messages that were changed tell what is in them.",
    fix: "RSA_PKCS1_OAEP_PADDING, CRYPT_OAEP",
    literals: ["RSA", "CryptEncrypt", "CryptDecrypt"],
    match: [
      calls("RSA_public_encrypt RSA_private_decrypt EVP_PKEY_CTX_set_rsa_padding", (seen) =>
        /RSA_(PKCS1|NO|SSLV23)_PADDING/.test(source(seen)),
      ),
      calls(
        "CryptEncrypt CryptDecrypt",
        (seen) => is(seen.args[3], 0) && /\b(CALG_RSA|AT_KEYEXCHANGE)/.test(bodyOf(seen)),
      ),
    ],
    bad: [
      "#include <openssl/rsa.h>\nint f(RSA *key, const unsigned char *from, unsigned char *to) {\n  return RSA_public_encrypt(32, from, to, key, RSA_PKCS1_PADDING);\n}\n",
    ],
    good: [
      "#include <openssl/rsa.h>\nint f(RSA *key, const unsigned char *from, unsigned char *to) {\n  return RSA_public_encrypt(32, from, to, key, RSA_PKCS1_OAEP_PADDING);\n}\n",
    ],
  },
  {
    id: "cpp/key-short",
    cwe: 326,
    title: "A key that is too short",
    severity: "medium",
    why: "Keys of RSA and DH below 2,048 bits are broken by those who can pay for it.",
    fix: "2048 bits or more, or an elliptic curve of 256",
    literals: ["RSA_generate", "DH_generate", "DSA_generate", "bits", "genkey", "gen_key"],
    match: [
      ...(
        [
          ["RSA_generate_key EVP_RSA_gen", 0],
          ["RSA_generate_key_ex DSA_generate_parameters_ex DH_generate_parameters_ex", 1],
          ["EVP_PKEY_CTX_set_rsa_keygen_bits EVP_PKEY_CTX_set_dh_paramgen_prime_len", 1],
          ["EVP_PKEY_CTX_set_dsa_paramgen_bits", 1],
          ["mbedtls_rsa_gen_key", 3],
        ] as const
      ).map(([names, at]) => calls(names, ({ args }) => isBelow(args[at], 2048))),
    ],
    bad: [
      "#include <openssl/rsa.h>\nint f(RSA *key, BIGNUM *e) {\n  return RSA_generate_key_ex(key, 1024, e, NULL);\n}\n",
    ],
    good: [
      "#include <openssl/rsa.h>\nint f(RSA *key, BIGNUM *e) {\n  return RSA_generate_key_ex(key, 3072, e, NULL);\n}\n",
    ],
  },
  {
    id: "cpp/all-access",
    cwe: 284,
    title: "A handle with every right",
    severity: "low",
    why: "Who gets hold of the handle, or of the program, may do everything with what lies behind it.",
    fix: "Name the rights that are needed: GENERIC_READ, KEY_READ",
    literals: ["_ALL"],
    match: [
      callsLike(/^(Nt|Zw|Reg)?(Create|Open)[A-Z]\w{1,40}$/, (seen) =>
        /\b([A-Z_]{1,30}_ALL_ACCESS|GENERIC_ALL)\b/.test(source(seen)),
      ),
    ],
    bad: [
      '#include <windows.h>\nHANDLE f(void) {\n  return CreateFileA("a", GENERIC_ALL, 0, NULL, CREATE_NEW, 0, NULL);\n}\n',
    ],
    good: [
      '#include <windows.h>\nHANDLE f(void) {\n  return CreateFileA("a", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);\n}\n',
    ],
  },
  {
    id: "cpp/random-secret",
    cwe: 338,
    title: "A secret from predictable random numbers",
    severity: "high",
    why: "Who sees some of the numbers, or knows the time, knows the next.",
    fix: "getrandom(buffer, n, 0), RAND_bytes, arc4random_buf",
    literals: ["rand", "random", "mt19937"],
    match: [
      assigns(
        /./,
        ({ name, value, here }) =>
          comesFrom(value, /^!random$/) && (isSecretName(name) || isSecretName(here.inside?.name ?? "")),
      ),
      {
        returns: ({ value, here }) => comesFrom(value, /^!random$/) && isSecretName(here.inside?.name ?? ""),
      },
      calls("rand random lrand48 mt19937", ({ here }) => isSecretName(here.inside?.name ?? "")),
    ],
    bad: [
      "#include <stdlib.h>\nint make_token(void) {\n  return rand();\n}\n",
      "#include <stdlib.h>\nvoid f(void) {\n  int session_id = rand() % 1000000;\n}\n",
      '#include <stdlib.h>\nvoid generate_password(char *out, int n) {\n  const char *letters = "abc";\n  for (int i = 0; i < n; i++) out[i] = letters[rand() % 3];\n}\n',
    ],
    good: [
      "#include <sys/random.h>\nunsigned make_token(void) {\n  unsigned token;\n  getrandom(&token, sizeof token, 0);\n  return token;\n}\n",
      "#include <stdlib.h>\nint roll(void) {\n  int die = rand() % 6 + 1;\n  return die;\n}\n",
    ],
  },
  {
    id: "cpp/seed-from-time",
    cwe: 337,
    title: "Random numbers seeded with the time",
    severity: "low",
    why: "The time can be guessed, and with it every number.",
    fix: "getrandom, RAND_bytes or std::random_device where the numbers must not be known",
    literals: ["srand", "srandom"],
    match: [
      calls(
        "srand srandom srand48",
        ({ args: [seed], ...seen }) =>
          seed?.path === "time()" ||
          is(seed, 0) ||
          is(seed, 1) ||
          is(seed, 42) ||
          /\btime\s?\(/.test(seen.here.text.slice(seen.start, seen.end)),
      ),
    ],
    bad: [
      "#include <stdlib.h>\n#include <time.h>\nvoid f(void) {\n  srand(time(NULL));\n}\n",
      "#include <stdlib.h>\n#include <time.h>\nvoid f(void) {\n  srand((unsigned)time(0));\n}\n",
    ],
    good: [
      "#include <random>\nvoid f() {\n  std::random_device source;\n  unsigned x = source();\n}\n",
      "#include <stdlib.h>\nvoid f(unsigned seed) {\n  srand(seed);\n}\n",
    ],
  },
  {
    id: "cpp/certificate-unchecked",
    cwe: 295,
    title: "A certificate that is not checked",
    severity: "high",
    why: "Anybody between the two can read and change what is sent.",
    fix: "CURLOPT_SSL_VERIFYPEER 1, CURLOPT_SSL_VERIFYHOST 2; SSL_VERIFY_PEER",
    literals: ["VERIFY", "verify_none", "VerifyNone", "ignoreSslErrors"],
    match: [
      calls(
        "curl_easy_setopt",
        (seen) =>
          /CURLOPT_(PROXY_)?SSL_VERIFY(PEER|HOST)\b/.test(source(seen)) &&
          (is(seen.args[2], 0) || is(seen.args[2], false)),
      ),
      calls(
        "SSL_CTX_set_verify SSL_set_verify",
        (seen) => /SSL_VERIFY_NONE/.test(source(seen)) && !source(seen).includes("?"),
      ),
      calls("mbedtls_ssl_conf_authmode", (seen) => /VERIFY_NONE/.test(source(seen))),
      calls(".set_verify_mode", (seen) => /verify_none/.test(source(seen))),
      calls(
        ".setPeerVerifyMode .ignoreSslErrors",
        ({ path, ...seen }) =>
          /ignore/.test(path) || /VerifyNone/.test(seen.here.text.slice(seen.start, seen.end)),
      ),
    ],
    bad: [
      "#include <curl/curl.h>\nvoid f(CURL *c) {\n  curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);\n}\n",
      "#include <openssl/ssl.h>\nvoid f(SSL_CTX *c) {\n  SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);\n}\n",
    ],
    good: [
      "#include <curl/curl.h>\nvoid f(CURL *c) {\n  curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);\n}\n",
      "#include <openssl/ssl.h>\nvoid f(SSL_CTX *c) {\n  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);\n}\n",
    ],
  },
  {
    id: "cpp/secret-in-code",
    cwe: 798,
    title: "A secret written in code",
    severity: "high",
    why: "Whoever has the program has the secret; strings shows it.",
    fix: 'getenv("APP_PASSWORD"), or a file that only the service may read',
    literals: [
      ...["mysql_", "PQsetdb", "SQLConnect", "LogonUser", "WNetAdd", "ldap_", "CURLOPT_", "PKCS12"],
      "pass",
      "PASS",
      "Pass",
      "secret",
      "SECRET",
      "token",
      "TOKEN",
      "key",
      "KEY",
      "pwd",
      "PWD",
      "pin",
      "PIN",
    ],
    secret: true,
    match: [
      assigns(/./, ({ name, value }) => isSecret(name, value)),
      calls(compares, ({ args: [a, b] }) => {
        const of = (one: Value | undefined, text: Value | undefined): boolean =>
          isCompared(/passw|pwd|\bpin\b|secret|token/i, nameOf(one) || (one?.roots[0] ?? "")) &&
          says(text, /^[^\s]{3,}$/);
        return of(a, b) || of(b, a);
      }),
      operates("== !=", ({ operands: [a, b] }) => {
        const of = (one: Value | undefined, text: Value | undefined): boolean =>
          one?.constant === undefined && isCompared(/passw|pwd/i, nameOf(one)) && says(text, /^[^\s]{3,}$/);
        return of(a, b) || of(b, a);
      }),
      calls(Object.keys(logins).join(" "), ({ path, args }) => says(args[logins[path] ?? -1], /^[^\s]{3,}$/)),
      calls(
        "curl_easy_setopt",
        (seen) =>
          /CURLOPT_(PROXY)?(USERPWD|PASSWORD|XOAUTH2_BEARER)\b/.test(source(seen)) &&
          says(seen.args[2], /^[^\s%]{3,}$/),
      ),
    ],
    bad: [
      'static const char *password = "hunter22!";\nint f(void) { return password[0]; }\n',
      '#define API_KEY "a8f5f167f44f4964e6c998dee827110c"\n',
      '#include <string.h>\nint login(const char *password) {\n  return strcmp(password, "letmein") == 0;\n}\n',
      '#include <curl/curl.h>\nvoid f(CURL *c) {\n  curl_easy_setopt(c, CURLOPT_USERPWD, "app:hunter22");\n}\n',
      '#include <mysql.h>\nvoid f(MYSQL *m) {\n  mysql_real_connect(m, "db", "app", "hunter22", "shop", 0, NULL, 0);\n}\n',
    ],
    good: [
      '#include <stdlib.h>\nint f(void) {\n  const char *password = getenv("APP_PASSWORD");\n  return password == NULL;\n}\n',
      '#define TOKEN_URL "https://a.org/token"\n',
      "#include <string.h>\nint login(const char *password, const char *expected) {\n  return strcmp(password, expected) == 0;\n}\n",
      'const char *password_label = "Password";\nconst char *key_name = "user";\n',
    ],
  },
];
