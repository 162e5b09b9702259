/** @file Java rules: untrusted text in queries of databases, directories and documents. */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen } from "../../engine/seen.ts";
import { isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { shaped, sqlVerb } from "../conditions.ts";
import { fileSays, passwordName } from "../inside.ts";
import { brokenLine, buildsSql, calls, reaches, words } from "../matches.ts";

const runs =
  ".executeQuery .executeUpdate .execute .executeLargeUpdate .addBatch .prepareStatement .prepareCall .createQuery " +
  ".createNativeQuery .createSQLQuery .query .queryForObject .queryForList .queryForMap .queryForRowSet .update " +
  ".batchUpdate .nativeSQL .rawQuery .execSQL .sql .createStatement .createSelectionQuery .createMutationQuery " +
  ".queryForInt .queryForLong .queryForStream .preparedQuery " +
  ".resultQuery .fetch .newQuery .executeAsync .executeInsert " +
  ".createFilter .selectList .selectOne .queryForLargeUpdate PreparedStatementCreatorFactory";
const hql = /^[\s(]{0,20}(from\s+\w{1,60}|select\s|delete\s|update\s)/i;

/** Types of database libraries that execute text. */
const databases = anyOf(
  /^(Connection|Statement|PreparedStatement|CallableStatement|JdbcTemplate|JdbcClient|EntityManager|Session)\./,
  /^(QueryRunner|DSLContext|Handle|Jdbi|SQLiteDatabase|CqlSession|SqlSession|SqlClient|Pool|SqlConnection)\./,
  /^(PersistenceManager|DatabaseClient|BatchUpdateUtils|\w{0,40}Peer)\./,
  /^PreparedStatementCreatorFactory(\.|$)/,
);

/** Values are bound separately; callers only supply table and column names. */
function isNamed(text: Value): boolean {
  return (
    text.level === 1 &&
    shaped(text, /\?/) &&
    !shaped(text, /(=|<|>|like|in|values)[\s(]{0,5}['"]?%?\0|['"]\0/i)
  );
}

/** Composed SQL, or SQL that is untrusted as a whole. */
function isOpenQuery({ path, args: [text] }: CallSeen): boolean {
  if (text === undefined || isNamed(text)) return false;
  const isSql = /^(Connection|Statement|PreparedStatement|CallableStatement|JdbcTemplate)\./.test(path);
  if (isSql && isBuilt(text) && shaped(text, /^(\0{2}|[\s(]{0,20}(select|insert|update|delete)\b)/i))
    return true;
  if (isBuilt(text)) return shaped(text, sqlVerb) || (/create\w{0,9}Query$/.test(path) && shaped(text, hql));
  if (/^[A-Z]\w*\.\w+$/.test(path) && !databases.test(path)) return false;
  return (
    text.level === 2 &&
    /(execute|prepare|createNative|createSQL|create|query|update|add|sql)\w{0,12}$/i.test(path)
  );
}

/** Rules on queries. */
export const javaQueryRules: readonly Rule[] = [
  {
    id: "java/sql-built",
    cwe: 89,
    title: "SQL injection: query built from untrusted input",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest runs as SQL.",
    fix: 'Use connection.prepareStatement("... WHERE name = ?") and ps.setString(1, name)',
    literals: words(
      "execute prepare create query update rawQuery execSQL SELECT select addBatch Restriction sql( " +
        "DSL. Wrapper",
    ),
    match: [
      reaches("sql", 1, runs, [0], isOpenQuery),
      // a raw part of a condition
      reaches(
        "sql",
        1,
        "Restrictions.sqlRestriction Projections.sqlProjection Expression.sql " +
          "DSL.condition DSL.sql QueryWrapper.apply " +
          "QueryWrapper.last LambdaQueryWrapper.apply LambdaQueryWrapper.last",
        [0],
        ({ args: [text] }) => text !== undefined && isBuilt(text),
      ),
      buildsSql,
      brokenLine(
        /\.(executeQuery|executeUpdate|prepareStatement|createQuery)\(\s{0,9}"[^"]{0,300}"\s{0,9}\+\s{0,9}\w/,
      ),
    ],
  },
  {
    id: "java/sql-variable",
    cwe: 89,
    title: "SQL injection: statement taken from a parameter",
    severity: "low",
    why: "The caller of the function can run any SQL statement.",
    fix: "Keep the statement constant here and accept only its values as parameters",
    literals: ["execute", "prepare", "create", "query", "update", "addBatch", "setFilter", "setGrouping"],
    match: [
      reaches("sql", 1, runs, [0], ({ path, args: [text] }) => {
        if (text === undefined || text.level !== 1 || isBuilt(text)) return false;
        return text.path === "" && databases.test(path) && !/\.(fetch|sql|select\w{1,4})$/.test(path);
      }),
      // parts of JDO queries
      reaches("sql", 1, "Query.setFilter Query.setGrouping Query.setOrdering", [0], ({ args: [text] }) => {
        return text !== undefined && (isBuilt(text) || text.path === "");
      }),
    ],
  },
  {
    id: "java/nosql-built",
    cwe: 943,
    title: "NoSQL injection: filter built from text",
    severity: "high",
    why: "Quotes and operators in the input change the query.",
    fix: 'Use Filters.eq("name", name)',
    literals: ["BasicQuery", "parse", "$where"],
    match: [
      reaches(
        "nosql",
        1,
        "BasicQuery Document.parse BsonDocument.parse JSON.parse BasicDBObject.parse",
        [0],
        ({ args: [text] }) => shaped(text, /^\s{0,20}\{[\s\S]{0,400}\0/),
      ),
      calls("BasicDBObject Document .put .append", ({ args: [key, text] }) => {
        return key?.constant === "$where" && text !== undefined && isBuilt(text) && text.level;
      }),
    ],
  },
  {
    id: "java/password-stored",
    cwe: 256,
    title: "Plain-text password compared in a query",
    severity: "medium",
    why: "The table holds plain-text passwords. Anyone who can read it has all of them.",
    fix: "Select the hash and compare it: encoder.matches(password, hash)",
    literals: ["assword", "ASSWORD"],
    match: [
      calls(".setString", ({ args: [, value], receiver, here }) => {
        if (value === undefined || value.level === 0 || !value.roots.some((root) => passwordName.test(root)))
          return false;
        return !fileSays(here, /encode|hash|crypt|digest/i) && /^PreparedStatement$/.test(receiver.path);
      }),
    ],
  },
];
