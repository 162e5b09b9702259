// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell variables have this form
/** @file Shell rules: executed text, and unquoted variables. */

import type { CallSeen } from "../../engine/seen.ts";
import type { Expr } from "../../engine/syntax.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, says, shaped, varies } from "../conditions.ts";
import { fileSays, pipedToShell } from "../inside.ts";
import { brokenLine, calls, reaches } from "../matches.ts";

const shells = "sh bash zsh dash ksh";

function source({ here, start, end }: CallSeen): string {
  return here.text.slice(start, Math.min(end, start + 1000));
}

/** The argument of `-c`, which is executed. */
function script({ args }: CallSeen): Value | undefined {
  const at = args.findIndex((one) => says(one, /^-[a-z]{0,4}c$/));
  return at < 0 ? undefined : args[at + 1];
}

/** The pieces of a word. */
function piecesOf({ made }: Value): Expr[] {
  const pieces = made?.kind === "text" ? made.pieces : made === undefined ? [] : [made];
  return pieces.filter((one) => typeof one !== "string");
}

function called(expr: Expr): string {
  return expr.kind === "call" && expr.callee.kind === "name" ? expr.callee.name : "";
}

/** Whether a word contains an unquoted variable. */
function isUnquoted(word: Value): boolean {
  return piecesOf(word).some((one) => called(one) === "!unquoted");
}

/** Whether a word contains a variable, rather than only the output of a command. */
function isVariable(word: Value): boolean {
  if (!varies(word)) return false;
  return piecesOf(word).some((one) => {
    const inner = called(one) === "!unquoted" && one.kind === "call" ? one.args[0]?.value : one;
    return inner?.kind === "name";
  });
}

/** `eval set -- "$options"` splits what getopt has quoted. */
function isSet({ args: [first] }: CallSeen): boolean {
  return shaped(first, /^set(\s|$)/);
}

const pipedIntoLanguage =
  /\b(curl|wget)\s[^|]{1,600}\|\s{0,20}(sudo\s{1,9})?(python[\d.]{0,4}|perl|ruby|node)\b(\s{1,9}-\s{0,9})?$/;
const fetches = /^(curl|wget|fetch)\(\)/;

/** Rules on commands. */
export const shellCommandRules: readonly Rule[] = [
  {
    id: "shell/remote-script",
    cwe: 494,
    title: "Remote script executed without verification",
    severity: "high",
    why: "An attacker who controls the page, or who is on the path, can run commands here.",
    fix: "Download it to a file, verify its checksum (sha256sum -c) or signature, then run it",
    literals: ["curl", "wget", "fetch"],
    match: [
      calls("!pipe", (seen) => pipedToShell.test(source(seen)) || pipedIntoLanguage.test(source(seen))),
      calls(
        `${shells} source . eval`,
        (seen) =>
          seen.args.some(({ path }) => fetches.test(path)) ||
          fetches.test(script(seen)?.path ?? "") ||
          /(\$\(|<\(|`)\s{0,9}(curl|wget)\s/.test(source(seen)),
      ),
      brokenLine(pipedToShell),
    ],
  },
  {
    id: "shell/eval",
    cwe: 95,
    title: "Code injection: untrusted input passed to eval",
    severity: "high",
    why: "An attacker who controls the text runs commands.",
    fix: 'Call the program with separate arguments: "$program" "$argument"; use arrays for argument lists',
    literals: ["eval"],
    match: [calls("eval", (seen) => !isSet(seen) && seen.args.some((one) => comesFrom(one, /^!heard$/)))],
  },
  {
    id: "shell/eval-variable",
    cwe: 95,
    title: "Variable or argument passed to eval",
    // the caller of a script usually has a shell, so its own argument is bad practice rather than an attack
    severity: "medium",
    why: "eval runs the value as commands.",
    fix: 'Call the program with separate arguments: "$program" "$argument"; use arrays for argument lists',
    literals: ["eval"],
    match: [calls("eval", (seen) => !isSet(seen) && seen.args.some(isVariable))],
  },
  {
    id: "shell/shell-text",
    cwe: 78,
    title: "Command injection: untrusted input in a nested shell command",
    severity: "high",
    why: "The second shell reads `;`, `|` and `$()` in the input as further commands.",
    fix: 'Pass it as an argument: sh -c \'ls -- "$1"\' sh "$name"; for ssh, use printf %q',
    literals: ["-c", "ssh", "su "],
    match: [
      reaches(
        "shell",
        1,
        `${shells} su`,
        ["*"],
        (seen) => varies(script(seen)) && (script(seen)?.level ?? 0) > 0,
      ),
      reaches("shell", 1, "ssh", ["*"], ({ args }) =>
        args.slice(1).some((one) => shaped(one, /[a-z]{2,20} .{0,200}\0/) && one.level > 0),
      ),
    ],
  },
  {
    id: "shell/sql-built",
    cwe: 89,
    title: "SQL injection: query built from untrusted input",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest runs as SQL.",
    fix: "Use psql -v name=\"$1\" with :'name' in the query",
    literals: ["mysql", "psql", "sqlite3", "sqlcmd"],
    match: [
      reaches("sql", 1, "mysql psql sqlite3 sqlcmd mariadb", ["*"], ({ args }) =>
        args.some((one) => one.level > 0 && shaped(one, /\b(select|insert|update|delete|drop)\b.{0,400}\0/i)),
      ),
    ],
  },
  {
    id: "shell/unquoted-removal",
    cwe: 88,
    title: "rm -r with an unquoted variable",
    severity: "medium",
    why: "Spaces and wildcards in the value name other files. A leading `-` is an option.",
    fix: 'Quote the variable: rm -rf -- "${folder:?}"',
    literals: ["rm "],
    match: [
      calls(
        "rm",
        ({ args }) =>
          args.some((one) => says(one, /^-[a-zA-Z]{0,6}[rR]|^--recursive$/)) && args.some(isUnquoted),
      ),
    ],
  },
  {
    id: "shell/removal-of-root",
    cwe: 459,
    title: "rm -r below a variable that may be empty",
    severity: "medium",
    why: "If the variable is empty, rm removes everything below /.",
    fix: 'Stop if the variable is empty: rm -rf -- "${folder:?}"/*',
    literals: ["rm "],
    match: [
      calls(
        "rm",
        (seen) =>
          seen.args.some((one) => says(one, /^-[a-zA-Z]{0,6}[rR]/)) &&
          /["\s]\$(\w{1,40}|\{\w{1,40}\})"?\/(\*|"?\s|"?$)/.test(source(seen)) &&
          !fileSays(seen.here, /set -[a-z]{0,6}u/),
      ),
    ],
  },
];
