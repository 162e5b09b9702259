/** @file Python rules: untrusted text in queries of databases and directories. */

import { anyOf, type NamePattern } from "../../engine/language.ts";
import type { CallSeen } from "../../engine/seen.ts";
import { carries, hole, isBuilt, itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, importsOf, nameOf, nameWords, shaped, sqlNames, sqlVerb } from "../conditions.ts";
import { assigns, brokenLine, calls, callsLike, reaches, words } from "../matches.ts";

const runs =
  ".execute .executemany .executescript .execute_sql .read_sql .read_sql_query pandas.read_sql pandas.read_sql_query " +
  ".raw .extra .mogrify .execute_query .fetchrow .fetchval .fetch .execute_async .exec_driver_sql " +
  "django.db.models.expressions.RawSQL RawSQL sqlalchemy.text sqlalchemy.sql.text text .text";

const ofQueries = /(^|\.)(\w{0,20}(query|sql|exec|fetch|select|insert|update|delete)\w{0,20}|run|get|add)$/i;
const showsText = /^(log|print|format|debug|explain)(s|ed|ted|ing|ging|ting|ger|ter)?$/;

/** Names of functions to which programs pass queries: `run_query`, `db.fetch_one`. */
const passesQueries: NamePattern = {
  test: (path) =>
    ofQueries.test(path) &&
    !nameWords(path.slice(path.lastIndexOf(".") + 1)).some((word) => showsText.test(word)),
};

const fix = 'Use a constant query and pass values as parameters: execute("... WHERE name = %s", (name,))';
const why = "A quote in the input ends the string literal, and the rest runs as SQL.";

