/** @file JavaScript rules: command, code, query and pattern injection. */

import type { CallSeen } from "../../engine/seen.ts";
import { carries, isBuilt, itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import {
  comesFrom,
  importsOf,
  is,
  isA,
  isBuiltAs,
  isSqlOfUnseen,
  shaped,
  sqlVerb,
  varies,
} from "../conditions.ts";
import { isExplosive } from "../explosive.ts";
import { assigns, brokenLine, buildsSql, calls, reaches, words } from "../matches.ts";

const shells =
  "child_process.exec child_process.execSync execa.command execa.commandSync " +
  "execa.execaCommand execa.execaCommandSync " +
  "shelljs.exec cross-exec child-process-promise.exec promisify-child-process.exec " +
  "mz/child_process.exec node-cmd.run " +
  "node-cmd.get node-cmd.runSync sync-exec async-shelljs.exec exec-sh shell-exec teen_process.exec execa.shell " +
  "execa.shellSync remote-exec ssh2-exec child_process.default.exec child_process.default.execSync exec-async";
const spawns =
  "child_process.spawn child_process.spawnSync child_process.execFile child_process.execFileSync cross-spawn " +
  "cross-spawn.sync cross-spawn.spawn execa execa.execa execa.execaSync execa.sync node-pty.spawn child_process.fork " +
  "child-process-promise.spawn mz/child_process.spawn mz/child_process.execFile " +
  "cross-spawn-async spawn-async Bun.spawn " +
  "Bun.spawnSync Deno.Command tinyexec.x nano-spawn";
/** Programs with options that run a command. */
const obeying =
  /^(git|hg|svn|ssh|scp|rsync|curl|wget|tar|find|sed|awk|ffmpeg|convert|npm|npx|docker|kubectl|pip|python3?|node|perl)$/;

/** Template engines, with the functions that compile a template. */
const templates = (
  "pug:compile,render,compileClient jade:compile,render,compileClient dot:template,compile doT:template,compile " +
  "ejs:compile,render nunjucks:renderString,compile,Template _:template underscore:template " +
  "handlebars:compile,precompile " +
  "Handlebars:compile,precompile mustache:render,parse Mustache:render,parse hogan.js:compile Hogan:compile " +
  "eta:render,renderString,compile Eta:render,renderString,compile squirrelly:render,compile Sqrl:render,compile " +
  "swig:compile,render swig-templates:compile,render twig:twig velocityjs:render marko:load " +
  "art-template:render,compile " +
  "liquidjs:parseAndRender whiskers:render haml:render plates:bind micromustache:render,compile template7:compile " +
  "ractive:default vue:compile Vue:compile,extend lodash.template:default webfonts:default dust:render dustjs-linkedin:render"
)
  .split(" ")
  .flatMap((one) => {
    const [name = "", functions = ""] = one.split(":");
    return functions.split(",").map((each) => (each === "default" ? name : `${name}.${each}`));
  })
  .join(" ");

/** Whether text is composed here or certainly untrusted. */
function isMade(text: Value | undefined): boolean {
  return text !== undefined && (text.level === 2 || isBuilt(text));
}

/** The text of a query: the first argument, or a field of its options. */
function queryOf({ args: [text] }: CallSeen): Value | undefined {
  return text?.entries?.get("sql") ?? text?.entries?.get("text") ?? text;
}

/** Rules on executed text. */
export const javascriptRunRules: readonly Rule[] = [
  {
    id: "javascript/shell-text",
    cwe: 78,
    title: "Command injection: untrusted input in a shell command",
    severity: "high",
    why: "The shell reads `;`, `|` and `$()` in the input as further commands.",
    fix: "Use execFile(program, [argument]), which does not start a shell",
    literals: ["child_process", "exec", "shelljs", "spawn"],
    match: [
      reaches("shell", 1, `${shells} exec execSync`, [0], ({ args: [text] }) => isMade(text)),
      reaches("shell", 1, spawns, [0, 1], ({ args }) =>
        args.some((one) => one.entries?.has("shell") && !is(one.entries.get("shell"), false)),
      ),
      reaches(
        "shell",
        1,
        spawns,
        [1],
        ({ args: [program, list] }) =>
          /^(\/bin\/)?(ba|z)?sh$/.test(String(program?.constant)) && is(list?.entries?.get("0"), "-c"),
      ),
      // the program is attacker-controlled
      reaches("shell", 2, spawns, [0]),
      reaches("shell", 1, "Deno.run Bun.spawn", [0], ({ args: [options] }) =>
        itemsOf(options?.entries?.get("cmd")).some(
          (one, at, all) => one.level > 0 && (at === 0 || (at === 2 && is(all[1], "-c"))),
        ),
      ),
      brokenLine(/\b(execSync|exec)\(\s{0,9}(`[^`]{0,200}\$\{|["'][^"']{0,200}["']\s{0,9}\+)/),
    ],
  },
  {
    id: "javascript/shell-option",
    cwe: 88,
    title: "Argument injection: untrusted input in command arguments",
    severity: "medium",
    why: "Input that starts with a dash is an option: git clone --upload-pack=... runs a program.",
    fix: "Put '--' before the input, and reject input that starts with a dash",
    literals: ["child_process", "spawn", "execFile", "execa"],
    match: [
      reaches("shell", 2, spawns, [1], ({ args: [program, list] }) => {
        const words = itemsOf(list);
        const at = words.findIndex((one) => carries(one, "shell") === 2);
        const before = words.slice(0, at).map(({ constant }) => String(constant));
        return (
          obeying.test(String(program?.constant)) &&
          words[at]?.lead === undefined &&
          at >= 0 &&
          !before.includes("--")
        );
      }),
    ],
  },
  {
    id: "javascript/shell-environment",
    cwe: 78,
    title: "Directory path in a shell command",
    severity: "low",
    why: "A space or quote in the path ends the argument.",
    fix: "Use execFileSync('rm', ['-rf', join(__dirname, 'out')])",
    literals: ["__dirname", "process.env", "__filename"],
    match: [
      calls(
        shells,
        ({ args: [text] }) =>
          text !== undefined && text.level < 2 && isBuilt(text) && comesFrom(text, /^!environment$/),
      ),
    ],
  },
  {
    id: "javascript/shell-variable",
    cwe: 78,
    title: "Command injection: shell command taken from a parameter",
    severity: "medium",
    why: "An attacker who controls the text can run any command.",
    fix: "Use execFile(program, [argument]), which does not start a shell",
    literals: ["child_process", "exec", "shelljs"],
    match: [reaches("shell", 1, `${shells} exec execSync`, [0])],
  },
  {
    id: "javascript/eval",
    cwe: 95,
    title: "Code injection: untrusted input evaluated as code",
    severity: "high",
    why: "An attacker who controls the text runs code in this process.",
    fix: "Use JSON.parse for data, or an object of functions for choices",
    literals: words(
      "eval Function setTimeout setInterval vm runIn andbox _compile FastProperties JSDOM mathjs",
    ),
    match: [
      reaches(
        "code",
        1,
        "eval window.eval global.eval globalThis.eval self.eval Function vm.runInNewContext vm.runInThisContext " +
          "vm.runInContext vm.Script vm.compileFunction vm.createScript vm.SourceTextModule " +
          "vm2.VM().run vm2.NodeVM().run " +
          "vm2.VMScript VMScript sandbox().run sandbox.Sandbox().run Sandbox().run safe-eval " +
          "static-eval notevil eval5.evaluate " +
          "isolated-vm.Isolate().compileScript execScript window.execScript $.globalEval " +
          "jQuery.globalEval _eval node-eval " +
          "require-from-string module._compile AsyncFunction GeneratorFunction $scope.$eval $rootScope.$eval " +
          "scope.$eval .toFastProperties mathjs.eval jsonpath-plus.JSONPath expression-eval.eval " +
          "jexl.eval angular-expressions.compile",
        ["*"],
        ({ args }) => args.length > 0,
      ),
      reaches("code", 2, "setTimeout setInterval setImmediate window.setTimeout window.setInterval", [0]),
      // untrusted values are available to the code
      reaches(
        "code",
        1,
        "vm.runInContext vm.runInNewContext vm2.NodeVM vm2.VM vm.createContext",
        ["*"],
        ({ args }) =>
          args.some(({ entries }) =>
            [...((entries?.get("sandbox") ?? { entries })?.entries?.values() ?? [])].some(
              (one) => one.level === 2,
            ),
          ),
      ),
      reaches("code", 2, "vm.compileFunction", ["*"]),
      reaches("code", 2, "jsdom.JSDOM JSDOM", [0], ({ args: [, options] }) =>
        is(options?.entries?.get("runScripts"), "dangerously"),
      ),
      calls("eval", ({ args: [text] }) => varies(text) && text !== undefined && isBuilt(text)),
    ],
  },
  {
    id: "javascript/template-from-outside",
    cwe: 1336,
    title: "Template injection: template from untrusted input",
    severity: "high",
    likely: "low",
    why: "A template is code: it can reach the process through its objects.",
    fix: "Keep templates in files, and pass the text as a value",
    literals: ["emplate", "compile", "render", "pug", "jade", "ejs", "ogan", "Eta", "qrl"],
    match: [
      reaches("code", 2, templates),
      reaches("code", 2, ".render", [1], ({ args: [, values] }) =>
        /^request\.(query|body)$/.test(values?.path ?? ""),
      ),
    ],
  },
  {
    id: "javascript/sql-built",
    cwe: 89,
    title: "SQL injection: query built from untrusted input",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest runs as SQL.",
    fix: "Use a parameter: db.query('SELECT ... WHERE name = ?', [name])",
    literals: ["query", "execute", "raw", ".run(", ".all(", ".get(", "SELECT", "select", "$queryRawUnsafe"],
    match: [
      reaches(
        "sql",
        1,
        ".query .execute .raw .run .all .get .each .exec .prepare .$queryRawUnsafe .$executeRawUnsafe " +
          ".unsafe .whereRaw .orderByRaw .havingRaw .groupByRaw .joinRaw .fromRaw .selectRaw .any .one .none .many " +
          ".oneOrNone .manyOrNone .multi .task .batch .queryRaw .executeSql .executeSync .statement " +
          ".createQuery .sql query " +
          "Prisma.raw sql.raw pg-query mysql.query",
        [0],
        ({ args: [text] }) => isBuiltAs(text, sqlVerb),
      ),
      reaches(
        "sql",
        1,
        ".whereRaw .orderByRaw .havingRaw .groupByRaw .joinRaw .$queryRawUnsafe .$executeRawUnsafe sequelize.literal " +
          "Sequelize.literal Prisma.raw knex.raw db.raw sql.raw .fromRaw",
        [0],
        ({ args: [text] }) => text !== undefined && (isBuilt(text) || text.level === 2),
      ),
      reaches(
        "sql",
        1,
        ".query .execute",
        [0],
        ({ args: [text] }) =>
          text?.entries !== undefined &&
          isBuilt(text.entries.get("sql") ?? text) &&
          shaped(text.entries.get("sql") ?? text.entries.get("text"), sqlVerb),
      ),
      buildsSql,
    ],
  },
  {
    id: "javascript/sql-formatted",
    cwe: 89,
    title: "Possible SQL injection: query built from a value of unknown origin",
    severity: "low",
    why: "If the value is untrusted, a quote in it ends the string literal and the rest runs as SQL.",
    fix: "Use a parameter: db.query('SELECT ... WHERE name = ?', [name])",
    literals: ["query", "execute", "raw", "$queryRawUnsafe"],
    match: [
      calls(
        ".query .execute .raw .$queryRawUnsafe .$executeRawUnsafe .unsafe .any .one .none .many .oneOrNone .run " +
          ".all .get .each .exec .prepare",
        (seen) => isSqlOfUnseen(queryOf(seen)),
      ),
    ],
  },
  {
    id: "javascript/nosql",
    cwe: 943,
    title: "NoSQL injection: filter from untrusted input",
    severity: "high",
    why: 'An object in place of a string, such as {"$gt": ""}, matches everything.',
    fix: "Convert each field to a string: { name: String(req.body.name) }",
    literals: ["find", "$where", "update", "delete", "aggregate"],
    match: [
      calls(
        ".find .findOne .findOneAndUpdate .findOneAndDelete .findOneAndReplace .findOneAndRemove " +
          ".updateOne .updateMany " +
          ".deleteOne .deleteMany .countDocuments .aggregate .replaceOne .distinct .exists .remove " +
          ".count .where .findAndModify",
        (seen) => {
          const [filter] = seen.args;
          if (/^(Array|_|\$|document)\b/.test(seen.path) || filter === undefined) return false;
          const raw = (path: string): boolean =>
            /^request\.(request\.)?(body|query)\b|^JSON\.parse\(\)/.test(path);
          if (filter.entries === undefined) return filter.level === 2 && raw(filter.path);
          const isMongo =
            importsOf(seen.here, /mongo|monk|(^|\/)(models?|schemas?)(\/|$)/) ||
            /[A-Z]\w{0,40}\.|collection\(\)\.|db\./.test(seen.path);
          return (
            isMongo &&
            [...filter.entries.values()].some((one) => carries(one, "nosql") === 2 && raw(one.path))
          );
        },
      ),
      assigns(/^\$where$/, ({ value }) => (isBuilt(value) || value.level === 2) && value.level),
    ],
  },
  {
    id: "javascript/pattern",
    cwe: 1333,
    title: "Slow regular expression (ReDoS), or pattern from untrusted input",
    severity: "medium",
    why: "Some patterns take exponential time and block the entire server.",
    fix: "Replace nested repetitions with a single one, and escape untrusted input",
    literals: ["RegExp", "/", "match", "test"],
    match: [
      reaches("regex", 2, "RegExp"),
      calls(
        "RegExp",
        ({ args: [pattern] }) => typeof pattern?.constant === "string" && isExplosive(pattern.constant),
      ),
      calls(".test .match .exec .replace .matchAll", ({ receiver, args: [given], path }) => {
        const pattern = path.endsWith(".test") || path.endsWith(".exec") ? receiver : given;
        return (
          pattern?.made?.kind === "text" &&
          typeof pattern.constant === "string" &&
          isExplosive(pattern.constant)
        );
      }),
    ],
  },
  {
    id: "javascript/objects-from-data",
    cwe: 502,
    title: "Deserialization of untrusted data",
    severity: "high",
    why: "The data can contain functions that run.",
    fix: "Use JSON.parse(data)",
    literals: ["serialize", "funcster", "cryo", "js-yaml", "yaml"],
    match: [
      calls(
        "node-serialize.unserialize serialize.unserialize serialize-to-js.deserialize " +
          "funcster.deepDeserialize cryo.parse",
      ),
      calls("js-yaml.load", ({ args: [, options] }) =>
        isA(options?.entries?.get("schema"), /DEFAULT_FULL_SCHEMA|unsafe/),
      ),
    ],
  },
];
