/** @file JavaScript rules: hard-coded credentials, secrets in logs and browser storage, keys and random bytes. */
import type { CallSeen, OperationSeen } from "../../engine/seen.ts";
import { itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, says } from "../conditions.ts";
import { aroundSays, fileSays, sourceAround } from "../inside.ts";
import { assigns, calls, operates, words } from "../matches.ts";
import { isPlaceholder } from "../placeholder.ts";

/** Functions that take a secret, by its position among their arguments. */
const takers: readonly (readonly [string, number])[] = [
  ["jose.JWT.sign jose.JWT.verify jose.JWK.asKey jwt-simple.encode jwt-simple.decode jsonwebtoken.sign", 1],
  ["jose.JWK.asKey jose.JWK.importKey cookie-parser cookieParser hapi-auth-jwt2 keygrip", 0],
  ["jose.JWT.sign jose.JWT.verify jsonwebtoken.verify njwt.create njwt.verify fast-jwt.createSigner", 1],
  [
    "crypto.createHmac crypto.createCipheriv crypto.createDecipheriv crypto.createCipher crypto.createDecipher",
    1,
  ],
  [
    "crypto-js/aes.encrypt crypto-js/aes.decrypt CryptoJS.AES.encrypt CryptoJS.AES.decrypt crypto-js.AES.encrypt",
    1,
  ],
  ["crypto-js.AES.decrypt CryptoJS.HmacSHA256 crypto-js.HmacSHA256 crypto-js/hmac-sha256 sjcl.decrypt", 1],
  ["sjcl.encrypt digitalocean.client basic-auth-connect tweetnacl.secretbox", 0],
  ["basic-auth-connect .auth .basicAuth .loginWithUsernamePassword .loginWithServicePrincipalSecret", 1],
  [".auth", 3],
  ["Sequelize sequelize.Sequelize sequelize", 2],
  ["stripe Stripe @sendgrid/mail.setApiKey sgMail.setApiKey openai.OpenAI twilio", 0],
  ["twilio", 1],
];
const placed = new Map<string, Set<number>>();
for (const [paths, place] of takers) {
  for (const path of paths.split(" ")) placed.set(path, (placed.get(path) ?? new Set()).add(place));
}

/** A constant text used as a secret. */
function isSecretText(value: Value | undefined): boolean {
  return says(value, { test: (text) => /^\S{4,200}$/.test(text) && !isPlaceholder(text) });
}

function handsSecret({ path, args }: CallSeen): boolean {
  const places = placed.get(path) ?? placed.get(path.slice(path.lastIndexOf(".")));
  return [...(places ?? [])].some((place) => {
    const value = args[place];
    const inner = value?.made?.kind === "call" ? value.made.args[0]?.value : undefined;
    const isWrapped =
      inner?.kind === "text" && /(asKey|Buffer\.from|encode|parse)\(\)$/.test(value?.path ?? "");
    return (
      isSecretText(value) || (isWrapped && typeof inner.pieces[0] === "string" && inner.pieces[0].length > 3)
    );
  });
}

/** Options of clients, sessions and strategies that hold a credential. */
const fields =
  /^(secret|pass|password|passwd|clientSecret|consumerSecret|secretOrKey|secretAccessKey|accessKeySecret|apiKey|api_key|apiSecret|authToken|auth_token|privateKey|storageAccessKey|bearer|jwtSecret|cookiePassword|encryptionKey|masterKey|sessionSecret)$/;
const hashed =
  /(hash|digest|encrypt|bcrypt|argon|scrypt|mask|redact|length|strength|valid|check|reset|forgot|policy|field|label|error|message|prompt|rule|changed|confirm|type|name|id|url|path|count|expir)/i;
const plain =
  /(^|[._])(password|passwd|passphrase|secret|api_?key|access_?token|auth_?token|private_?key|credit_?card|card_?number|cvv|ssn|client_?secret|pwd)$/i;

/** Whether a value is named like a secret or composed with one. */
function holdsSecret(value: Value | undefined): boolean {
  if (value === undefined || typeof value.constant === "number") return false;
  const made = value.made;
  if (made?.kind === "member" || made?.kind === "name")
    return plain.test(made.name) && !hashed.test(made.name.replace(plain, ""));
  if (made?.kind === "text") return made.pieces.some((one) => typeof one !== "string" && namesSecret(one));
  if (made?.kind === "operation" && made.operator === "+") return made.operands.some(namesSecret);
  if (plain.test(value.path) && !/\(\)/.test(value.path)) return true;
  return (
    made === undefined && value.level > 0 && value.roots.length === 1 && plain.test(value.roots[0] ?? "")
  );
}

