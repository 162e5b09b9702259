/** @file PHP rules: command and code injection, included files, objects created from text. */
import { carries, isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { says, shaped } from "../conditions.ts";
import { handsToShell, sourceAround } from "../inside.ts";
import { brokenLine, calls, reaches } from "../matches.ts";

/** Rules on commands and code. */
export const phpCommandRules: readonly Rule[] = [
  {
    id: "php/command-text",
    cwe: 78,
    title: "Command injection: untrusted input in a shell command",
    severity: "high",
    why: "The shell reads `;`, `|` and `$()` in the input as further commands.",
    fix: "Wrap each argument in escapeshellarg($text), or use proc_open with an array",
    literals: ["exec", "system", "passthru", "popen", "proc_open", "`", "Process", "mail("],
    match: [
      reaches(
        "shell",
        1,
        "exec system passthru shell_exec popen pcntl_exec Process.fromShellCommandline expect_popen",
        [0],
        ({ args: [text] }) => text !== undefined && (text.level === 2 || isBuilt(text)),
      ),
      reaches("shell", 1, "proc_open", [0], ({ args: [text] }) => text?.entries === undefined),
      calls("proc_open Process", ({ args }) => handsToShell(args)),
      reaches("shell", 2, "mail", [4]),
      brokenLine(/\b(shell_exec|system|passthru|exec)\(\s{0,9}"[^"]{0,200}(\$|"\s{0,5}\.)/),
    ],
  },
  {
    id: "php/command-variable",
    cwe: 78,
    title: "Command injection: shell command taken from a parameter",
    severity: "medium",
    why: "An attacker who controls the text can run any command.",
    fix: "Separate the program from its arguments, and wrap each argument in escapeshellarg()",
    literals: ["exec", "system", "passthru", "popen"],
    match: [
      reaches(
        "shell",
        1,
        "exec system passthru shell_exec popen",
        [0],
        ({ args: [text] }) => text?.level === 1,
      ),
    ],
  },
  {
    id: "php/eval",
    cwe: 95,
    title: "Code injection: untrusted input evaluated as code",
    severity: "high",
    why: "An attacker who controls the text runs code in this process.",
    fix: "Use json_decode for data, or a list of named functions for choices",
    literals: ["eval", "assert", "create_function", "preg_replace", "call_user_func", "$_"],
    match: [
      reaches("code", 1, "eval create_function", [0, 1]),
      reaches("code", 2, "assert call_user_func call_user_func_array usort array_map array_filter", [0]),
      calls(
        "preg_replace",
        ({ args: [pattern, by] }) =>
          says(pattern, /^(.)[\s\S]{0,400}\1[a-df-z]{0,6}e[a-z]{0,6}$/) && by !== undefined,
      ),
      // `$name($x)`
      calls("$_GET.* $_POST.* $_REQUEST.*", ({ path }) => /^\$_(GET|POST|REQUEST)\.\w{1,40}$/.test(path)),
      brokenLine(/(^|[^\w>:])eval\(\s{0,9}\$_?(GET|POST|REQUEST|code|input)/),
    ],
  },
  {
    id: "php/include-from-outside",
    cwe: 98,
    title: "File inclusion: file name from untrusted input",
    severity: "high",
    why: "PHP executes any file that the name can reach.",
    fix: "Take the file from an allowlist: $pages[$_GET['page']] ?? 'home.php'",
    literals: ["include", "require"],
    match: [
      reaches("path", 2, "include"),
      reaches("path", 1, "include", [0], ({ args: [name], here }) => {
        if (name === undefined || !isBuilt(name)) return false;
        const about = `${here.inside?.name ?? ""} ${sourceAround(here)}`;
        return (
          shaped(name, /^[^\0]{0,80}\0(\.php)?$/) &&
          name.roots.some((root) => /^\$(page|lang|file|template|module|theme|view)$/.test(root)) &&
          !/autoload|class|file_exists|is_file|realpath|basename/i.test(about)
        );
      }),
      brokenLine(/\b(include|require)(_once)?[\s(]{1,9}\$_(GET|POST|REQUEST|COOKIE)/),
    ],
  },
  {
    id: "php/unserialize",
    cwe: 502,
    title: "Deserialization of untrusted data",
    severity: "high",
    why: "Deserialization creates objects of any class and runs their methods.",
    fix: "Use json_decode($text, true) or unserialize($text, ['allowed_classes' => false])",
    literals: ["unserialize", "phar://", "yaml_parse"],
    match: [
      calls("unserialize", ({ args: [text, options] }) => {
        const classes = options?.entries?.get("allowed_classes");
        const closed = classes !== undefined && classes.constant !== true;
        return text !== undefined && !closed && carries(text, "code");
      }),
      reaches("code", 2, "yaml_parse"),
    ],
  },
  {
    id: "php/variables-from-outside",
    cwe: 621,
    title: "Variables overwritten from request data",
    severity: "high",
    why: "A client can set any variable of the program, such as the login state.",
    fix: "Read each field by name",
    literals: ["extract", "parse_str", "mb_parse_str"],
    match: [
      calls(
        "extract",
        ({ args: [from, how] }) => from?.level === 2 && !/EXTR_(SKIP|PREFIX)/.test(how?.path ?? ""),
      ),
      calls(
        "parse_str mb_parse_str",
        ({ args: [text, ...others] }) => text !== undefined && others.length === 0 && text.level,
      ),
    ],
  },
];
