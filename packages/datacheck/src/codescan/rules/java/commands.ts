/** @file Java rules: command, script and expression injection; classes chosen by untrusted input. */
import { carries, isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { aroundSays, handsToShell } from "../inside.ts";
import { brokenLine, calls, reaches, words } from "../matches.ts";

/** Functions of well-known script and expression libraries that evaluate text. */
const evaluators = [
  ...[
    "ScriptEngine.eval ScriptEngine.compile Compilable.compile CompilableEngine.compile JShell.eval Interpreter.eval",
  ],
  ...[
    "GroovyShell.evaluate GroovyShell.parse GroovyShell.run GroovyClassLoader.parseClass GroovyScriptEngine.run",
  ],
  ...[
    "GroovyCodeSource Eval.me Eval.x Eval.xy Eval.xyz SimpleTemplateEngine.createTemplate CompilationUnit.addSource",
  ],
  ...["ExpressionParser.parseExpression ExpressionParser.parseRaw SpelExpressionParser.parseExpression"],
  ...[
    "MVEL.eval MVEL.evalToBoolean MVEL.evalToString MVEL.compileExpression MVEL.executeExpression MVEL.evalFile",
  ],
  ...["TemplateRuntime.eval TemplateCompiler.compileTemplate ExpressionCompiler MvelScriptEngine.eval"],
  ...[
    "JexlEngine.createExpression JexlEngine.createScript " +
      "JexlEngine.getProperty JexlEngine.setProperty JexlBuilder.create",
  ],
  ...["JexlEngine.createTemplate UnifiedJEXL.parse JxltEngine.createExpression JxltEngine.createTemplate"],
  ...[
    "Ognl.getValue Ognl.setValue Ognl.parseExpression Ognl.compileExpression OgnlUtil.getValue OgnlUtil.setValue",
  ],
  ...[
    "OgnlUtil.callMethod OgnlUtil.compile OgnlUtil.setProperty OgnlUtil.setProperties OgnlTextParser.evaluate",
  ],
  ...[
    "OgnlReflectionProvider.getGetMethod OgnlReflectionProvider.getField OgnlReflectionProvider.setProperty",
  ],
  ...["OgnlReflectionProvider.setProperties OgnlReflectionProvider.getValue OgnlReflectionProvider.setValue"],
  ...[
    "ReflectionProvider.setProperty ReflectionProvider.setProperties " +
      "ReflectionProvider.getValue ReflectionProvider.setValue",
  ],
  ...["TextParseUtil.translateVariables TextParseUtil.translateVariablesCollection TextParser.evaluate"],
  ...[
    "ValueStack.findValue ValueStack.findString ValueStack.setValue ValueStack.setParameter OgnlValueStack.findValue",
  ],
  ...["ExpressionFactory.createValueExpression ExpressionFactory.createMethodExpression ELProcessor.eval"],
  ...["ELProcessor.getValue ELProcessor.setValue ELProcessor.setVariable ExpressionEvaluator.evaluate"],
  ...[
    "PythonInterpreter.exec PythonInterpreter.eval Context.evaluateString Context.compileString V8.executeScript",
  ],
  ...["V8.executeStringScript Ruby.evalScriptlet ScriptingContainer.runScriptlet Globals.load LuaState.load"],
  ...[
    "ExpressionEvaluator.cook ScriptEvaluator.cook ClassBodyEvaluator.cook SimpleCompiler.cook JaninoCompiler.compile",
  ],
  ...[
    "AviatorEvaluator.execute AviatorEvaluator.compile ExpressRunner.execute FelEngine.eval BeanShell.eval",
  ],
].join(" ");
/** Functions that render a template. The author of a template can read and call what it receives. */
const renderers =
  "Velocity.evaluate VelocityEngine.evaluate " +
  "VelocityEngine.mergeTemplate RuntimeServices.parse RuntimeServices.evaluate " +
  "StringTemplateLoader.putTemplate StringResourceRepository.putStringResource TemplateEngine.process " +
  "SpringTemplateEngine.process PebbleEngine.getLiteralTemplate Jinjava.render Jinjava.renderForResult " +
  "Handlebars.compileInline Handlebars.compile MustacheFactory.compile StringTemplate ST";

/** Rules on commands and code. */
export const javaCommandRules: readonly Rule[] = [
  {
    id: "java/command-text",
    cwe: 78,
    title: "Command injection: untrusted input in a command",
    severity: "high",
    why: "A shell, or the program's own option parser, can read the input as several arguments.",
    fix: 'Use new ProcessBuilder("ping", "-c", "1", host), and validate the value against a pattern first',
    literals: ["exec", "ProcessBuilder", "CommandLine", "setCommand", "load"],
    match: [
      reaches("shell", 1, "Runtime.exec Runtime.exec .exec", [0], ({ args: [text] }) => {
        return text !== undefined && text.entries === undefined && (text.level === 2 || isBuilt(text));
      }),
      calls("Runtime.exec ProcessBuilder ProcessBuilder.command", ({ args }) => handsToShell(args)),
      // the program is attacker-controlled
      reaches("shell", 2, "ProcessBuilder ProcessBuilder.command", [0], ({ args: [first] }) => {
        const program = first?.entries === undefined ? first : first.entries.get("0");
        return program !== undefined && carries(program, "shell") === 2;
      }),
      reaches("shell", 1, "CommandLine.parse DefaultExecutor.execute Shell.exec ChannelExec.setCommand"),
      // environment variables decide which programs run
      reaches("shell", 2, "Runtime.exec", [1]),
      reaches(
        "shell",
        1,
        "Runtime.load Runtime.loadLibrary System.load System.loadLibrary",
        [0],
        ({ args: [text] }) => {
          return text !== undefined && (text.level === 2 || isBuilt(text));
        },
      ),
      brokenLine(/getRuntime\(\)\.exec\(\s{0,9}"[^"]{0,200}"\s{0,9}\+/),
    ],
  },
  {
    id: "java/command-variable",
    cwe: 78,
    title: "Command injection: command taken from a parameter",
    severity: "medium",
    why: "An attacker who controls the text can run any program.",
    fix: "Choose the program from an allowlist and pass its arguments separately",
    literals: ["exec(", "ProcessBuilder"],
    match: [
      reaches(
        "shell",
        1,
        "Runtime.exec Runtime.exec",
        [0],
        ({ args: [text] }) => text?.entries === undefined && text?.level === 1,
      ),
      // a single text, not a list of arguments
      reaches("shell", 1, "ProcessBuilder ProcessBuilder.command", [0], ({ args }) => {
        const [text] = args;
        return args.length === 1 && text?.entries === undefined && text?.level === 1 && text.path === "";
      }),
    ],
  },
  {
    id: "java/script-from-outside",
    cwe: 94,
    title: "Code injection: untrusted input evaluated as code",
    severity: "high",
    why: "An attacker who controls the text runs code in this process.",
    fix: "Parse the text as data, or offer a list of named operations",
    literals: words(
      "eval parseExpression ScriptEngine GroovyShell Eval. parseClass gnl Velocity MVEL " +
        "createValueExpression createMethodExpression Template( Template createExpression createScript " +
        "findValue translateVariables compile exec render process cook Jexl run(",
    ),
    match: [
      reaches("code", 2, "Velocity.evaluate VelocityEngine.evaluate", [3]),
      reaches("code", 1, evaluators, [0, 1, 2, 3]),
      reaches(
        "code",
        2,
        ".parseExpression .evaluate .createValueExpression .eval .parseClass Template",
        [0, 1],
      ),
      reaches("code", 2, renderers),
      // a validator's message is an expression template
      reaches("code", 1, ".buildConstraintViolationWithTemplate"),
    ],
  },
  {
    id: "java/class-from-outside",
    cwe: 470,
    title: "Unsafe reflection: class name from untrusted input",
    severity: "medium",
    why: "The input can load and initialize any class on the class path.",
    fix: "Look up the allowed classes in a map by name",
    literals: ["forName", "loadClass", "getMethod"],
    match: [
      reaches("code", 2, "Class.forName .loadClass .getMethod .getDeclaredMethod"),
      reaches(
        "code",
        1,
        "Class.forName",
        [0],
        ({ here, args }) =>
          (args[0] !== undefined && isBuilt(args[0])) || aroundSays(here, /newInstance\(|getMethod\(/),
      ),
    ],
  },
];