function namesSecret(expr: { kind: string; name?: string }): boolean {
  return (expr.kind === "name" || expr.kind === "member") && plain.test(expr.name ?? "");
}

const randomByte = {
  test: (path: string): boolean =>
    /(randomBytes|getRandomValues|secure-random|secureRandom|randomFillSync)\(\)(\.values\(\))?\[\]$/.test(
      path,
    ),
};
const evened = /[<>]=?\s{0,3}(2[0-5]\d|256|max|limit|bound|Math\.floor)|continue;/i;

/** Whether a number divides 256. */
function isEven(value: Value | undefined): boolean {
  const number = value?.constant;
  return (
    typeof number === "number" && number > 0 && (256 % number === 0 || number === 255 || number >= 0x10000)
  );
}

/** A random byte modulo a number that does not divide 256, or added to another one. */
function isBiased({ operator, operands: [a, b], here }: OperationSeen): boolean {
  const isByte = (one: Value | undefined): boolean => one !== undefined && randomByte.test(one.path);
  if (operator === "%")
    return (
      isByte(a) && b?.constant !== undefined && !isEven(b) && !evened.test(sourceAround(here).slice(0, 1500))
    );
  if (operator === "*" || operator === "+") return isByte(a) && isByte(b);
  return false;
}

const old = /^(SSLv2|SSLv3|SSLv23|TLSv1|TLSv1\.1|TLSv1_1)(_(client|server)?_?method)?$/;

