/** @file C# rules: untrusted text in queries of databases, directories and documents. */
import type { CallSeen } from "../../engine/seen.ts";
import { carries, isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { shaped, sqlVerb } from "../conditions.ts";
import { assigns, brokenLine, calls, reaches, words } from "../matches.ts";
import { sets } from "./sets.ts";

/** The commands and adapters of all providers. */
const commands =
  "Sql MySql Npgsql Oracle SQLite Sqlite OleDb Odbc SqlCe Db2 DB2 Firebird Fb Sa Ase Snowflake Vertica IBM Adomd"
    .split(" ")
    .flatMap((name) => [`${name}Command`, `${name}DataAdapter`, `${name}BatchCommand`])
    .join(" ");
const runs =
  `${commands} ` +
  // Entity Framework, LINQ to SQL, NHibernate
  ".ExecuteSqlCommand .ExecuteSqlRaw .ExecuteSql .FromSqlRaw .FromSql .SqlQuery .SqlQueryRaw .ExecuteStoreQuery " +
  ".ExecuteStoreCommand .ExecuteQuery .ExecuteCommand .CreateSQLQuery .CreateQuery .CreateNativeQuery " +
  ".SqlQueryAsync " +
  // Dapper, helpers of several providers, micro mappers
  ".Query .QueryFirst .QueryFirstOrDefault .QuerySingle .QuerySingleOrDefault .QueryMultiple .Execute " +
  ".ExecuteScalar " +
  ".ExecuteReader .ExecuteNonQuery .ExecuteDataset .ExecuteDataSet .ExecuteDataTable .ExecuteDataRow " +
  ".GetSqlStringCommand .GetItemQueryIterator .GetItemQueryStreamIterator QueryDefinition SqlQuerySpec " +
  ".CreateDocumentQuery .SelectLazy .CreateFilter " +
  ".Fetch .SqlList .ExecuteXmlReader .QueryUnbuffered .GetDataTable .ExecuteNonQueryTypedParams CommandDefinition";
/** The position of a value in SQL: after a comparison, in quotes or in parentheses. */
const valuePlace = /(=|<|>|\blike|\bin|\bvalues)[\s(]{0,5}N?['"%(]{0,3}\0|['"]%?\0|\bwhere\s{1,9}\0/i;

/** Only a parameter supplies table and column names. The callers usually wrote these themselves. */
function isOnlyNames(text: Value | undefined): boolean {
  return text?.level === 1 && isBuilt(text) && !shaped(text, valuePlace);
}

/** Calls that accept nothing but SQL. */
const onlySql =
  /(Command|Adapter|Sql|SQL|SqlQuery|SQLQuery|SqlRaw|SqlQueryRaw|CreateQuery|CreateFilter|CommandDefinition)$|(^|\.)(con|conn|connection|db|dbConn|SqlMapper)\.(Query|Execute)/;

/** Composed SQL, or SQL that is untrusted as a whole. Helpers take it after a connection. */
function isOpenQuery({ path, args }: CallSeen): boolean {
  return args.slice(0, 3).some((text, position) => {
    if (carries(text, "sql") === 0) return false;
    // `FromSql($"...")` binds its interpolated values as parameters
    if (/\.(FromSql|ExecuteSql)$/.test(path) && text.made?.kind === "text") return false;
    if (isOnlyNames(text)) return false;
    if (isBuilt(text))
      return (
        shaped(text, sqlVerb) ||
        (/Command$|Raw$/.test(path) && shaped(text, /\b(from|where|set)\b/i)) ||
        // an unknown text followed by another one
        (onlySql.test(path) && shaped(text, /^\0{2}/))
      );
    return position === 0 && text.level === 2 && /Command$|Adapter$|Sql|SQL|Query$/.test(path);
  });
}

const directory =
  /^\s{0,9}\(|\(?\b(cn|uid|ou|dc|sAMAccountName|objectClass|mail|memberOf|userPrincipalName)=/i;

/** Rules on queries. */
export const csharpQueryRules: readonly Rule[] = [
  {
    id: "csharp/sql-built",
    cwe: 89,
    title: "SQL injection: query built from untrusted input",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest runs as SQL.",
    fix: 'Use "... WHERE name = @name" and command.Parameters.AddWithValue("@name", name)',
    literals: words("Command Adapter Sql SQL Query Execute SELECT select Fetch INSERT UPDATE"),
    match: [
      reaches("sql", 1, runs, [0, 1, 2], isOpenQuery),
      sets(
        "sql",
        1,
        /^(CommandText|SelectCommand|InsertCommand|UpdateCommand|DeleteCommand|QueryString|Sql)$/,
        ({ value, name }) =>
          isBuilt(value) ? shaped(value, sqlVerb) : value.level === 2 && name === "CommandText",
      ),
      assigns(
        /./,
        ({ form, value }) =>
          (form === "variable" || form === "attribute") &&
          carries(value, "sql") > 0 &&
          isBuilt(value) &&
          shaped(value, sqlVerb) &&
          shaped(value, /(=|like|in|values)[\s(]{0,5}N?['"]%?\0/i),
      ),
      brokenLine(
        /(SqlCommand|CommandText|SqlRaw)\s{0,3}[(=]\s{0,9}(\$@?"[^"{]{0,300}\{\w|"[^"]{0,300}"\s{0,9}\+\s{0,9}\w)/,
      ),
    ],
  },
  {
    id: "csharp/sql-variable",
    cwe: 89,
    title: "SQL injection: statement taken from a parameter",
    severity: "low",
    why: "The caller of the function can run any SQL statement.",
    fix: "Keep the statement constant here and accept only its values as parameters",
    literals: ["Command", "Adapter", "SqlRaw", "SqlQuery"],
    match: [
      reaches(
        "sql",
        1,
        `${commands} .ExecuteSqlRaw .FromSqlRaw .SqlQueryRaw .ExecuteSqlCommand`,
        [0],
        ({ args: [text] }) => text?.level === 1 && !isBuilt(text) && text.path === "",
      ),
    ],
  },
  {
    id: "csharp/sql-name-built",
    cwe: 89,
    title: "SQL injection: table or column name taken from a parameter",
    severity: "medium",
    why: "An attacker who controls the name can append SQL to it.",
    fix: "Check the name against an allowlist",
    literals: ["Command", "Sql", "SQL", "Query", "Execute", "SELECT", "select", "INSERT", "UPDATE", "DELETE"],
    match: [
      calls(runs, ({ args }) =>
        args
          .slice(0, 3)
          .some((text) => carries(text, "sql") > 0 && isOnlyNames(text) && shaped(text, sqlVerb)),
      ),
      sets("sql", 1, /^CommandText$/, ({ value }) => isOnlyNames(value) && shaped(value, sqlVerb)),
    ],
  },
  {
    id: "csharp/ldap-filter",
    cwe: 90,
    title: "LDAP injection: untrusted input in a search filter",
    severity: "high",
    why: "Parentheses and asterisks in the input change the meaning of the filter.",
    fix: "Escape the value with Encoder.LdapFilterEncode(name)",
    literals: ["DirectorySearcher", "DirectoryEntry", "Filter", "SearchRequest", "ldap", "LDAP"],
    match: [
      reaches(
        "ldap",
        1,
        "DirectorySearcher SearchRequest DirectoryEntry .Search",
        [0, 1, 2],
        ({ args, path }) =>
          args.some(
            (one) =>
              carries(one, "ldap") > 0 &&
              (shaped(one, directory) ||
                (one.level === 2 && /^Directory(Searcher|Entry)$|^SearchRequest$/.test(path))) &&
              (isBuilt(one) || one.level === 2),
          ),
      ),
      sets("ldap", 1, /^(Filter|Path)$/, ({ path, value }) =>
        /Searcher|Directory|SearchRequest/i.test(path)
          ? isBuilt(value) || value.level === 2
          : isBuilt(value) && shaped(value, /^\s{0,9}\([&|!(\w\0]{1,40}=?/) && shaped(value, /=\*?\0/),
      ),
    ],
  },
  {
    id: "csharp/xpath",
    cwe: 643,
    title: "XPath injection: untrusted input in an XPath query",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest becomes part of the query.",
    fix: "Compile the query with a variable and set the variable in an XsltContext",
    literals: ["XPath", "SelectNodes", "SelectSingleNode", "Navigator", ".Compile(", ".Evaluate("],
    match: [
      reaches(
        "xpath",
        1,
        ".SelectNodes .SelectSingleNode .Evaluate .Compile XPathExpression.Compile .Select .XPathSelectElement " +
          ".XPathSelectElements .XPathEvaluate .Matches .SelectDescendants .SelectAncestors",
        [0, 1],
        ({ args, path }) =>
          args
            .slice(0, 2)
            .some(
              (text) =>
                carries(text, "xpath") > 0 &&
                (shaped(text, /[/[@][\s\S]{0,300}\0/) ||
                  (text.level === 2 && /SelectNodes|SelectSingleNode|XPath/.test(path))),
            ),
      ),
      sets("xpath", 2, /^XPath$/),
    ],
  },
  {
    id: "csharp/nosql-built",
    cwe: 943,
    title: "NoSQL injection: filter built from text",
    severity: "high",
    why: "Quotes and operators in the input change the query.",
    fix: 'Use Builders<User>.Filter.Eq("name", name)',
    literals: ["Bson", "Mongo", "Filter", "Find(", "$where", "QueryDefinition", "CreateItemQuery"],
    match: [
      reaches(
        "nosql",
        1,
        "BsonDocument.Parse BsonSerializer.Deserialize JsonFilterDefinition JsonCommand BsonJavaScript .Find " +
          ".FindSync",
        [0],
        ({ args: [text] }) =>
          shaped(text, /^\s{0,20}\{[\s\S]{0,400}\0|this\.\w/) && text !== undefined && isBuilt(text),
      ),
      // Cosmos DB uses SQL
      reaches("sql", 1, "QueryDefinition .CreateDocumentQuery .GetItemQueryIterator", [0, 1], ({ args }) =>
        args.some((one) => carries(one, "sql") > 0 && isBuilt(one) && shaped(one, /^\s{0,9}select\s/i)),
      ),
    ],
  },
  {
    id: "csharp/xml-built",
    cwe: 91,
    title: "XML injection: untrusted input in a document",
    severity: "medium",
    why: "Markup in the input adds elements to the document.",
    fix: "Use writer.WriteString(text) or new XElement(name, text)",
    literals: ["WriteRaw", "InnerXml", "LoadXml", "XElement.Parse", "XDocument.Parse"],
    match: [
      reaches("html", 2, ".WriteRaw", [0]),
      sets("html", 2, /^InnerXml$/),
      reaches("html", 2, ".LoadXml XElement.Parse XDocument.Parse", [0], ({ args: [text] }) =>
        shaped(text, /^\s{0,9}<[\s\S]{0,400}\0/),
      ),
    ],
  },
  {
    id: "csharp/connection-from-outside",
    cwe: 99,
    title: "Connection string built from untrusted input",
    severity: "medium",
    why: "Options in the input can select another server or account.",
    fix: "Use new SqlConnectionStringBuilder { InitialCatalog = name } and take the name from an allowlist",
    literals: ["Connection"],
    match: [
      calls(
        "SqlConnection MySqlConnection NpgsqlConnection OracleConnection SqliteConnection OleDbConnection " +
          "OdbcConnection " +
          "EntityConnection",
        ({ args: [text] }) => carries(text, "sql") === 2 && !/Builder/.test(text?.path ?? ""),
      ),
      sets("sql", 2, /^ConnectionString$/),
    ],
  },
];