/** SQL in which only table names vary. Those cannot be bound as parameters. */
function hasNamesAlone(text: Value): boolean {
  if (shaped(text, sqlNames)) return true;
  const rest = (text.shape ?? "").replace(
    /\b(from|join|into|update|table|describe)\s{1,9}["'`[]?\0(\.\0)?/gi,
    "",
  );
  return isBuilt(text) && shaped(text, sqlVerb) && !rest.includes(hole);
}

/** The position of a value in SQL: after a comparison, in a list of values, between quotes. */
const valuePlace = anyOf(
  /([=<>]|\blike|\bin|\bvalues|\blimit|\boffset|\bbetween|\band)[\s(]{0,5}(["']%?)?\0/i,
  /\bvalues\s{0,5}\([^()]{0,300}\0/i,
  /[\s(=,]["']%?\0%?["']/,
);

/** SQL with a value that is not known to be a number, whatever its origin. */
function hasOpenValue(value: Value | undefined): value is Value {
  if (value === undefined || !isBuilt(value) || (value.level > 0 && carries(value, "sql") === 0))
    return false;
  return shaped(value, sqlVerb) && shaped(value, valuePlace);
}

function givesOpenValue(seen: CallSeen): boolean {
  return hasOpenValue(argument(seen, 0, "sql", "query", "statement"));
}

/** Rules on queries. */
export const pythonQueryRules: readonly Rule[] = [
  {
    id: "python/sql-built",
    cwe: 89,
    title: "SQL injection: query built from untrusted input",
    severity: "high",
    why,
    fix,
    literals: words("execute read_sql .raw( .extra( RawSQL text( mogrify fetch SELECT select"),
    match: [
      reaches("sql", 1, runs, [0, "sql", "query", "where", "select", "statement"], (seen) => {
        const text = argument(seen, 0, "sql", "query", "statement");
        if (seen.path === ".extra" || /\.extra$/.test(seen.path)) return true;
        if (text === undefined || (text.level === 1 && hasNamesAlone(text))) return false;
        return isBuilt(text) ? shaped(text, sqlVerb) : text.level === 2 && /execute|read_sql/.test(seen.path);
      }),
      // composed here, executed elsewhere: recognized by the quotes around the value
      assigns(/./, ({ form, value }) => {
        if (form !== "variable" && form !== "attribute") return false;
        return hasOpenValue(value) && shaped(value, /['"]%?\0/) && value.level;
      }),
      brokenLine(/\.execute\(\s{0,9}(f["']|["'][^"']{0,200}["']\s{0,9}(%\s|\+|\.format))/),
    ],
  },
  {
    id: "python/sql-value-built",
    cwe: 89,
    title: "SQL injection: query built from text and values",
    // the value's origin is unknown: an object, a function or an annotated parameter
    severity: "medium",
    why,
    fix,
    literals: ["SELECT", "select", "INSERT", "insert", "UPDATE", "update", "DELETE", "delete"],
    match: [
      calls(runs, givesOpenValue),
      callsLike(passesQueries, givesOpenValue),
      assigns(/./, ({ form, value }) => (form === "variable" || form === "attribute") && hasOpenValue(value)),
    ],
  },
  {
    id: "python/sql-name-built",
    cwe: 89,
    title: "SQL injection: table or account name not validated",
    // names cannot be bound as parameters, so database tools have no alternative
    severity: "medium",
    why: "A quote or semicolon in the name ends it, and the rest runs as SQL.",
    fix: "Check the name against an allowlist, or quote it: psycopg.sql.Identifier(name)",
    literals: ["execute", "text(", "raw", "sql"],
    match: [
      reaches("sql", 1, runs, [0, "sql", "query", "statement"], (seen) => {
        const text = argument(seen, 0, "sql", "query", "statement");
        return text?.level === 1 && isBuilt(text) && hasNamesAlone(text);
      }),
    ],
  },
  {
    id: "python/nosql",
    cwe: 943,
    title: "NoSQL injection: filter from untrusted input",
    severity: "high",
    why: "An object in place of a string, or an operator in the string, changes the query.",
    fix: "Convert each field to a string: {'name': str(data['name'])}",
    literals: words("find $where FilterExpression KeyConditionExpression aggregate update_one delete_"),
    match: [
      calls(
        ".find .find_one .find_one_and_update .update_one .update_many .delete_one .delete_many .count_documents",
        (seen) => {
          const [filter] = seen.args;
          if (!importsOf(seen.here, /^(pymongo|flask_pymongo|motor|mongoengine|bson)/)) return false;
          const raw = (path: string): boolean => /\.(json|get_json\(\))/.test(path);
          if (filter?.entries === undefined) return filter?.level === 2 && /json/.test(filter.path);
          return [...filter.entries.values()].some((one) => one.level === 2 && raw(one.path));
        },
      ),
      assigns(
        /^(\$where|FilterExpression|KeyConditionExpression)$/,
        ({ value }) => isBuilt(value) && value.level,
      ),
    ],
  },
  {
    id: "python/ldap",
    cwe: 90,
    title: "LDAP injection: untrusted input in a search filter",
    severity: "high",
    why: "Parentheses and asterisks in the input change the meaning of the filter.",
    fix: "Use ldap.filter.escape_filter_chars(name) or ldap3.utils.conv.escape_filter_chars(name)",
    literals: ["ldap"],
    match: [
      reaches(
        "ldap",
        1,
        ".search .search_s .search_st .search_ext .search_ext_s .paged_search",
        ["*"],
        (seen) =>
          [...seen.args, ...seen.named.values()].some(
            (one) => one.level > 0 && (isBuilt(one) || one.level === 2),
          ),
      ),
      reaches("ldap", 2, "ldap3.Connection .simple_bind_s", ["*"], ({ here }) => importsOf(here, /^ldap/)),
    ],
  },
  {
    id: "python/xpath",
    cwe: 643,
    title: "XPath injection: untrusted input in an XPath query",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest becomes part of the query.",
    fix: "Use a variable: tree.xpath('//user[@name=$name]', name=name)",
    literals: ["xpath", "XPath", "find", "elementpath"],
    match: [
      reaches(
        "xpath",
        1,
        ".xpath .findall .find .findtext .iterfind lxml.etree.XPath lxml.etree.ETXPath .xpathEval .xpath_eval",
        [0],
        ({ args, here }) =>
          shaped(args[0], /[/[@][\s\S]{0,300}\0/) && importsOf(here, /xml|parsel|scrapy|html/),
      ),
      reaches(
        "xpath",
        1,
        "elementpath.select elementpath.iter_select elementpath.Selector",
        [0, 1, "path"],
        (seen) =>
          shaped(argument(seen, seen.path.endsWith("Selector") ? 0 : 1, "path"), /[/[@][\s\S]{0,300}\0/),
      ),
    ],
  },
  {
    id: "python/password-stored",
    cwe: 256,
    title: "Password stored in plain text",
    severity: "medium",
    why: "Anyone who can read the table has all passwords.",
    fix: "Store bcrypt.hashpw(password, bcrypt.gensalt()) or an Argon2 hash",
    literals: ["passw", "pwd"],
    match: [
      calls(".execute", ({ args: [text, values] }) => {
        if (!shaped(text, /^\s{0,50}insert[\s\S]{0,400}passw/i)) return false;
        return itemsOf(values).some((one) => one.level > 0 && /^(password|passwd|pwd)$/i.test(nameOf(one)));
      }),
    ],
  },
];
