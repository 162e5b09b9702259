/** @file Java rules: passwords and keys in source code, in logs and over unencrypted connections; slow patterns. */
import { itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, isA, says } from "../conditions.ts";
import { isExplosive } from "../explosive.ts";
import { openLogin } from "../inside.ts";
import { assigns, calls, words } from "../matches.ts";
import { isHint } from "../placeholder.ts";
import { comparedWithWritten, isNamedToken, isWrittenSecret, writtenAddress } from "../written.ts";

/** Names of data about secrets that contain none. */
const aboutNames =
  /(charset|words|property|attr(ibute)?|param(eter)?|repo(sitory)?|prefix|suffix|algorithm|message|format)s?$/i;

function isSecret(name: string, value: Value): boolean {
  const { constant } = value;
  return (
    typeof constant === "string" &&
    isWrittenSecret(name, value) &&
    !aboutNames.test(name) &&
    // a setting's name: org.a.b.TOKEN, http.auth.user-token
    !/^[a-z][\w-]{0,40}(\.[a-z][\w-]{0,60}){2,12}$|^[a-z_-]{1,40}\.[a-z_-]{1,60}$/i.test(constant)
  );
}

/** A text passed as a password or key. Weak ones count, since the program uses them. */
function isWord(value: Value | undefined): boolean {
  if (says(value, { test: (text) => /^\S{1,200}$/.test(text) && !isHint(text) })) return true;
  // a list of bytes or characters
  const entries = itemsOf(value);
  return entries.length > 3 && entries.every(({ constant }) => constant !== undefined);
}

/** Calls that take a password or key, by its position. */
const takers: readonly (readonly [place: number, paths: string])[] = [
  [
    0,
    ".setPassword .setPwd .setPasswd .setSecretKey .setApiKey .setAccessKeySecret .setSharedSecret .setAuthToken " +
      ".setPassphrase .setSigningKey .setSecret .signingKey .clientSecret .secretKey .apiKey .authToken .passphrase " +
      ".setKeyPassword .setKeyStorePassword .setTrustStorePassword .password SecretKeySpec PBEKeySpec DESKeySpec " +
      "DESedeKeySpec KeyStore.PasswordProtection Algorithm.HMAC256 Algorithm.HMAC384 Algorithm.HMAC512 " +
      "Keys.hmacShaKeyFor MACSigner MACVerifier Jedis.auth HmacUtils",
  ],
  [
    1,
    "PasswordAuthentication UsernamePasswordCredentials UsernamePasswordToken BasicAuthenticationInterceptor " +
      "UsernamePasswordAuthenticationToken BasicAWSCredentials AwsBasicCredentials.create BasicSessionCredentials " +
      "KeyStore.load KeyStore.getKey KeyManagerFactory.init Encryptors.text Encryptors.stronger FTPClient.login " +
      "Credentials.basic NTCredentials SimpleCredentials KerberosKey .setBasicAuth .basicAuth .basicAuthentication " +
      ".signWith SQLiteDatabase SQLiteDatabase.openOrCreateDatabase StorageSharedKeyCredential Twilio.init",
  ],
  [
    2,
    "DriverManager.getConnection MongoCredential.createCredential MongoCredential.createScramSha256Credential",
  ],
];
const takes = new Map(
  takers.flatMap(([place, paths]) => paths.split(" ").map((path) => [path, place] as const)),
);
/** Settings that hold a password. */
const passwordSetting =
  /(^|[._])(password|passwd|pwd|secret|security_?credentials|(key|trust)StorePassword|(secret|access|api)_?key)$/i;

