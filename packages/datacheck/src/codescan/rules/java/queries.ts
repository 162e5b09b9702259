/** @file Java rules: untrusted text in queries of databases, directories and documents. */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen } from "../../engine/seen.ts";
import { isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { shaped, sqlVerb } from "../conditions.ts";
import { fileSays, passwordName } from "../inside.ts";
import { brokenLine, buildsSql, calls, reaches } from "../matches.ts";

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
    literals: [
      "execute",
      "prepare",
      "create",
      "query",
      "update",
      "rawQuery",
      "execSQL",
      "SELECT",
      "select",
      "addBatch",
      "Restriction",
      "sql(",
      "DSL.",
      "Wrapper",
    ],
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
    bad: [
      'class A { ResultSet find(Connection c, String name) throws Exception { Statement s = c.createStatement(); return s.executeQuery("SELECT * FROM users WHERE name = \'" + name + "\'"); } }',
      'class A { void drop(Connection c, HttpServletRequest request) throws Exception { String q = "DELETE FROM t WHERE id = " + request.getParameter("id"); c.createStatement().executeUpdate(q); } }',
      'class A { List<User> find(EntityManager em, String n) { return em.createQuery("FROM User u WHERE u.name = \'" + n + "\'").getResultList(); } }',
      'class A { private JdbcTemplate jdbc; void find(String n) { StringBuilder sb = new StringBuilder("SELECT id FROM t WHERE n = \'"); sb.append(n).append("\'"); jdbc.queryForList(sb.toString()); } }',
      'class A { void find(Connection c, String n) throws Exception { String q = String.format("SELECT * FROM t ' +
        "WHERE n = '%s'\", n); PreparedStatement p = c.prepareStatement(q); } }",
    ],
    good: [
      'class A { ResultSet find(Connection c, String name) throws Exception { PreparedStatement s = c.prepareStatement("SELECT * FROM users WHERE name = ?"); s.setString(1, name); return s.executeQuery(); } }',
      'class A { void drop(Connection c, HttpServletRequest request) throws Exception { int id = Integer.parseInt(request.getParameter("id")); c.createStatement().executeUpdate("DELETE FROM t WHERE id = " + id); } }',
      'class A { List<User> find(EntityManager em, String n) { return em.createQuery("FROM User u WHERE u.name = :n").setParameter("n", n).getResultList(); } }',
      'class A { private static final String TABLE = "users"; void find(Connection c, long id) throws Exception { c.createStatement().executeQuery("SELECT * FROM " + TABLE + " WHERE id = " + id); } }',
      'class A { void find(JdbcTemplate jdbc, String col) { if (!Set.of("a", "b").contains(col)) { throw new IllegalArgumentException(); } jdbc.queryForList("SELECT x FROM t ORDER BY " + col); } }',
      'class A { void find(Connection c, String table, long id) throws Exception { c.prepareStatement("SELECT x FROM " + table + " WHERE id = ?"); } }',
      'class A { private JdbcTemplate jdbc; void find(String n) { StringBuilder sb = new StringBuilder("SELECT id FROM t"); if (n != null) { sb.append(" WHERE n = ?"); } jdbc.queryForList(sb.toString(), n); } }',
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
    bad: [
      "class A { ResultSet run(Connection c, String sql) throws Exception { Statement s = c.createStatement(); return s.executeQuery(sql); } }",
      'class A { void go(PersistenceManager pm, String name) { Query q = pm.newQuery(User.class); q.setFilter("name == " + name); } }',
    ],
    good: [
      'class A { private static final String ALL = "SELECT a FROM t"; ResultSet run(Connection c) throws Exception { Statement s = c.createStatement(); return s.executeQuery(ALL); } }',
      'class A { void go(PersistenceManager pm) { Query q = pm.newQuery(User.class); q.setFilter("name == n"); } }',
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
    bad: [
      'class A { void find(MongoTemplate m, String n) { m.find(new BasicQuery("{ name: \'" + n + "\' }"), User.class); } }',
      'class A { void find(MongoCollection<Document> c, String n) { c.find(new Document("$where", "this.name == \'" + n + "\'")); } }',
    ],
    good: [
      'class A { void find(MongoCollection<Document> c, String n) { c.find(Filters.eq("name", n)); } }',
      "class A { void find(MongoTemplate m) { m.find(new BasicQuery(\"{ name: 'a' }\"), User.class); } }",
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
    bad: [
      'class A { void login(Connection c, String user, String password) throws Exception { PreparedStatement p = c.prepareStatement("SELECT id FROM users WHERE name = ? AND password = ?"); p.setString(1, user); p.setString(2, password); p.executeQuery(); } }',
      'class A { void add(Connection c, String password) throws Exception { PreparedStatement p = c.prepareStatement("INSERT INTO users (password) VALUES (?)"); p.setString(1, password); } }',
    ],
    good: [
      'class A { void add(Connection c, String password) throws Exception { PreparedStatement p = c.prepareStatement("INSERT INTO users (h) VALUES (?)"); p.setString(1, encoder.encode(password)); } }',
      'class A { void add(Connection c, String name) throws Exception { PreparedStatement p = c.prepareStatement("INSERT INTO users (name) VALUES (?)"); p.setString(1, name); } }',
    ],
  },
];
