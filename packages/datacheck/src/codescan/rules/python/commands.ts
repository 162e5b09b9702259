/** @file Python rules: command and code injection. */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen } from "../../engine/seen.ts";
import { carries, isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, hasShell, shaped, sqlVerb, varies } from "../conditions.ts";
import { handsToShell, wordsOf } from "../inside.ts";
import { brokenLine, calls, callsLike, reaches, words } from "../matches.ts";

const runners =
  "subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen " +
  "asyncio.create_subprocess_shell";
const spawns =
  "os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp os.execvpe os.spawnl os.spawnle os.spawnlp " +
  "os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe os.posix_spawn os.posix_spawnp os.startfile " +
  "asyncio.create_subprocess_exec pexpect.spawn pty.spawn";
const shells =
  "os.system os.popen os.popen2 os.popen3 popen2.popen2 commands.getoutput commands.getstatusoutput " +
  "subprocess.getoutput subprocess.getstatusoutput asyncio.create_subprocess_shell pexpect.spawn pexpect.run " +
  "pty.spawn fabric.api.run fabric.api.local invoke.run platform.popen";

/** Names of functions with which programs run commands: `run_ssh`, `_execute`, `utils.execute`. */
const runsCommands = anyOf(
  /(^|[._])(run|exec|execute|call|send)_(\w{1,20}_)?(cmd|command|shell|ssh|cli|sudo)$/i,
  /(^|[._])(cmd|command|shell|ssh|cli|sudo)(_(run|exec|execute|call|send|command))?$/i,
  /(^|\.)(_{1,2}|\w{0,20}utils?\.|process\w{0,10}\.)execute$/i,
);

/** A program name followed by untrusted arguments. */
function isCommand(text: Value | undefined): boolean {
  return (
    text !== undefined && isBuilt(text) && shaped(text, /^(\0 )?[\w./-]{2,60} [^=]/) && !shaped(text, sqlVerb)
  );
}

/** Whether the text is composed here or certainly untrusted. A parameter that is the entire command may be intended. */
function isMade(seen: CallSeen): boolean {
  const text = argument(seen, 0, "cmd", "command", "args");
  return text !== undefined && (text.level === 2 || isBuilt(text) || text.entries !== undefined);
}

/** Rules on commands and code. */
export const pythonCommandRules: readonly Rule[] = [
  {
    id: "python/shell-text",
    cwe: 78,
    title: "Command injection: untrusted input in a shell command",
    severity: "high",
    why: "The shell reads `;`, `|` and `$()` in the input as further commands.",
    fix: "Pass a list of arguments without a shell: subprocess.run([program, argument])",
    literals: words("system popen getoutput getstatusoutput shell exec_command spawn pexpect -c"),
    match: [
      reaches("shell", 1, shells, [0, "cmd", "command"], isMade),
      reaches("shell", 1, ".exec_command", [0, "command"], isMade),
      reaches("shell", 1, runners, [0, "args", "cmd"], (seen) => hasShell(seen) && isMade(seen)),
      // `["sh", "-c", text]` is a shell as well
      reaches("shell", 1, `${runners} ${spawns}`, [0, 1, 2, "args"], ({ args, named }) => {
        const words = wordsOf(args.length > 1 && args[1]?.entries !== undefined ? args.slice(1) : args);
        return handsToShell(words) || handsToShell(wordsOf([...named.values()].slice(0, 1)));
      }),
      // untrusted input chooses the program
      reaches("shell", 2, `${runners} ${spawns}`, [0, "args"], (seen) => {
        const words = wordsOf([argument(seen, 0, "args")].filter((one) => one !== undefined));
        return carries(words[0], "shell") === 2;
      }),
      brokenLine(
        /\b(os\.(system|popen)|subprocess\.\w{3,20})\(\s{0,9}(f["']|["'][^"']{0,200}["']\s{0,9}(%|\+|\.format))/,
      ),
    ],
  },
  {
    id: "python/remote-command",
    cwe: 78,
    title: "Command injection: text built into a command for a command runner",
    severity: "medium",
    why: "If a local or remote shell runs the command, it executes `;` and `$()` in the text.",
    fix: "Pass a list of arguments: run(['show', 'host', name])",
    literals: ["ssh", "cli", "cmd", "command", "shell", "sudo"],
    match: [
      callsLike(runsCommands, (seen) => {
        const text = argument(seen, 0, "cmd", "command");
        if (text === undefined || !isCommand(text)) return false;
        return text.level === 0 ? text.clean === 0 : carries(text, "shell");
      }),
    ],
  },
  {
    id: "python/shell-variable",
    cwe: 78,
    title: "Command injection: shell command is not constant",
    severity: "medium",
    why: "An attacker who controls the text can run any command.",
    fix: "Pass a list of arguments without a shell: subprocess.run([program, argument])",
    literals: words("system popen getoutput getstatusoutput shell exec_command spawn pexpect"),
    match: [
      reaches("shell", 1, shells, [0, "cmd", "command"]),
      reaches("shell", 1, ".exec_command", [0, "command"]),
      reaches("shell", 1, runners, [0, "args", "cmd"], hasShell),
      calls(runners, (seen) => {
        const text = argument(seen, 0, "args");
        return (
          hasShell(seen) && varies(text) && text?.level === 0 && text.clean === 0 && text.shape !== undefined
        );
      }),
    ],
  },
  {
    id: "python/eval",
    cwe: 95,
    title: "Code injection: untrusted input evaluated as code",
    severity: "high",
    why: "An attacker who controls the text runs code in this process.",
    fix: "Use ast.literal_eval for literals, json.loads for data, or a dictionary of functions for choices",
    literals: ["eval", "exec", "__import__", "import_module"],
    match: [
      reaches("code", 1, "eval exec execfile builtins.eval builtins.exec pandas.eval numexpr.evaluate"),
      reaches("code", 2, "__import__ importlib.import_module"),
      reaches(
        "code",
        2,
        ".runcode .runsource .run_string code.interact",
        [0],
        ({ receiver }) => receiver.path !== "self",
      ),
      brokenLine(/(^|[^.\w])(eval|exec)\(\s{0,9}(request|input|user|data|code|expr|cmd|f["'])/),
    ],
  },
  {
    id: "python/eval-read",
    cwe: 95,
    title: "Code injection: text from a file or the network evaluated as code",
    severity: "medium",
    why: "Anyone who can modify the file or page can run code in this process.",
    fix: "Use ast.literal_eval for literals, json.loads for data, or an import for code",
    literals: ["eval", "exec"],
    match: [
      calls("eval exec", ({ args: [text] }) => {
        if (!varies(text) || text?.level !== 0) return false;
        return text.shape !== undefined || /(read|recv|loads|get)\(\)$|\.(text|content)$/.test(text.path);
      }),
    ],
  },
];
