/** @file C# rules: command, script and expression injection; classes and libraries chosen by untrusted input. */
import type { CallSeen } from "../../engine/seen.ts";
import { carries, isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { isA, says } from "../conditions.ts";
import { brokenLine, calls, reaches, words } from "../matches.ts";
import { sets } from "./sets.ts";

const startInfo = /(^|\.)(ProcessStartInfo|StartInfo)(\(\))?\.(FileName|Arguments)$|^ProcessStartInfo$/;

const compilers =
  ".CompileAssemblyFromSource CSharpScript.Evaluate CSharpScript.Run CSharpScript.Create " +
  "VisualBasicScript.Evaluate " +
  "CSharpScript.RunAsync Razor.Parse Razor.Compile Razor.RunCompile Engine.Razor.RunCompile Engine.Razor.Compile " +
  ".RunCompile .CompileRenderString .ParseLambda DynamicExpression.ParseLambda DynamicExpressionParser.ParseLambda " +
  "DataTable().Compute Engine().Execute Engine().Evaluate Lua().DoString .CreateScriptSourceFromString " +
  "Python.CreateEngine().Execute PythonEngine.Exec PythonEngine.RunSimpleString Interpreter().Eval " +
  "Interpreter().Parse " +
  "V8ScriptEngine().Execute V8ScriptEngine().Evaluate JScriptEngine().Evaluate Eval.JScriptEvaluate " +
  "Expression().Evaluate ScriptControl().Eval Handlebars.Compile Template.Parse CSharpSyntaxTree.ParseText";

/** A tainted program name, or options composed as text. Lists of arguments are passed on unchanged. */
function isCommand({ args, path }: CallSeen): boolean {
  const [program, options] = args;
  if (path !== "ProcessStartInfo" && isA(program, /^ProcessStartInfo/)) return false;
  return carries(program, "shell") > 0 || (carries(options, "shell") > 0 && options?.entries === undefined);
}

/** Rules on commands and code. */
export const csharpCommandRules: readonly Rule[] = [
  {
    id: "csharp/command-text",
    cwe: 78,
    title: "Command injection: untrusted input in a command",
    severity: "high",
    why: "A shell, or the program's own option parser, can read the input as several arguments.",
    fix: 'Use new ProcessStartInfo("ping") with info.ArgumentList.Add(host), and validate the value first',
    literals: ["Process", "AddScript", "RunCommand", "CreateCommand"],
    match: [
      reaches("shell", 1, "Process.Start ProcessStartInfo Process().Start", [0, 1], isCommand),
      sets("shell", 2, /^(FileName|Arguments)$/, ({ path }) => startInfo.test(path)),
      reaches(
        "shell",
        1,
        ".AddScript .InvokeScript SshClient().RunCommand SshClient().CreateCommand .RunCommand",
      ),
      brokenLine(
        /Process\.Start\(\s{0,9}"(cmd|cmd\.exe|\/bin\/(ba)?sh)"\s{0,9},\s{0,9}(\$"|"[^"]{0,200}"\s{0,9}\+)/,
      ),
    ],
  },
  {
    id: "csharp/command-variable",
    cwe: 78,
    title: "Command injection: command taken from a parameter",
    severity: "medium",
    why: "An attacker who controls the text can run any program.",
    fix: "Choose the program from an allowlist and pass its arguments separately with ArgumentList",
    literals: ["StartInfo"],
    match: [
      sets(
        "shell",
        1,
        /^(FileName|Arguments)$/,
        ({ path, value }) => startInfo.test(path) && value.level === 1,
      ),
    ],
  },
  {
    id: "csharp/code-from-outside",
    cwe: 94,
    title: "Code injection: untrusted input compiled or evaluated as code",
    severity: "high",
    why: "An attacker who controls the text runs code in this process.",
    fix: "Parse the text as data, or offer a list of named operations",
    literals: words(
      "CompileAssembly CSharpScript Razor RunCompile ParseLambda Compute Engine DoString Interpreter " +
        "Expression( ScriptControl Handlebars Template.Parse SyntaxTree JScriptEvaluate",
    ),
    match: [
      reaches("code", 1, compilers, [0, 1, 2], ({ path, args }) => {
        const isTemplate = /^(Handlebars|Template|CSharpSyntaxTree|DataTable)/.test(path);
        return !isTemplate || args.some((one) => carries(one, "code") === 2);
      }),
      reaches("code", 2, ".Eval .ExecuteScript .Evaluate"),
    ],
  },
  {
    id: "csharp/class-from-outside",
    cwe: 470,
    title: "Unsafe reflection: class or method name from untrusted input",
    severity: "medium",
    why: "The input can load and instantiate any class that the program can reach.",
    fix: "Look up the allowed types in a dictionary by name",
    literals: ["GetType", "Activator", "GetMethod", "InvokeMember", "CreateInstance"],
    match: [
      reaches(
        "code",
        2,
        "Type.GetType Activator.CreateInstance .GetMethod .InvokeMember .CreateInstance .GetType",
        [0, 1],
      ),
    ],
  },
  {
    id: "csharp/assembly-from-outside",
    cwe: 114,
    title: "Library loaded from an untrusted path",
    severity: "high",
    why: "The library's code runs in this process.",
    fix: "Load libraries by fixed names from the program's own directory",
    literals: ["Assembly.", "LoadLibrary", "NativeLibrary"],
    match: [
      reaches(
        "code",
        2,
        "Assembly.Load Assembly.LoadFrom Assembly.LoadFile Assembly.UnsafeLoadFrom Assembly.LoadWithPartialName " +
          "NativeLibrary.Load LoadLibrary .LoadFromAssemblyPath AppDomain.CurrentDomain.Load",
      ),
    ],
  },
  {
    id: "csharp/shell-named",
    cwe: 78,
    title: "Command injection: shell started with a command line built from text",
    severity: "medium",
    why: "Shell metacharacters in the text end one command and start another.",
    fix: "Start the program itself and pass its arguments in ArgumentList",
    literals: ["cmd", "/bin/sh", "bash", "powershell"],
    match: [
      calls("Process.Start ProcessStartInfo", ({ args: [program, options] }) => {
        const isShell = says(program, /(^|[/\\])(cmd(\.exe)?|sh|bash|powershell(\.exe)?|pwsh)$/i);
        return isShell && options !== undefined && isBuilt(options) && carries(options, "shell") > 0;
      }),
    ],
  },
];
