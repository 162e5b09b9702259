/** @file The scanner as a whole: locations, order, broken or hostile input, and the samples of SecurityEval. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { processorMs } from "../../../../test/support/processor-time.ts";
import { allRules } from "./languages.ts";
import { lineScanner, openScanner } from "./scan.ts";

const scanner = await openScanner();
const told = (text: string): string[] =>
  scanner.scanText(text).map(({ rule, line, column }) => `${rule} ${line}:${column}`);

describe("scanText", () => {
  test("places are those of the answer", () => {
    const answer = "Use this:\n\n```python\nimport os\n\ndef run(name):\n    os.system('ls ' + name)\n```\n";
    expect(told(answer)).toEqual(["python/shell-text 7:5"]);
    const [{ start, end } = { start: 0, end: 0 }] = scanner.scanText(answer);
    expect(answer.slice(start, end)).toBe("os.system('ls ' + name)");
  });

  test("places in a diff", () => {
    const answer = "```diff\n@@ -1,2 +1,3 @@\n import os\n+import pickle\n+pickle.loads(x)\n```\n";
    expect(told(answer)).toEqual(["python/pickle-file 5:2"]);
    const [{ start, end } = { start: 0, end: 0 }] = scanner.scanText(answer);
    expect(answer.slice(start, end)).toBe("pickle.loads(x)");
  });

  test("what is cut off in the middle of a call is still seen", () => {
    expect(told("```python\nimport requests\nrequests.get('https://a.org', verify=False")).toEqual([
      "python/certificate-unchecked 3:31",
    ]);
  });

  test("strings and comments are no code", () => {
    const text = "```python\n# os.system('a' + b)\nprint(\"eval(x)\")\nhelp = '''\npickle.loads(x)\n'''\n```";
    expect(told(text)).toEqual([]);
  });

  test("one finding for each weakness and line, in order", () => {
    const text = "import hashlib, os\ndef f(a, b):\n    os.system(a); os.system(b); hashlib.md5(a)\n";
    expect(scanner.scanCode(text, "python").map(({ rule }) => rule)).toEqual([
      "python/shell-variable",
      "python/weak-hash",
    ]);
  });

  test("what is put together in one line and run in another is told once, where it is run", () => {
    const built = "def find(cursor, name):\n    q = f\"SELECT a FROM t WHERE b = '{name}'\"\n";
    const answer = `See:\n\n\`\`\`python\n${built}    return cursor.execute(q)\n\`\`\`\n`;
    const found = scanner.scanText(answer).map(({ rule, line, builtIn }) => ({ rule, line, builtIn }));
    expect(found).toEqual([{ rule: "python/sql-built", line: 6, builtIn: 5 }]);
    const own = scanner.scanCode(`${built}    return q\n`, "python");
    expect(own.map(({ line, builtIn }) => [line, builtIn])).toEqual([[2, undefined]]);
  });

  test("a secret is not repeated", () => {
    const [found] = scanner.scanCode("API_KEY = 'a8f5f167f44f4964e6c998dee827110c'\n", "python");
    expect(found?.excerpt).toBe("API_KEY = '***'");
  });
});

describe("values are followed", () => {
  test.each([
    ["through an alias", "from os import system as s\ndef f(a):\n    s('ls ' + a)", 1],
    [
      "through a list",
      "import os\ndef f(a):\n    w = ['ls']\n    w.append(a)\n    os.system(' '.join(w))",
      1,
    ],
    [
      "through another function",
      "import os\ndef make(a):\n    return 'ls ' + a\ndef f():\n    os.system(make(input()))",
      1,
    ],
    [
      "through an attribute",
      "import os\nclass A:\n    def __init__(self, a):\n        self.a = a\n    def f(self):\n        " +
        "os.system('ls ' + self.a)",
      1,
    ],
    [
      "one branch is enough",
      "import os\ndef f(a, b):\n    c = 'ls'\n    if b:\n        c = c + a\n    os.system(c)",
      1,
    ],
    ["an allowed one", "import os\ndef f(a):\n    if a in ('x', 'y'):\n        os.system('ls ' + a)", 0],
    [
      "a refused one",
      "import os, re\ndef f(a):\n    if not re.fullmatch(r'[a-z]+', a):\n        raise ValueError\n    " +
        "os.system('ls ' + a)",
      0,
    ],
    [
      "a pattern that allows everything",
      "import os, re\ndef f(a):\n    if not re.match(r'.*', a):\n        raise ValueError\n    os.system('ls ' + a)",
      1,
    ],
    ["overwritten", "import os\ndef f(a):\n    a = 'x'\n    os.system('ls ' + a)", 0],
    ["a number", "import os\ndef f(a: int):\n    os.system(f'kill {a}')", 0],
    [
      "an own check",
      "import os\ndef f(a):\n    ok = is_valid(a)\n    if not ok:\n        return\n    os.system('ls ' + a)",
      0,
    ],
  ])("%s", (_, text, count) => {
    expect(scanner.scanCode(text, "python")).toHaveLength(count);
  });
});

describe("hostile text", () => {
  const deep = 20_000;
  test.each([
    ["open brackets", "eval(".repeat(deep / 5)],
    ["100,000 nested lists", `eval${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["a long sum", `os.system(${"a + ".repeat(5000)}b)`],
    ["a long chain", `eval(a${".b()".repeat(5000)})`],
    ["deep blocks", Array.from({ length: 400 }, (_, at) => `${" ".repeat(at)}if a:`).join("\n")],
    ["one line of 10 MB", `eval(x) ${"a".repeat(10_000_000)}`],
    ["NUL and half pairs", "eval(x)\0\ud800 = '\udfff' eval(y)\n"],
    [
      "names of an object's own",
      "constructor(__proto__.toString(hasOwnProperty))\nevals = constructor\neval(constructor)",
    ],
  ])("%s", (_, text) => {
    const scan = (): void => {
      scanner.scanCode(text, "python");
      scanner.scanCode(text.slice(0, 20_000), "typescript");
    };
    expect(processorMs(scan, 8000)).toBeLessThan(8000);
  });

  test("lines of a window keep their numbers", () => {
    const text = `${"#".repeat(99).concat("\n").repeat(9000)}import os\nos.system(input())\n`;
    expect(scanner.scanCode(text, "python").map(({ line }) => line)).toEqual([9002]);
  });

  test("no line pattern takes long", () => {
    const patterns = [...allRules().values()]
      .flat()
      .flatMap(({ match }) => match.flatMap((one) => ("line" in one ? [one.line] : [])));
    expect(patterns.length).toBeGreaterThan(3);
    for (const pattern of patterns) {
      for (const mark of [" ", "a", "(", '"', "'", "eval(", "os.system(f", "\\", "=", "{", "exec("]) {
        const line = mark.repeat(2000 / mark.length);
        expect(
          processorMs(() => void pattern.test(line), 50),
          `${pattern} ${mark}`,
        ).toBeLessThan(50);
      }
    }
  });
});

test("without grammars lines alone are looked at, and findings say so", () => {
  const found = lineScanner().scanCode("import pickle\npickle.loads(x)\n", "python");
  expect(found.map(({ rule, certainty }) => `${rule} ${certainty}`)).toEqual(["python/pickle lines"]);
  expect(lineScanner().parsed.size).toBe(0);
  expect(scanner.parsed.has("python")).toBe(true);
});

const samples = fileURLToPath(
  new URL("../../../../../shared/data/securityeval/dataset.jsonl", import.meta.url),
);
describe.skipIf(!existsSync(samples))("SecurityEval", () => {
  const rows = (): { Insecure_code: string }[] =>
    readFileSync(samples, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("nine of ten of what a scanner can see is seen", () => {
    const found = rows().filter(({ Insecure_code: code }) => scanner.scanCode(code, "python").length > 0);
    expect(found.length).toBeGreaterThanOrEqual(95);
  });

  test("prefixes are scanned without failure, the same each time", () => {
    for (const [index, { Insecure_code: code }] of rows().entries()) {
      for (let end = code.length; end > 0; end -= 173) scanner.scanCode(code.slice(0, end), "python");
      if (index % 10 === 0)
        expect(scanner.scanCode(code, "python")).toEqual(scanner.scanCode(code, "python"));
    }
  });
});

test("PHP without its tag is read, at the places of the text", async () => {
  const text = 'system("ls " . $_GET["dir"]);\necho $_GET["name"];';
  const found = (await openScanner()).scanCode(text, "php");
  expect(found.map(({ cwe, line }) => [cwe, line])).toEqual([
    [78, 1],
    [79, 2],
  ]);
  expect(text.slice(found[0]?.start, (found[0]?.start ?? 0) + 6)).toBe("system");
  expect(found[0]?.column).toBe(1);
});
