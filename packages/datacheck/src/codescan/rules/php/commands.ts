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
    bad: [
      "<?php\n$host = $_GET['host'];\nsystem('ping -c 1 ' . $host);\n",
      '<?php\nfunction ping($host) {\n  return shell_exec("ping -c 1 $host");\n}\n',
      "<?php\n$out = `ls {$_POST['dir']}`;\n",
      "<?php\n$cmd = sprintf('convert %s out.png', $_FILES['f']['name']);\nexec($cmd, $out);\n",
    ],
    good: [
      "<?php\n$host = escapeshellarg($_GET['host']);\nsystem('ping -c 1 ' . $host);\n",
      "<?php\nsystem('ls -l');\n",
      "<?php\n$n = (int) $_GET['n'];\nsystem(\"sleep $n\");\n",
      "<?php\nif (!in_array($_GET['d'], ['a', 'b'], true)) { exit('no'); }\nsystem('ls ' . $_GET['d']);\n",
      "<?php\nif (!filter_var($_GET['ip'], FILTER_VALIDATE_IP)) { die('no'); }\nsystem('ping ' . $_GET['ip']);\n",
      "<?php\nuse Symfony\\Component\\Process\\Process;\nfunction go($name) { $p = new Process(['ls', '-l', " +
        "$name]); $p->run(); }\n",
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
    bad: [
      "<?php\nfunction go($cmd) { return shell_exec($cmd); }\n",
      "<?php\nclass A { function go($line) { exec($line, $out); return $out; } }\n",
    ],
    good: [
      "<?php\nfunction go() { return shell_exec('date'); }\n",
      "<?php\nclass A { function go($name) { exec('ls ' . escapeshellarg($name), $out); return $out; } }\n",
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
    bad: [
      "<?php\neval($_POST['code']);\n",
      "<?php\nfunction calc($expr) { eval('$r = ' . $expr . ';'); return $r; }\n",
      "<?php\ncall_user_func($_GET['f'], 1);\n",
      "<?php\n$f = $_GET['f'];\n$f('x');\n",
    ],
    good: [
      "<?php\n$data = json_decode($_POST['data'], true);\n",
      "<?php\n$all = ['up' => 'strtoupper'];\nif (isset($all[$_GET['f']])) { $f = $all[$_GET['f']]; " +
        "call_user_func($f, 'x'); }\n",
      "<?php\n$x = preg_replace('/[^a-z]/', '', $_GET['x']);\n",
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
    bad: [
      "<?php\ninclude $_GET['page'];\n",
      "<?php\n$page = $_GET['page'] ?? 'home';\nrequire_once('pages/' . $page . '.php');\n",
      "<?php\ninclude(\"lang/{$_COOKIE['lang']}.php\");\n",
    ],
    good: [
      "<?php\nrequire_once __DIR__ . '/config.php';\n",
      "<?php\n$pages = ['a' => 'a.php', 'b' => 'b.php'];\ninclude $pages[$_GET['page']] ?? 'a.php';\n",
      "<?php\n$page = basename($_GET['page']);\ninclude 'pages/' . $page . '.php';\n",
      "<?php\nif (!preg_match('/^[a-z]+$/', $_GET['page'])) { exit; }\ninclude 'pages/' . $_GET['page'] . '.php';\n",
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
    bad: [
      "<?php\n$user = unserialize($_COOKIE['user']);\n",
      "<?php\nfunction load($data) { return unserialize(base64_decode($data)); }\n",
    ],
    good: [
      "<?php\n$user = json_decode($_COOKIE['user'], true);\n",
      "<?php\n$user = unserialize($_COOKIE['user'], ['allowed_classes' => false]);\n",
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
    bad: ["<?php\nextract($_POST);\n", "<?php\nparse_str($_SERVER['QUERY_STRING']);\n"],
    good: ["<?php\nextract(['a' => 1]);\n", "<?php\nparse_str($_SERVER['QUERY_STRING'], $all);\n"],
  },
];