/** Rules on secrets and keys. */
export const javascriptSecretRules: readonly Rule[] = [
  {
    id: "javascript/credential-in-call",
    cwe: 798,
    title: "Hard-coded password or key passed to a function",
    severity: "high",
    why: "Anyone who can read the source has the credential. Changing it requires a code change.",
    fix: "Read it from process.env.NAME or a secret store",
    literals: words(
      "auth Auth jose JWK JWT crypto Crypto sjcl secret Secret assword pass bearer apiKey api_key " +
        "Token twilio stripe Sequelize cookie",
    ),
    secret: true,
    match: [
      calls([...placed.keys()].join(" "), handsSecret),
      assigns(
        fields,
        ({ form, name, value, here }) =>
          (form === "entry" || form === "attribute") &&
          says(value, { test: (text) => /^\S{6,200}$/.test(text) && !isPlaceholder(text, name) }) &&
          fileSays(here, /require\(|import |process\.|createClient|connect/),
      ),
      assigns(/^auth$/, ({ form, value }) => form === "entry" && says(value, /^[^:\s/]{1,60}:[^:\s]{4,80}$/)),
      calls("express-basic-auth", ({ args: [options] }) =>
        itemsOf(options?.entries?.get("users")).some(isSecretText),
      ),
    ],
  },
  {
    id: "javascript/secret-logged",
    cwe: 532,
    title: "Password or key written to a log",
    severity: "medium",
    why: "Many people can read logs, and logs are stored for a long time.",
    fix: "Log who the user is, not the credential",
    literals: ["log", "console", "winston", "pino"],
    match: [
      calls(
        "console.log console.info console.debug console.warn console.error console.trace logger.info logger.debug " +
          "logger.warn logger.error logger.log log.info log.debug log.warn log.error winston.info winston.debug " +
          "winston.error fastify.log.info req.log.info request.log.info",
        ({ args }) => args.some((one) => holdsSecret(one)),
      ),
    ],
  },
  {
    id: "javascript/secret-kept-open",
    cwe: 312,
    title: "Password or key stored in plain text",
    severity: "medium",
    why: "Anyone who can read the storage, or run a script in the page, has it.",
    fix: "Keep a session ID in an HttpOnly cookie",
    literals: ["etItem", ".cookie", "Storage", "writeFile"],
    match: [
      calls(
        "localStorage.setItem sessionStorage.setItem window.localStorage.setItem AsyncStorage.setItem",
        ({ args: [, value] }) => holdsSecret(value),
      ),
      calls(".cookie Cookies.set", ({ args: [, value] }) => holdsSecret(value)),
      assigns(
        /^cookie$/,
        ({ form, path, value }) => form === "attribute" && path === "document.cookie" && holdsSecret(value),
      ),
      calls("fs.writeFile fs.writeFileSync fs.promises.writeFile fs.appendFile", ({ args: [, value] }) =>
        holdsSecret(value),
      ),
    ],
  },
  {
    id: "javascript/bytes-uneven",
    cwe: 327,
    title: "Biased random values",
    severity: "low",
    why: "256 is not a multiple of the divisor. Lower values are more likely, which makes secrets easier to guess.",
    fix: "Use crypto.randomInt(n)",
    literals: ["andomBytes", "getRandomValues", "secure-random", "randomFill"],
    match: [
      operates("% * +", isBiased),
      calls("Math.floor Math.round Math.ceil", ({ args: [number], here }) => {
        const made = number?.made;
        if (made?.kind !== "operation" || made.operator !== "/") return false;
        const source = here.text.slice(made.start, made.end);
        const by = /\/\s{0,3}([\d.]{1,12})\s{0,3}$/.exec(source)?.[1];
        return (
          by !== undefined && 256 % Number(by) !== 0 && Number(by) !== 255 && comesFrom(number, /^!byte$/)
        );
      }),
    ],
  },
  {
    id: "javascript/key-short",
    cwe: 326,
    title: "Cryptographic key too short",
    severity: "medium",
    why: "An attacker can compute the private key.",
    fix: "Set modulusLength: 3072, or use an elliptic curve",
    literals: ["modulusLength", "generateKeyPair", "DiffieHellman", "NodeRSA", "node-rsa"],
    match: [
      assigns(/^modulusLength$/, ({ value }) => typeof value.constant === "number" && value.constant < 2048),
      calls(
        "crypto.createDiffieHellman",
        ({ args: [length] }) => typeof length?.constant === "number" && length.constant < 2048,
      ),
      calls(
        "node-rsa NodeRSA node-forge.pki.rsa.generateKeyPair forge.pki.rsa.generateKeyPair",
        ({ args: [options] }) => {
          const bits =
            options?.entries?.get("b")?.constant ??
            options?.entries?.get("bits")?.constant ??
            options?.constant;
          return typeof bits === "number" && bits < 2048;
        },
      ),
    ],
  },
  {
    id: "javascript/protocol-old",
    cwe: 327,
    title: "Outdated TLS version",
    severity: "medium",
    why: "Its ciphers are broken.",
    fix: "Set minVersion: 'TLSv1.2'",
    literals: ["TLSv1", "SSLv"],
    match: [
      assigns(
        /^(minVersion|maxVersion|secureProtocol)$/,
        ({ form, value }) => form === "entry" && says(value, old),
      ),
    ],
  },
  {
    id: "javascript/tag-unchecked",
    cwe: 347,
    title: "Decryption without checking the authentication tag",
    severity: "medium",
    why: "Modified ciphertext goes unnoticed. An attacker can guess a 4-byte tag.",
    fix: "Use createDecipheriv(name, key, iv, { authTagLength: 16 }), setAuthTag(tag) and final()",
    literals: ["createDecipheriv"],
    match: [
      calls("crypto.createDecipheriv createDecipheriv", ({ args: [name, , , options], here }) => {
        if (!says(name, /gcm|ccm|ocb|poly1305/i)) return false;
        return (
          !aroundSays(here, /\.final\(/) ||
          (says(name, /gcm/i) && options === undefined && here.inside !== undefined)
        );
      }),
    ],
  },
  {
    id: "javascript/random-key",
    cwe: 338,
    title: "Key from an insecure random number generator",
    severity: "high",
    why: "An attacker who sees some outputs of Math.random can compute all others.",
    fix: "Use crypto.randomBytes(32)",
    literals: ["Math.random", "pseudoRandomBytes"],
    match: [
      calls("crypto.createHmac crypto.createCipheriv crypto.createSecretKey", ({ args }) =>
        args.some((one) => comesFrom(one, /^!random$/)),
      ),
      calls("crypto.pseudoRandomBytes", () => true),
      calls("jsonwebtoken.sign jwt.sign", ({ args: [, key] }) => comesFrom(key, /^!random$/)),
    ],
  },
];
