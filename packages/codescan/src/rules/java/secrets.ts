/** @file Java: passwords and keys in the source, in logs, on open lines; patterns that take too long. */
import { anyOf } from "../../engine/language.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, isSecretName, nameOf, says } from "../conditions.ts";
import { isExplosive } from "../explosive.ts";
import { openLogin, passwordName } from "../inside.ts";
import { assigns, calls, operates } from "../matches.ts";
import { isPlaceholder } from "../placeholder.ts";

function isSecret(name: string, value: Value): boolean {
  const { constant } = value;
  return (
    typeof constant === "string" &&
    isSecretName(name) &&
    constant.length >= 4 &&
    !isPlaceholder(constant, name)
  );
}

/** A word that is handed over as a password. */
function isWord(value: Value | undefined): boolean {
  return says(value, /^[^<{$\s]{3,80}$/) && !isPlaceholder(String(value?.constant), "");
}

/** Rules on secrets. */
export const javaSecretRules: readonly Rule[] = [
  {
    id: "java/secret-in-source",
    cwe: 798,
    title: "A password or key written down in the source",
    severity: "high",
    why: "Whoever reads the source has it, and it cannot be changed.",
    fix: 'System.getenv("NAME"), or a store of secrets',
    literals: [
      "assw",
      "ASSW",
      "pwd",
      "PWD",
      "ecret",
      "ECRET",
      "oken",
      "TOKEN",
      "ey",
      "KEY",
      "getConnection",
      "redential",
      "://",
    ],
    secret: true,
    match: [
      assigns(/./, ({ form, name, value }) => {
        if (form === "argument") return false;
        return (
          isSecret(name, value) ||
          (/key|secret/i.test(name) &&
            says(value, /^(sk-|pk_live|sk_live|AKIA|ghp_|xox[abp]-|AIza)[\w-]{12,}$/))
        );
      }),
      assigns(/(^|_)key$|Key$|^KEY$/i, ({ value }) =>
        says(value, /^(?=.{0,200}\d)(?=.{0,200}[A-Za-z])[A-Za-z0-9+/=_-]{24,200}$/),
      ),
      assigns(/./, ({ value }) =>
        says(
          value,
          anyOf(
            /^(jdbc:)?[a-z+]{2,20}:\/\/[^:/@\s]{1,80}:[^:/@\s{}$<]{3,80}@/,
            /^jdbc:[^\s]{1,200}[?&;]password=[^&;{$\s]{3,60}/,
          ),
        ),
      ),
      calls("DriverManager.getConnection", ({ args: [, , word] }) => isWord(word)),
      calls(".setPassword .setPwd .password", ({ args: [word] }) => isWord(word)),
      calls("PasswordAuthentication UsernamePasswordCredentials", ({ args: [, word] }) => isWord(word)),
      calls(
        "SecretKeySpec",
        ({ args: [key] }) => typeof key?.constant === "string" && key.constant.length >= 8,
      ),
      operates("==", ({ operands: [a, b], here }) => {
        const of = (name: Value | undefined, text: Value | undefined): boolean =>
          says(text, /^[^\s]{3,60}$/) && passwordName.test(nameOf(name)) && name?.constant === undefined;
        return !/test/i.test(here.inside?.name ?? "") && (of(a, b) || of(b, a));
      }),
    ],
    bad: [
      'class A { Connection c() throws Exception { return DriverManager.getConnection("jdbc:mysql://db/app", "app", "hunter22"); } }',
      'class A { private static final String API_KEY = "a8f5f167f44f4964e6c998dee827110c"; }',
      'class A { boolean login(String name, String password) { return password.equals("letmein"); } }',
      'class A { void go() { SecretKeySpec k = new SecretKeySpec("0123456789abcdef".getBytes(), "AES"); } }',
    ],
    good: [
      'class A { Connection c() throws Exception { return DriverManager.getConnection("jdbc:mysql://db/app", "app", System.getenv("DB_PASSWORD")); } }',
      'class A { private static final String API_KEY = System.getenv("API_KEY"); }',
      'class A { private static final String PASSWORD_FIELD = "password"; private static final String TOKEN_URL = "https://a.org/token"; }',
      'class A { void go(byte[] key) { SecretKeySpec k = new SecretKeySpec(key, "AES"); } }',
    ],
  },
  {
    id: "java/no-password",
    cwe: 521,
    title: "An account without a password",
    severity: "medium",
    why: "Whoever reaches the database is let in.",
    fix: "Give the account a password, from the environment",
    literals: ["getConnection"],
    match: [calls("DriverManager.getConnection", ({ args: [, , word] }) => says(word, /^$/))],
    bad: [
      'class A { Connection c() throws Exception { return DriverManager.getConnection("jdbc:mysql://db/app", "root", ""); } }',
      'class A { static final String P = ""; Connection c(String u) throws Exception { return DriverManager.getConnection(u, "sa", P); } }',
    ],
    good: [
      'class A { Connection c(String word) throws Exception { return DriverManager.getConnection("jdbc:mysql://db/app", "root", word); } }',
      'class A { Connection c() throws Exception { return DriverManager.getConnection("jdbc:sqlite:a.db"); } }',
    ],
  },
  {
    id: "java/secret-in-log",
    cwe: 532,
    title: "A password in a log",
    severity: "medium",
    why: "Logs are read by more people than passwords are meant for.",
    fix: "Leave it out",
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
    bad: [
      'class A { void login(String user, String password) { logger.info("login " + user + " " + password); } }',
      'class A { void login(String user, String password) { System.out.println("Password: " + password); } }',
    ],
    good: [
      'class A { void login(String user, String password) { logger.info("login " + user); } }',
      'class A { void login(String user, String password) { System.out.println("Password?"); } }',
    ],
  },
  {
    id: "java/open-line",
    cwe: 319,
    title: "Secrets sent over a line that is not encrypted",
    severity: "medium",
    why: "Whoever sits between reads them.",
    fix: "https://, ftps:// or SFTP",
    literals: ["http://", "FTPClient", "TelnetClient"],
    match: [
      calls("URL URI.create URI HttpGet HttpPost HttpRequest.newBuilder", ({ args: [to] }) =>
        says(to, openLogin),
      ),
      calls("FTPClient.login TelnetClient.connect"),
    ],
    bad: [
      'class A { void go() throws Exception { URL u = new URL("http://api.shop.com/login"); } }',
      "class A { void go(String u, String p) throws Exception { FTPClient f = new FTPClient(); f.login(u, p); } }",
    ],
    good: [
      'class A { void go() throws Exception { URL u = new URL("https://api.shop.com/login"); } }',
      'class A { void go() throws Exception { URL u = new URL("http://localhost:8080/login"); } }',
    ],
  },
  {
    id: "java/slow-pattern",
    cwe: 1333,
    title: "A pattern that can take very long",
    severity: "medium",
    why: "A text of thirty characters keeps the program busy for minutes.",
    fix: "Repeat only what cannot match in two ways, or use RE2/J",
    literals: ["Pattern.compile", ".matches(", ".replaceAll("],
    match: [
      calls("Pattern.compile Pattern.matches .matches re.sub", ({ args: [pattern] }) => {
        return typeof pattern?.constant === "string" && isExplosive(pattern.constant);
      }),
    ],
    bad: [
      'class A { static final Pattern P = Pattern.compile("^(a+)+$"); }',
      'class A { boolean go(String x) { return x.matches("([a-z]+)*b"); } }',
    ],
    good: [
      'class A { static final Pattern P = Pattern.compile("^a+$"); }',
      'class A { boolean go(String x) { return x.matches("[a-z]+b"); } }',
    ],
  },
];
