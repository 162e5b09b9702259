/** @file Rust rules: untrusted text in shell commands, database queries, directories and templates. */

import type { CallSeen, Here } from "../../engine/seen.ts";
import { carries, isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { shaped, sqlVerb } from "../conditions.ts";
import { fileSays } from "../inside.ts";
import { assigns, brokenLine, reaches } from "../matches.ts";

/** The source of the enclosing function. A closure belongs to the function around it. */
export function around({ inside, text }: Here): string {
  if (inside === undefined) return text.slice(0, maxSource);
  const start = inside.name === "" ? Math.max(0, text.lastIndexOf("fn ", inside.start)) : inside.start;
  return text.slice(start, Math.min(inside.end, start + maxSource));
}
const maxSource = 20_000;

const shell = /Command::new\(\s{0,9}"(\/(usr\/)?bin\/)?((ba|z|da|k)?sh|cmd(\.exe)?|powershell(\.exe)?|pwsh)"/;
const flag = /"(-c|-lc|\/[cCkK]|-Command)"/;

/** Whether the arguments start a shell with a command. */
function isForShell({ here, start, end }: CallSeen): boolean {
  const chain = here.text.slice(start, end);
  if (shell.test(chain)) return flag.test(chain);
  const source = around(here);
  return !/Command::new\(/.test(chain) && shell.test(source) && flag.test(source);
}

const queries =
  "sqlx.query sqlx.query_as sqlx.query_scalar sqlx.query_with sqlx.query_as_with sqlx.raw_sql " +
  "QueryBuilder.new diesel.sql_query sql_query diesel.dsl.sql dsl.sql Statement.from_string " +
  "Statement.from_sql_and_values " +
  ".execute .execute_batch .prepare .prepare_cached .query_row .query_map .query .query_one .query_opt " +
  ".query_raw .batch_execute " +
  ".simple_query .query_drop .query_iter .query_first .query_fold .exec .exec_drop .exec_first " +
  ".exec_iter .exec_map .query_and_then " +
  ".fetch_all .fetch_one .fetch_optional .query_as .sql .push .exec_batch .query_typed .prepare_typed " +
  ".raw_query Query.new";

const databases =
  /\b(sqlx|diesel|rusqlite|postgres|tokio_postgres|mysql|mysql_async|tiberius|sea_orm|sqlite|libsql|duckdb)\b/;

/** Composed SQL, or SQL that is untrusted as a whole. */
function isOpenQuery({ path, args, here }: CallSeen): boolean {
  return args.slice(0, 2).some((text) => {
    if (carries(text, "sql") === 0) return false;
    if (isBuilt(text)) return shaped(text, sqlVerb);
    return (
      text.level === 2 &&
      fileSays(here, databases) &&
      /sql|^query|\.query$|\.execute$|\.prepare$|_execute$|simple_query|execute_batch/.test(path)
    );
  });
}

/** Rules on executed text. */
export const rustRunRules: readonly Rule[] = [
  {
    id: "rust/shell-text",
    cwe: 78,
    title: "Command injection: untrusted input in a command",
    severity: "high",
    why: "A shell can read the input as several arguments or commands.",
    fix: 'Use Command::new("ping").arg("-c").arg("1").arg(host), and validate the value first',
    literals: ["Command::new", "run_cmd", "cmd!"],
    match: [
      reaches("shell", 1, ".arg .args .raw_arg", [0], isForShell),
      reaches("shell", 1, "Command.new process.Command.new", [0]),
      reaches(
        "shell",
        1,
        "libc.system system cmd! run_cmd! run_fun! shell! duct.cmd",
        ["*"],
        ({ path, args }) => (path.endsWith("!") ? args.some((one) => carries(one, "shell") === 2) : true),
      ),
      brokenLine(/Command::new\("(sh|bash)"\)\.arg\("-c"\)\.arg\((&?format!|&?\w{1,40}\))/),
    ],
  },
  {
    id: "rust/sql-built",
    cwe: 89,
    title: "SQL injection: query built from untrusted input",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest runs as SQL.",
    fix: 'Bind the value: sqlx::query("... WHERE name = $1").bind(name)',
    literals: ["query", "execute", "prepare", "sql", "SELECT", "exec", "fetch"],
    match: [
      reaches("sql", 1, queries, [0, 1], isOpenQuery),
      assigns(
        /./,
        ({ form, value }) =>
          form === "variable" &&
          carries(value, "sql") > 0 &&
          isBuilt(value) &&
          shaped(value, sqlVerb) &&
          shaped(value, /(=|like|in|values)[\s(]{0,5}['"]%?\0/i),
      ),
      brokenLine(/(query|execute|prepare)\w{0,10}\(\s{0,3}&?format!\(\s{0,3}"[^"]{0,300}\{/),
    ],
  },
  {
    id: "rust/ldap-filter",
    cwe: 90,
    title: "LDAP injection: untrusted input in a search filter",
    severity: "high",
    why: "Parentheses and asterisks in the input change the meaning of the filter.",
    fix: "Escape the value with ldap3::ldap_escape(name)",
    literals: ["ldap", "Ldap"],
    match: [
      reaches("ldap", 1, ".search .streaming_search .delete .with_search_options", [0, 2], ({ args }) =>
        args.some(
          (one) => carries(one, "ldap") > 0 && isBuilt(one) && shaped(one, /\(?\w{1,30}=[^\0]{0,60}\0/),
        ),
      ),
    ],
  },
  {
    id: "rust/xpath",
    cwe: 643,
    title: "XPath injection: untrusted input in an XPath query",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest becomes part of the query.",
    fix: "Set the value as a variable: context.set_variable",
    literals: ["xpath", "XPath", "Factory"],
    match: [
      reaches(
        "xpath",
        1,
        ".evaluate_xpath evaluate_xpath sxd_xpath.evaluate_xpath .build .evaluate .findnodes",
        [0, 1],
        ({ args }) =>
          args.some(
            (one) => carries(one, "xpath") > 0 && isBuilt(one) && shaped(one, /[/[@][\s\S]{0,300}\0/),
          ),
      ),
    ],
  },
  {
    id: "rust/template-from-outside",
    cwe: 94,
    title: "Template injection: template or script from untrusted input",
    severity: "high",
    why: "The author of a template can read its data. The author of a script can run code.",
    fix: "Load templates from the program's files, and pass values as data",
    literals: ["one_off", "render_str", "render_template", "template_from_str", "eval", "Lua", "Engine"],
    match: [
      reaches(
        "code",
        2,
        "Tera.one_off .render_str .render_template .template_from_str .render_named_str .add_raw_template",
        [0, 1],
      ),
      reaches(
        "code",
        1,
        ".eval .eval_expression .run .load .exec",
        [0],
        ({ receiver, here }) =>
          /Engine|Lua|Context|lua|engine/.test(receiver.path) &&
          fileSays(here, /rhai|mlua|rlua|boa_engine|deno_core|v8/),
      ),
    ],
  },
  {
    id: "rust/pattern-from-outside",
    cwe: 730,
    title: "Regular expression built from untrusted input",
    severity: "low",
    why: "Some patterns use a lot of memory. With `fancy_regex`, matching can take very long.",
    fix: "Escape the input with regex::escape(text), or use RegexBuilder with a size limit",
    literals: ["Regex"],
    match: [
      reaches(
        "regex",
        2,
        "Regex.new RegexBuilder.new RegexSet.new RegexSetBuilder.new",
        [0],
        ({ here }) => !/size_limit|backtrack_limit/.test(around(here)),
      ),
    ],
  },
];
