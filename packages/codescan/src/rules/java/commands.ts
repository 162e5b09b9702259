/** @file Java: text that is run, as a command, a script or an expression; classes that are chosen from outside. */
import { isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { handsToShell, sourceAround } from "../inside.ts";
import { brokenLine, calls, reaches } from "../matches.ts";

/** Rules on commands and code. */
export const javaCommandRules: readonly Rule[] = [
  {
    id: "java/command-text",
    cwe: 78,
    title: "Text from outside in a command",
    severity: "high",
    why: "A shell, or the program's own options, read the text as more than one word.",
    fix: 'new ProcessBuilder("ping", "-c", "1", host), with the value checked against a pattern',
    literals: ["exec", "ProcessBuilder"],
    match: [
      reaches("shell", 1, "Runtime.exec Runtime.exec .exec", [0], ({ args: [text] }) => {
        return text !== undefined && text.entries === undefined && (text.level === 2 || isBuilt(text));
      }),
      calls("Runtime.exec ProcessBuilder ProcessBuilder.command", ({ args }) => handsToShell(args)),
      // the program itself
      reaches("shell", 2, "ProcessBuilder ProcessBuilder.command", [0], ({ args: [first] }) => {
        const program = first?.entries === undefined ? first : first.entries.get("0");
        return program !== undefined && program.level === 2 && (program.clean & 1) === 0;
      }),
      reaches("shell", 1, "CommandLine.parse DefaultExecutor.execute"),
      brokenLine(/getRuntime\(\)\.exec\(\s{0,9}"[^"]{0,200}"\s{0,9}\+/),
    ],
    bad: [
      'class A { void ping(String host) throws Exception { Runtime.getRuntime().exec("ping -c 1 " + host); } }',
      'import javax.servlet.http.*;\nclass A extends HttpServlet { protected void doGet(HttpServletRequest r, HttpServletResponse s) throws Exception { String h = r.getParameter("h"); new ProcessBuilder("sh", "-c", "ping " + h).start(); } }',
      'class A { void run(String cmd) throws Exception { String[] all = {"/bin/sh", "-c", cmd}; Runtime rt = Runtime.getRuntime(); rt.exec(all); } }',
      'class A { void run(String dir) throws Exception { String c = String.format("ls %s", dir); Process p = Runtime.getRuntime().exec(c); } }',
    ],
    good: [
      'class A { void ping(String host) throws Exception { new ProcessBuilder("ping", "-c", "1", host).start(); } }',
      'class A { void ping(String host) throws Exception { if (!host.matches("[a-z0-9.]{1,60}")) { throw new IllegalArgumentException(); } Runtime.getRuntime().exec("ping -c 1 " + host); } }',
      'class A { void list() throws Exception { Runtime.getRuntime().exec("ls -l"); } }',
      'class A { void run(int n) throws Exception { Runtime.getRuntime().exec("sleep " + n); } }',
      'class A { private static final Set<String> OK = Set.of("a", "b"); void run(String x) throws Exception { if (!OK.contains(x)) { return; } Runtime.getRuntime().exec(new String[] {"sh", "-c", "go " + x}); } }',
    ],
  },
  {
    id: "java/command-variable",
    cwe: 78,
    title: "A command that a parameter brings",
    severity: "medium",
    why: "Whoever can change the text can run any program.",
    fix: "Take the program from a list, and hand its arguments over one by one",
    literals: ["exec("],
    match: [
      reaches(
        "shell",
        1,
        "Runtime.exec Runtime.exec",
        [0],
        ({ args: [text] }) => text?.entries === undefined && text?.level === 1,
      ),
    ],
    bad: [
      "class A { void go(String cmd) throws Exception { Runtime.getRuntime().exec(cmd); } }",
      "class A { void go(String cmd) throws Exception { Runtime rt = Runtime.getRuntime(); rt.exec(cmd.trim()); } }",
    ],
    good: [
      'class A { void go(String name) throws Exception { Runtime.getRuntime().exec(new String[] {"ls", name}); } }',
      'class A { void go() throws Exception { Runtime.getRuntime().exec("date"); } }',
    ],
  },
  {
    id: "java/script-from-outside",
    cwe: 94,
    title: "Text that is evaluated as code",
    severity: "high",
    why: "Whoever writes the text runs code in this process.",
    fix: "Parse the text as what it is meant to be, or offer a list of named operations",
    literals: [
      "eval",
      "parseExpression",
      "ScriptEngine",
      "GroovyShell",
      "evaluate",
      "Ognl",
      "Velocity",
      "MVEL",
      "createValueExpression",
      "Template(",
    ],
    match: [
      reaches(
        "code",
        1,
        "ScriptEngine.eval ScriptEngine.eval engine.eval " +
          "GroovyShell.evaluate GroovyShell.parse MVEL.eval Ognl.getValue Eval.me Velocity.evaluate " +
          "VelocityEngine.evaluate",
        [0, 3],
      ),
      reaches("code", 1, "SpelExpressionParser.parseExpression ExpressionParser.parseExpression"),
      reaches(
        "code",
        2,
        ".parseExpression .evaluate .createValueExpression .eval GroovyClassLoader.parseClass Template",
        [0, 1],
      ),
    ],
    bad: [
      'class A { Object run(String code) throws Exception { ScriptEngine e = new ScriptEngineManager().getEngineByName("js"); return e.eval(code); } }',
      "class A { Object run(String text) { ExpressionParser parser = new SpelExpressionParser(); " +
        "return parser.parseExpression(text).getValue(); } }",
      'class A { @GetMapping("/x") Object run(@RequestParam String q) { return new GroovyShell().evaluate(q); } }',
    ],
    good: [
      'class A { Object run() throws Exception { ScriptEngine e = new ScriptEngineManager().getEngineByName("js"); return e.eval("1 + 1"); } }',
      'class A { Object run(Object root) { ExpressionParser parser = new SpelExpressionParser(); return parser.parseExpression("name").getValue(root); } }',
      "class A { private final Map<String, Operation> all = new HashMap<>(); Object run(String name) { " +
        "return all.get(name).apply(1); } }",
    ],
  },
  {
    id: "java/class-from-outside",
    cwe: 470,
    title: "A class that is chosen from outside",
    severity: "medium",
    why: "Any class on the path is loaded and begun.",
    fix: "A map from names to classes that may be used",
    literals: ["forName", "loadClass", "getMethod"],
    match: [
      reaches("code", 2, "Class.forName .loadClass .getMethod .getDeclaredMethod"),
      reaches(
        "code",
        1,
        "Class.forName",
        [0],
        ({ here, args }) =>
          (args[0] !== undefined && isBuilt(args[0])) || /newInstance\(|getMethod\(/.test(sourceAround(here)),
      ),
    ],
    bad: [
      'class A { void doGet(HttpServletRequest req) throws Exception { Class.forName(req.getParameter("c")).newInstance(); } }',
      "class A { Object make(String type) throws Exception { Class<?> c = Class.forName(type); return " +
        "c.getDeclaredConstructor().newInstance(); } }",
    ],
    good: [
      'class A { void load() throws Exception { Class.forName("com.mysql.jdbc.Driver"); } }',
      'class A { private static final Set<String> KNOWN = Set.of("a.B"); Object make(String type) throws Exception { if (!KNOWN.contains(type)) { throw new IllegalArgumentException(type); } return Class.forName(type).getDeclaredConstructor().newInstance(); } }',
    ],
  },
];
