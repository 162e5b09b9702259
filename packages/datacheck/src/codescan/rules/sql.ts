/**
 * @file SQL rules. The first text of a call is the statement from the word on with empty strings; the second is the
 * original text.
 */

import type { Match, Rule } from "../rule.ts";
import { says } from "./conditions.ts";
import { fileSays } from "./inside.ts";
import { calls, words } from "./matches.ts";

/** Matches a word by its statement, with empty strings (`bare`) and as written (`whole`). */
function word(words: string, bare: RegExp, whole?: RegExp, unless?: RegExp): Match {
  return calls(
    words,
    ({ args: [code, written] }) =>
      says(code, bare) &&
      (whole === undefined || says(written, whole)) &&
      !(unless !== undefined && says(written, unless)),
  );
}

/** Functions that make a value safe within a query. */
const quoted = /quotename\s?\(|quote_(literal|ident|nullable)\s?\(|dbms_assert|%[LI]\b/i;
const verb = /'\s{0,20}(select|insert|update|delete|exec|drop|alter|create|truncate|merge|call)\b/i;

/** All SQL rules. */
export const sqlRules: readonly Rule[] = [
  {
    id: "sql/query-built",
    cwe: 89,
    title: "SQL injection: dynamic query built from text",
    severity: "high",
    why: "A quote in a value ends the string literal, and the rest runs as SQL.",
    fix: "Use sp_executesql with parameters or EXECUTE IMMEDIATE sql USING name; quote names with quote_ident",
    literals: words("exec EXEC Exec prepare PREPARE immediate IMMEDIATE set SET open OPEN"),
    match: [
      calls("immediate", ({ args: [code], here }) => {
        const [, name] = /^immediate\s{1,9}(\w{1,60})\b/i.exec(String(code?.constant)) ?? [];
        const at = name === undefined ? -1 : here.text.indexOf(`${name} :=`);
        const made = at < 0 ? "" : (here.text.slice(at, at + 1000).split(";")[0] ?? "");
        return /:=\s{0,9}'[\s\S]{0,900}\|\|\s{0,9}\w/.test(made) && !quoted.test(made);
      }),
      word("declare", /^declare\s{1,9}@[^=;]{1,100}=\s{0,9}N?'\s{0,2000}'\s{0,9}\+\s{0,9}@\w/i, verb, quoted),
      word("immediate", /^immediate\s{0,20}\(?[^;]{0,2000}(\|\||concat\s?\()/i, undefined, quoted),
      word(
        "exec execute",
        /^exec(ute)?\s{0,20}\(\s{0,20}(N?'[^']{0,2000}'\s{0,9}\+|@\w{1,60}\s{0,9}\+)/i,
        undefined,
        quoted,
      ),
      word("execute", /^execute\s{1,20}(format\s?\(|N?'\s{0,2000}'\s{0,9}(\|\||\+))/i, undefined, quoted),
      word("sp_executesql", /^sp_executesql\s{1,20}(N?'\s{0,2000}'|@\w{1,60})\s{0,9}\+/i, undefined, quoted),
      word(
        "set select",
        /^(set|select)\s{1,9}@\w{1,60}\s{0,9}:?\+?=\s{0,9}N?'\s{0,2000}'\s{0,9}\+\s{0,9}@?\w/i,
        verb,
        quoted,
      ),
      word(
        "set select",
        /^(set|select)\s{1,9}@\w{1,60}\s{0,9}:?=\s{0,9}concat\s?\(\s{0,9}'[^;]{0,1000},\s{0,9}[@\w]/i,
        verb,
        quoted,
      ),
      word(
        "prepare",
        /^prepare\s{1,9}\w{1,60}\s{1,9}from\s{1,9}(concat\s?\(|'[^;]{0,1000}(\|\||\+))/i,
        undefined,
        quoted,
      ),
      word("open", /^open\s{1,9}\w{1,60}\s{1,9}for\s{1,9}'[^;]{0,2000}\|\|/i, undefined, quoted),
    ],
  },
  {
    id: "sql/rights-to-all",
    cwe: 269,
    title: "Excessive privileges granted",
    severity: "medium",
    why: "More accounts, databases or hosts get access than the application needs.",
    fix: "Grant only what is needed: GRANT SELECT ON shop.orders TO reporting;",
    literals: ["grant", "GRANT", "Grant"],
    match: [
      word(
        "grant",
        /^grant\s[^;]{1,600}\sto\s{1,9}(\w{1,60},\s?)?public\b/i,
        undefined,
        /grant\s{1,9}usage\b/i,
      ),
      word("grant", /^grant\s{1,9}all(\s{1,9}privileges)?\s{1,9}on\s{1,9}\*\.\*\s/i),
      word("grant", /^grant\s{1,9}all\b[^;]{1,300}\sto\s/i, /@\s?'%'/),
    ],
  },
  {
    id: "sql/secret-in-statement",
    cwe: 798,
    title: "Hard-coded password in a SQL statement",
    severity: "high",
    why: "The password appears in the script, the server log and the history.",
    fix: "Use \\password app in psql, IDENTIFIED WITH auth_socket, or a value that the deployment fills in",
    literals: ["identified", "IDENTIFIED", "Identified", "password", "PASSWORD", "Password"],
    secret: true,
    match: [
      word(
        "identified",
        /^identified\s{1,9}(with\s{1,9}[\w'"]{1,60}\s{1,9})?(by|as)\s/i,
        /\b(by|as)\s{1,9}(password\s{1,9})?['"][^'"<{$:\s]{3,}['"]/i,
      ),
      word(
        "create alter",
        /^(create|alter)\s{1,9}(user|role|login|application\s{1,9}role)\s[^;]{1,400}\bpassword\b/i,
        /\bpassword\s{0,9}=?\s{0,9}N?'[^'<{$:\s]{3,}'/i,
      ),
      word(
        "create alter identified",
        /^(create|alter)\s{1,9}(server|user\s{1,9}mapping|database\s{1,9}scoped\s{1,9}credential)\b/i,
        /\b(password|secret)\s{0,9}=?\s{0,9}'[^'<{$:\s]{3,}'/i,
      ),
    ],
  },
  {
    id: "sql/no-password",
    cwe: 521,
    title: "Account without a password",
    severity: "medium",
    why: "Anyone who can reach the server can log in.",
    fix: "Set a password that the deployment fills in",
    literals: ["identified", "IDENTIFIED", "Identified", "password", "PASSWORD"],
    match: [
      word("identified", /^identified\s{1,9}by\s{1,9}['"]/i, /^identified\s{1,9}by\s{1,9}(''|"")/i),
      word(
        "create alter",
        /^(create|alter)\s{1,9}(user|role|login)\s[^;]{1,400}\bpassword\b/i,
        /\bpassword\s{0,9}=?\s{0,9}N?''(?!')/i,
      ),
    ],
  },
  {
    id: "sql/commands-of-the-system",
    cwe: 78,
    title: "Operating system command run from the database",
    severity: "high",
    why: "Anyone who can run a query can run programs with the server's privileges.",
    fix: "Keep it disabled, and do such work outside the database",
    literals: [
      "xp_cmdshell",
      "XP_CMDSHELL",
      "program",
      "PROGRAM",
      "sp_OACreate",
      "sp_oacreate",
      "SP_OACREATE",
      "Ole Automation",
    ],
    match: [
      calls("xp_cmdshell sp_oacreate"),
      word(
        "sp_configure",
        /^sp_configure/i,
        /^sp_configure\s{1,9}'(xp_cmdshell|Ole Automation Procedures)'\s{0,9},\s{0,9}1/i,
      ),
      word("program", /^program\s{1,9}'/i),
    ],
  },
  {
    id: "sql/weak-password-hash",
    cwe: 916,
    title: "Password hashed with a fast hash function",
    severity: "medium",
    why: "An attacker can guess passwords from the hash in seconds.",
    fix: "Use crypt(password, gen_salt('bf', 12)) from pgcrypto, or hash it in the application with Argon2",
    literals: ["md5", "MD5", "sha", "SHA", "hashbytes", "HASHBYTES", "Md5", "PASSWORD(", "password("],
    match: [
      word("md5 sha1 sha", /^\w{2,5}\s?\([^;)]{0,80}(passw|pwd)/i),
      word("hashbytes", /^hashbytes\s?\([\s\S]{0,100}(passw|pwd)/i, /^hashbytes\s?\(\s?'(md[245]|sha1?)'/i),
      word("old_password", /^old_password\s?\(/i),
    ],
  },
  {
    id: "sql/weak-cipher",
    cwe: 327,
    title: "Broken cipher",
    severity: "medium",
    why: "DES, RC4 and ENCODE are broken.",
    fix: "Use AES_256, or AES_ENCRYPT with block_encryption_mode aes-256-cbc",
    literals: ["des_encrypt", "DES_ENCRYPT", "obfuscation", "OBFUSCATION", "algorithm", "ALGORITHM"],
    match: [
      calls("des_encrypt dbms_obfuscation_toolkit"),
      word("algorithm", /^algorithm\s?=\s?(des|triple_des|triple_des_3key|rc2|rc4|rc4_128|desx)\b/i),
    ],
  },
  {
    id: "sql/random-secret",
    cwe: 338,
    title: "Secret from an insecure random number generator",
    severity: "medium",
    why: "An attacker who sees some outputs can compute the next ones.",
    fix: "Use gen_random_uuid(), encode(gen_random_bytes(16), 'hex'), RANDOM_BYTES(16) or CRYPT_GEN_RANDOM(16)",
    literals: ["rand", "RAND", "Rand"],
    match: [
      word(
        "set select",
        /\b(token|secret|otp|password|reset_code|api_key|session_id)\s{0,9}=[^;,]{0,60}\b(rand|random)\s?\(\s?\)/i,
      ),
    ],
  },
  {
    id: "sql/file-from-query",
    cwe: 73,
    title: "Query writes a file on the server",
    severity: "medium",
    why: "An attacker can write a web page or a key and take over the machine.",
    fix: "Use mysqldump, or \\copy on the client",
    literals: ["outfile", "OUTFILE", "dumpfile", "DUMPFILE"],
    match: [word("outfile dumpfile", /^(outfile|dumpfile)\s{0,9}'/i)],
  },
  {
    id: "sql/definer-without-path",
    cwe: 426,
    title: "SECURITY DEFINER function without a fixed search_path",
    severity: "medium",
    why: "The caller controls which tables and functions its names resolve to.",
    fix: "Set a fixed path: SECURITY DEFINER SET search_path = app, pg_temp",
    literals: ["security", "SECURITY"],
    match: [
      calls(
        "security",
        ({ args: [code], here }) =>
          says(code, /^security\s{1,9}definer\b/i) && !fileSays(here, /search_path/i),
      ),
    ],
  },
];
