/** @file Go rules: untrusted text in queries of databases, directories and documents. */
import { isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { isBuiltAs, isSqlOfUnseen, shaped, sqlVerb } from "../conditions.ts";
import { assigns, brokenLine, buildsSql, calls, reaches, words } from "../matches.ts";

const runs =
  ".Query .QueryRow .Exec .Prepare .Queryx .QueryRowx .MustExec .Raw .NamedExec .NamedQuery .PrepareNamed";
const withContext = ".QueryContext .QueryRowContext .ExecContext .PrepareContext";
const clauses = ".Where .Order .Having .Joins .Group .Not .Or";

/** Rules on queries. */
export const goQueryRules: readonly Rule[] = [
  {
    id: "go/sql-built",
    cwe: 89,
    title: "SQL injection: query built from untrusted input",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest runs as SQL.",
    fix: 'Use a parameter: db.Query("SELECT ... WHERE name = $1", name)',
    literals: words("Query Exec Prepare Raw SELECT select INSERT UPDATE DELETE Where Order"),
    match: [
      reaches(
        "sql",
        1,
        runs,
        [0],
        ({ args: [text], path }) =>
          text !== undefined &&
          (isBuilt(text)
            ? shaped(text, sqlVerb)
            : text.level === 2 &&
              /^(sql|gorm|sqlx|this|db|tx)\b.{0,80}\.(Query|Exec|Raw|QueryRow)$/.test(path)),
      ),
      reaches("sql", 1, withContext, [1], ({ args: [, text] }) => shaped(text, sqlVerb)),
      reaches("sql", 1, ".Query .QueryRow .Exec", [1], ({ args: [, text] }) => isBuiltAs(text, sqlVerb)),
      reaches("sql", 1, ".Get .Select", [1], ({ args: [, text] }) => isBuiltAs(text, sqlVerb)),
      reaches(
        "sql",
        1,
        clauses,
        [0],
        ({ args: [text] }) =>
          text !== undefined && isBuilt(text) && shaped(text, /\w\s{0,3}(=|like|<|>|in)[\s('%"]{0,5}\0/i),
      ),
      buildsSql,
      brokenLine(
        /\.(Query|Exec|QueryRow)\(\s{0,3}(fmt\.Sprintf\(\s{0,3}"[^"]{0,300}%[sv]|"[^"]{0,300}"\s{0,3}\+\s{0,3}\w)/,
      ),
    ],
  },
  {
    id: "go/ldap-filter",
    cwe: 90,
    title: "LDAP injection: untrusted input in a search filter",
    severity: "high",
    why: "Parentheses and asterisks in the input change the meaning of the filter.",
    fix: "Escape the value with ldap.EscapeFilter(name)",
    literals: ["ldap"],
    match: [
      reaches("ldap", 1, "ldap.NewSearchRequest", ["*"], ({ args }) =>
        args.some((one) => one.level > 0 && isBuiltAs(one, /^\([\s\S]{0,200}=[^\0]{0,60}\0/)),
      ),
    ],
  },
  {
    id: "go/xpath",
    cwe: 643,
    title: "XPath injection: untrusted input in an XPath query",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest becomes part of the query.",
    fix: "Validate the input against a pattern first",
    literals: ["xpath", "xmlquery", "htmlquery"],
    match: [
      reaches("xpath", 1, "xpath.Compile xpath.MustCompile xmlpath.Compile", [0], ({ args: [text] }) =>
        shaped(text, /[/[@][\s\S]{0,300}\0/),
      ),
      reaches(
        "xpath",
        1,
        "xmlquery.Find xmlquery.FindOne xmlquery.Query htmlquery.Find htmlquery.FindOne htmlquery.Query " +
          "xmlquery.QueryAll",
        [1],
        ({ args: [, text] }) => shaped(text, /[/[@][\s\S]{0,300}\0/),
      ),
    ],
  },
  {
    id: "go/nosql",
    cwe: 943,
    title: "NoSQL injection: filter built from text",
    severity: "high",
    why: "Quotes and operators in the input change the query.",
    fix: 'Use bson.M{"name": name}',
    literals: ["$where", "bson"],
    match: [
      assigns(/^\$where$/, ({ value }) => isBuilt(value) && value.level),
      reaches("nosql", 1, "bson.UnmarshalExtJSON", [0], ({ args: [text] }) =>
        shaped(text, /^\s{0,20}\{[\s\S]{0,400}\0/),
      ),
    ],
  },
  {
    id: "go/sql-formatted",
    cwe: 89,
    title: "Possible SQL injection: query built from a value of unknown origin",
    severity: "low",
    why: "If the value is untrusted, a quote in it ends the string literal and the rest runs as SQL.",
    fix: 'Use a parameter: db.Query("SELECT ... WHERE name = $1", name)',
    literals: ["Query", "Exec", "Prepare", "Raw"],
    match: [
      calls(
        ".Query .QueryRow .Exec .Prepare .Queryx .QueryRowx .MustExec .Raw .QueryContext .QueryRowContext " +
          ".ExecContext .PrepareContext .QueryEx .QueryRowEx .ExecEx .QueryOne .ExecOne",
        ({ args }) => args.slice(0, 2).some(isSqlOfUnseen),
      ),
    ],
  },
];