/** Rules on secrets. */
export const javaSecretRules: readonly Rule[] = [
  {
    id: "java/secret-in-source",
    cwe: 798,
    title: "Hard-coded password or key",
    severity: "high",
    why: "Anyone who can read the source has the credential. Changing it requires a code change.",
    fix: 'Read it with System.getenv("NAME") or from a secret store',
    literals: words(
      "assw ASSW pwd pw pin PWD ecret ECRET oken TOKEN ey KEY getConnection redential :// KeySpec asic " +
        "HMAC hmac MAC auth login( SQLiteDatabase",
    ),
    secret: true,
    match: [
      assigns(/./, ({ form, name, value }) => {
        if (form === "argument") return false;
        return isSecret(name, value) || isNamedToken(name, value);
      }),
      assigns(/(^|_)key$|Key$|^KEY$/i, ({ value }) =>
        says(value, /^(?=.{0,200}\d)(?=.{0,200}[A-Za-z])[A-Za-z0-9+/=_-]{24,200}$/),
      ),
      writtenAddress,
      calls([...takes.keys()].join(" "), ({ path, args }) => {
        const place = takes.get(path) ?? takes.get(path.slice(path.lastIndexOf("."))) ?? 0;
        return isWord(args[place]);
      }),
      calls(".put .setProperty .addToEnvironment .set", ({ args: [name, word] }) => {
        const key = typeof name?.constant === "string" ? name.constant : (name?.path ?? "");
        return passwordSetting.test(key) && word !== undefined && isSecret("password", word);
      }),
      comparedWithWritten("=="),
    ],
  },
  {
    id: "java/no-password",
    cwe: 521,
    title: "Account without a password",
    severity: "medium",
    why: "Anyone who can reach the database can log in.",
    fix: "Set a password, and read it from the environment",
    literals: ["getConnection", "setUrl", "setJdbcUrl", "setURL", "SECURITY_AUTHENTICATION", "security.auth"],
    match: [
      calls("DriverManager.getConnection", ({ args: [, , word] }) => says(word, /^$/)),
      calls("DriverManager.getConnection .setUrl .setJdbcUrl .setURL", ({ args: [address] }) =>
        says(address, /[?&;(,]password=([&;),]|$)/i),
      ),
      // a directory queried without a password
      calls(".put .setProperty .addToEnvironment", ({ args: [name, value] }) => {
        const isKind =
          isA(name, /SECURITY_AUTHENTICATION$/) || says(name, /^java\.naming\.security\.authentication$/);
        return isKind && says(value, /^none$/i);
      }),
    ],
  },
  {
    id: "java/secret-in-log",
    cwe: 532,
    title: "Password written to a log",
    severity: "medium",
    why: "More people can read logs than should know the password.",
    fix: "Do not log the password",
    literals: ["assw", "pwd", "ecret", "creditCard", "cvv", "ssn"],
    match: [
      calls(".info .warn .error .debug .warning .severe .fine .trace .println .printf", ({ path, args }) => {
        if (!/log/i.test(path) && !/^System\.out\./.test(path)) return false;
        return args.some(
          (one) =>
            one.level > 0 && comesFrom(one, /^(password|passwd|pwd|secret|creditCard\w{0,10}|ssn|cvv)$/i),
        );
      }),
    ],
  },
  {
    id: "java/secret-in-clear-text",
    cwe: 319,
    title: "Secret sent over an unencrypted connection",
    severity: "medium",
    why: "An eavesdropper on the network can read them.",
    fix: "Use https://, ftps:// or SFTP",
    literals: ["http://", "FTPClient", "TelnetClient"],
    match: [
      calls("URL URI.create URI HttpGet HttpPost HttpRequest.newBuilder", ({ args: [to] }) =>
        says(to, openLogin),
      ),
      calls("FTPClient.login TelnetClient.connect"),
    ],
  },
  {
    id: "java/slow-pattern",
    cwe: 1333,
    title: "Regular expression with catastrophic backtracking (ReDoS)",
    severity: "medium",
    why: "An input of 30 characters can keep the program busy for minutes.",
    fix: "Repeat only what cannot match in two ways, or use RE2/J",
    literals: ["Pattern.compile", ".matches(", ".replaceAll("],
    match: [
      calls("Pattern.compile Pattern.matches .matches re.sub", ({ args: [pattern] }) => {
        return typeof pattern?.constant === "string" && isExplosive(pattern.constant);
      }),
    ],
  },
];
