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
    bad: [
      'use std::process::Command;\nfn ping(host: &str) { Command::new("sh").arg("-c").arg(format!("ping {}", host)).output().unwrap(); }',
      '#[get("/x")]\nasync fn run(q: web::Query<P>) -> impl Responder { let out = Command::new(&q.cmd).output(); HttpResponse::Ok().finish() }',
      'use std::process::Command;\nfn go(dir: String) { let cmd = format!("ls {dir}"); let mut c = Command::new("/bin/sh"); c.arg("-c"); c.arg(&cmd); c.status().unwrap(); }',
      'async fn run(Query(p): Query<P>) -> String { let o = Command::new("bash").args(["-c", &p.cmd]).output().unwrap(); String::new() }',
    ],
    good: [
      'use std::process::Command;\nfn ping(host: &str) { Command::new("ping").arg("-c").arg("1").arg(host).output().unwrap(); }',
      'use std::process::Command;\nfn list() { Command::new("sh").arg("-c").arg("ls -l").output().unwrap(); }',
      'use std::process::Command;\nfn go(n: u32) { Command::new("sh").arg("-c").arg(format!("sleep {}", n)).output().unwrap(); }',
      'fn go(x: &str) { if !x.chars().all(|c| c.is_alphanumeric()) { return; } Command::new("sh").arg("-c").arg(format!("go {}", x)).output().unwrap(); }',
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
    bad: [
      "async fn find(pool: &PgPool, name: &str) { let q = format!(\"SELECT * FROM users WHERE name = '{}'\", name); sqlx::query(&q).fetch_all(pool).await.unwrap(); }",
      'use rusqlite::Connection;\nfn drop_it(c: &Connection, id: String) { c.execute(&format!("DELETE FROM t WHERE id = {}", id), []).unwrap(); }',
      '#[get("/u/{id}")]\nasync fn get_user(id: web::Path<String>) -> impl Responder { let mut q = String::from("SELECT a FROM t WHERE id = "); q.push_str(&id); client.query(&q, &[]).await; HttpResponse::Ok().finish() }',
      "fn go(conn: &mut PgConnection, n: &str) { diesel::sql_query(format!(\"SELECT id FROM t WHERE n = '{n}'\")).load(conn); }",
    ],
    good: [
      'async fn find(pool: &PgPool, name: &str) { sqlx::query("SELECT * FROM users WHERE name = $1").bind(name).fetch_all(pool).await.unwrap(); }',
      'use rusqlite::Connection;\nfn drop_it(c: &Connection, id: String) { c.execute("DELETE FROM t WHERE id = ?1", [id]).unwrap(); }',
      'use rusqlite::Connection;\nfn drop_it(c: &Connection, id: u32) { c.execute(&format!("DELETE FROM t WHERE id = {}", id), []).unwrap(); }',
      'async fn find(pool: &PgPool, name: &str) { sqlx::query!("SELECT a FROM users WHERE name = $1", name).fetch_all(pool).await.unwrap(); }',
      'fn go(c: &Connection, col: &str) { let by = match col { "name" => "name", _ => "id" }; c.prepare(&format!("SELECT a FROM t ORDER BY {}", by)).unwrap(); }',
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
    bad: [
      'use ldap3::LdapConn;\nfn find(l: &mut LdapConn, name: &str) { l.search("dc=a", Scope::Subtree, &format!("(uid={})", name), vec!["cn"]).unwrap(); }',
      'use ldap3::*;\nfn find(l: &mut LdapConn, name: &str) { let f = format!("(&(cn={})(a=b))", name); l.search("dc=a", Scope::Subtree, &f, vec!["cn"]).unwrap(); }',
    ],
    good: [
      'use ldap3::LdapConn;\nfn find(l: &mut LdapConn, name: &str) { l.search("dc=a", Scope::Subtree, &format!("(uid={})", ldap_escape(name)), vec!["cn"]).unwrap(); }',
      'use ldap3::*;\nfn find(l: &mut LdapConn) { l.search("dc=a", Scope::Subtree, "(cn=*)", vec!["cn"]).unwrap(); }',
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
    bad: [
      "use sxd_xpath::evaluate_xpath;\nfn find(d: &Document, n: &str) { evaluate_xpath(d, &format!(\"//user[@name='{}']\", n)).unwrap(); }",
      "use sxd_xpath::Factory;\nfn find(n: &str) { let f = Factory::new(); let x = f.build(&format!(\"/users/user[id='{}']\", n)).unwrap(); }",
    ],
    good: [
      'use sxd_xpath::evaluate_xpath;\nfn find(d: &Document) { evaluate_xpath(d, "//user[@name=$name]").unwrap(); }',
      'use sxd_xpath::Factory;\nfn find(n: u32) { let f = Factory::new(); let x = f.build(&format!("/users/user[{}]", n)).unwrap(); }',
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
    bad: [
      "use tera::Tera;\nasync fn show(Query(p): Query<P>) -> String { Tera::one_off(&p.text, &Context::new(), true).unwrap() }",
      "use rhai::Engine;\nfn run(code: &str) { let engine = Engine::new(); engine.eval::<i64>(code).unwrap(); }",
    ],
    good: [
      'use tera::Tera;\nasync fn show(Query(p): Query<P>) -> String { let mut c = Context::new(); c.insert("text", &p.text); tera.render("a.html", &c).unwrap() }',
      'use rhai::Engine;\nfn run() { let engine = Engine::new(); engine.eval::<i64>("1 + 1").unwrap(); }',
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
    bad: [
      "use regex::Regex;\nasync fn find(Query(p): Query<P>) -> String { let r = " +
        "Regex::new(&p.pattern).unwrap(); String::new() }",
      '#[get("/x")]\nasync fn find(q: web::Query<P>) -> impl Responder { let r = Regex::new(&format!("^{}$", q.x)); HttpResponse::Ok().finish() }',
    ],
    good: [
      "use regex::Regex;\nasync fn find(Query(p): Query<P>) -> String { let r = " +
        "Regex::new(&regex::escape(&p.pattern)).unwrap(); String::new() }",
      '#[get("/x")]\nasync fn find(q: web::Query<P>) -> impl Responder { let r = Regex::new("^a+$"); HttpResponse::Ok().finish() }',
    ],
  },
];
