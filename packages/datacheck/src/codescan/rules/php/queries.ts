/** @file PHP rules: untrusted text in queries of databases, directories and documents. */
import { isBuilt, itemsOf } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { isBuiltAs, isSqlOfUnseen, shaped, sqlVerb } from "../conditions.ts";
import { fileSays, passwordName } from "../inside.ts";
import { brokenLine, buildsSql, calls, reaches, words } from "../matches.ts";

const functions =
  "mysql_query mysqli_query mysqli_multi_query mysqli_prepare pg_query pg_send_query sqlite_query " +
  "sqlsrv_query odbc_exec " +
  "mysqli_real_query oci_parse mysql_db_query mssql_query db_query";
const methods =
  ".query .exec .multi_query .real_query .querySingle .executeQuery .executeStatement .get_results .get_row " +
  ".get_var .get_col .select .statement .unprepared .createQuery .createNativeQuery .whereRaw .orderByRaw .selectRaw " +
  ".havingRaw .raw .rawQuery .fetchAll .fetchAssoc DB.raw DB.select DB.statement DB.update " +
  "DB.delete DB.insert .simple_query";

/** Rules on queries. */
export const phpQueryRules: readonly Rule[] = [
  {
    id: "php/sql-built",
    cwe: 89,
    title: "SQL injection: query built from untrusted input",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest runs as SQL.",
    fix: "Use a prepared statement: $stmt = $pdo->prepare('... WHERE name = ?'); $stmt->execute([$name])",
    literals: words("query exec SELECT select INSERT UPDATE DELETE prepare get_ Raw raw statement"),
    match: [
      reaches("sql", 1, functions, [0, 1], ({ args }) =>
        args.some((one) => (isBuilt(one) ? shaped(one, sqlVerb) : one.level === 2)),
      ),
      reaches("sql", 1, methods, [0], ({ args: [text], path }) => {
        if (text === undefined) return false;
        if (/(whereRaw|orderByRaw|selectRaw|havingRaw|DB\.raw|\.raw)$/.test(path))
          return text.level === 2 || isBuilt(text);
        return isBuilt(text)
          ? shaped(text, sqlVerb)
          : text.level === 2 &&
              /^(\$\w{0,20}(db|pdo|conn|mysqli|wpdb)\w{0,10}|PDO\(\)|mysqli\(\))\.\w{4,14}$/i.test(path);
      }),
      reaches("sql", 1, ".prepare", [0], ({ args: [text] }) => isBuiltAs(text, sqlVerb)),
      buildsSql,
      brokenLine(/(query|exec)\([^"]{0,40}"(SELECT|INSERT|UPDATE|DELETE)\b[^"]{0,300}\$_?\w/i),
    ],
  },
  {
    id: "php/ldap-filter",
    cwe: 90,
    title: "LDAP injection: untrusted input in a search filter",
    severity: "high",
    why: "Parentheses and asterisks in the input change the meaning of the filter.",
    fix: "Escape the value with ldap_escape($name, '', LDAP_ESCAPE_FILTER)",
    literals: ["ldap_"],
    match: [
      reaches("ldap", 1, "ldap_search ldap_list ldap_read", [1, 2], ({ args }) =>
        args.some((one) => one.level > 0 && isBuilt(one)),
      ),
    ],
  },
  {
    id: "php/xpath",
    cwe: 643,
    title: "XPath injection: untrusted input in an XPath query",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest becomes part of the query.",
    fix: "Validate the input against a pattern first",
    literals: ["xpath", "XPath", "->query", "->evaluate"],
    match: [
      reaches("xpath", 1, ".xpath .query .evaluate", [0], ({ args: [text] }) =>
        shaped(text, /^\s{0,9}\.?\/{1,2}[\w:*/]{1,80}\[[\s\S]{0,300}\0/),
      ),
    ],
  },
  {
    id: "php/nosql",
    cwe: 943,
    title: "NoSQL injection: filter from untrusted input",
    severity: "high",
    why: "An array in place of a string adds operators, which changes the query.",
    fix: "Convert each field to a string: (string) $_POST['name']",
    literals: ["findOne", "->find(", "$where", "updateOne", "deleteOne"],
    match: [
      calls(".findOne .find .updateOne .deleteOne .deleteMany .count", ({ args: [filter], here }) => {
        if (!fileSays(here, /Mongo/)) return false;
        return itemsOf(filter).some(
          (one) =>
            one.level === 2 &&
            /^\$_(GET|POST|REQUEST)\.|json_decode\(\)/.test(one.path) &&
            !/strval|string/.test(one.path),
        );
      }),
    ],
  },
  {
    id: "php/password-stored",
    cwe: 256,
    title: "Password stored in plain text",
    severity: "medium",
    why: "Anyone who can read the table has all passwords.",
    fix: "Store password_hash($password, PASSWORD_DEFAULT)",
    literals: ["assword"],
    match: [
      calls(".bind_param .bindParam .bindValue .execute", ({ args, here }) => {
        if (fileSays(here, /password_hash|password_verify|crypt\(|hash\(|md5|sha1|bcrypt/i)) return false;
        if (!fileSays(here, /(INSERT\s{1,9}INTO|WHERE)[^;]{0,300}passw/i)) return false;
        const all = args.flatMap((one) => [one, ...itemsOf(one)]);
        return all.some(
          (one) =>
            one.level > 0 &&
            (one.roots.some((root) => passwordName.test(root)) || passwordName.test(one.path)),
        );
      }),
    ],
  },
  {
    id: "php/sql-formatted",
    cwe: 89,
    title: "Possible SQL injection: query built from a value of unknown origin",
    severity: "low",
    why: "If the value is untrusted, a quote in it ends the string literal and the rest runs as SQL.",
    fix: "Use a prepared statement: $stmt = $pdo->prepare('... WHERE name = ?'); $stmt->execute([$name])",
    literals: ["query", "exec", "prepare", "Raw", "statement"],
    match: [
      calls(
        "mysql_query mysqli_query pg_query pg_send_query sqlite_query mysqli_multi_query mysql_db_query " +
          "mysqli_real_query mysql_unbuffered_query .query .exec .multi_query .real_query .get_results .get_row " +
          ".get_var .get_col .createQuery .createNativeQuery .executeQuery .executeStatement .fetchAll .whereRaw " +
          "DB.select DB.statement DB.insert DB.update DB.delete DB.unprepared",
        ({ args }) => args.slice(0, 2).some(isSqlOfUnseen),
      ),
    ],
  },
];
