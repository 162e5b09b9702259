/** @file Values are traced exactly: branches decided by constants, containers, calls to functions of the same file. */
import { describe, expect, test } from "vitest";
import { openScanner } from "../scan.ts";

const scanner = await openScanner();
const asked = "from flask import request\nimport os\ndef f():\n    p = request.args.get('p')\n";

/** Counts the findings of `python/shell-text` in a request handler with this body. */
function count(body: string, before = ""): number {
  const lines = body.split("\n").map((line) => `    ${line}\n`);
  const found = scanner.scanCode(before + asked + lines.join(""), "python");
  return found.filter(({ rule }) => rule === "python/shell-text").length;
}

const run = "os.system('ls ' + q)";

describe("constants", () => {
  test.each([
    ["a branch that is taken", `n = 86\nif 7 * 42 - n > 200:\n    q = p\nelse:\n    q = 'x'\n${run}`, 1],
    ["a branch that is not", `n = 86\nif 7 * 42 - n > 200:\n    q = 'x'\nelse:\n    q = p\n${run}`, 0],
    ["a choice", `n = 106\nq = 'x' if 7 * 18 + n > 200 else p\n${run}`, 0],
    ["text in text", `q = 'never'\nif 'ever' not in q:\n    q = p\n${run}`, 0],
    [
      "a case",
      `g = 'ABC'[1]\nmatch g:\n    case 'A':\n        q = p\n    case 'B':\n        q = 'b'\n${run}`,
      0,
    ],
    [
      "one of several cases",
      `match 'C':\n    case 'A' | 'C':\n        q = p\n    case _:\n        q = 'b'\n${run}`,
      1,
    ],
    ["what follows a return", `if 1 < 2:\n    return 'x'\nos.system(p)`, 0],
    [
      "a loop changes it",
      `ok = False\nfor one in p:\n    if ok:\n        os.system('ls ' + p)\n    ok = True`,
      1,
    ],
    ["the start of a text", `q = ('help' + p)[0:3]\n${run}`, 0],
    ["its middle", `q = ('help' + p + 'end')[4:-3]\n${run}`, 1],
    ["changed elsewhere", `if mode == 1:\n    ${run.replace("q", "p")}`, 1],
  ])("%s", (_, body, times) => {
    expect(count(body, "mode = 0\ndef g():\n    global mode\n    mode = 1\n")).toBe(times);
  });
});

describe("containers", () => {
  test.each([
    ["a list after pop", "l = ['a']\nl.append(p)\nl.append('b')\nl.pop(0)\nq = l[1]", 0],
    ["its other entry", "l = ['a']\nl.append(p)\nl.append('b')\nl.pop(0)\nq = l[0]", 1],
    ["from the end", "l = ['a', p]\nq = l[-2]", 0],
    ["a dictionary", "d = {}\nd['a'] = 'x'\nd['b'] = p\nq = d['a']", 0],
    ["under an unknown key", "d = {'a': 'x'}\nd[k] = p\nq = d['b']", 1],
    [
      "a section and an option",
      "c = dict()\nc.set('s', 'a', 'x')\nc.set('s', 'b', p)\nq = c.get('s', 'a')",
      0,
    ],
    ["its other option", "c = dict()\nc.set('s', 'a', 'x')\nc.set('s', 'b', p)\nq = c.get('s', 'b')", 1],
    ["a text that is written", "import io\nb = io.StringIO()\nb.write('a')\nb.write(p)\nq = b.getvalue()", 1],
  ])("%s", (_, body, times) => {
    expect(count(`${body}\n${run}`)).toBe(times);
  });
});

describe("calls of the text's own functions", () => {
  const helpers =
    "def pick(a, b):\n    return b\nclass Box:\n    def __init__(self, r, c):\n        self.r = r\n        " +
    "self.c = c\n    def get(self, n):\n        return self.r.args.get(n)\n";
  test.each([
    ["the parameter that is given back", "q = pick('x', p)", 1],
    ["the one that is not", "q = pick(p, 'x')", 0],
    ["a method of an object around the request", "q = Box(request, 'x').get('n')", 1],
    ["an attribute it was made with", "q = Box(request, 'x').c", 0],
  ])("%s", (_, body, times) => {
    expect(count(`${body}\n${run}`, helpers)).toBe(times);
  });
});

describe("Java", () => {
  const told = (body: string): number =>
    scanner
      .scanCode(
        `class A extends HttpServlet { void doGet(HttpServletRequest r, Statement s) throws Exception {
        String p = r.getParameter("p"); String q = "x"; ${body}
        s.executeQuery("select * from t where a = '" + q + "'"); } }`,
        "java",
      )
      .filter(({ cwe }) => cwe === 89).length;
  const list = 'List<String> l = new ArrayList<>(); l.add("a"); l.add(p); l.add("b"); l.remove(0);';
  const choice = "case 'A': q = p; break; case 'B': q = \"b\"; break; case 'C': case 'D': q = p; break;";

  test.each([
    ["the entry that came from outside", `${list} q = l.get(0);`, 1],
    ["the one behind it", `${list} q = l.get(1);`, 0],
    ["a map's entry", 'Map<String, String> m = new HashMap<>(); m.put("k", p); q = m.get("k");', 1],
    [
      "its other entry",
      'Map<String, String> m = new HashMap<>(); m.put("k", p); m.put("o", "x"); q = m.get("o");',
      0,
    ],
    ["a case that is not met", `switch ("ABC".charAt(1)) { ${choice} default: break; }`, 0],
    ["a case behind a label that falls through", `switch ("ABC".charAt(2)) { ${choice} default: break; }`, 1],
  ])("%s: %s", (_, body, expected) => {
    expect(told(body)).toBe(expected);
  });
});

const handler = (body: string): string =>
  `const cp = require('child_process'); app.get('/', (req, res) => { ${body} cp.exec('ls ' + q); res.end(); });`;
const action = (body: string): string =>
  `class C : Controller { [HttpGet] public IActionResult G(string p) { ${body} Process.Start("sh", "-c " + q); return Ok(); } }`;

test.each([
  ["javascript", handler("const l = []; l.push(req.query.q); l.push('b'); const q = l[0];"), 1],
  ["javascript", handler("const l = []; l.push(req.query.q); l.push('b'); const q = l[1];"), 0],
  [
    "javascript",
    handler("const m = new Map(); m.set('a', req.query.q); m.set('b', 'x'); const q = m.get('a');"),
    1,
  ],
  [
    "javascript",
    handler("const m = new Map(); m.set('a', req.query.q); m.set('b', 'x'); const q = m.get('b');"),
    0,
  ],
  ["csharp", action('var l = new List<string>(); l.Add(p); l.Add("x"); var q = l[0];'), 1],
  ["csharp", action('var l = new List<string>(); l.Add(p); l.Add("x"); var q = l[1];'), 0],
] as const)("containers of %s: %s", (language, text, expected) => {
  expect(scanner.scanCode(text, language).filter(({ cwe }) => cwe === 78)).toHaveLength(expected);
});
