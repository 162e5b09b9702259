/** @file Code in texts: which lines count as code, in which language, and the locations of findings. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { processorMs } from "../../../../test/support/processor-time.ts";
import { openScanner } from "./scan.ts";
import { holdsCode, snippetsOf } from "./snippets.ts";

const shown = (text: string): [string | undefined, string][] =>
  snippetsOf(text).map(({ language, code }) => [language, code]);

describe("snippetsOf", () => {
  test.each<[string, string, [string | undefined, string][]]>([
    ["a fence", "Do:\n```python\na = 1\n```\nDone.", [["python", "a = 1"]]],
    ["words behind the tag", '```js title="x" {1,2}\nf()\n```', [["javascript", "f()"]]],
    ["a class as tag", "``` {.c++ .numberLines}\nf();\n```", [["cpp", "f();"]]],
    [
      "tildes, with other fences inside",
      "~~~sh\necho '```'\n```\nls\n~~~",
      [["shell", "echo '```'\n```\nls"]],
    ],
    ["a list's indentation", "1. Do\n   ```py\n   if a:\n     b()\n   ```\n", [["python", "if a:\n  b()"]]],
    ["a fence behind a list's mark", "- ```go\n  f()\n  ```", [["go", "f()"]]],
    ["a quote", "> ```sql\n> SELECT 1\n> ```", [["sql", "SELECT 1"]]],
    ["a text cut off", "So:\n```php\n<?php\nf(", [["php", "<?php\nf("]]],
    ["nested, longer", "````md\nText\n```py\na()\n```\n````", [["python", "a()"]]],
    [
      "nested, of one length",
      "```md\n```py\na()\n```\n```\n```go\nb()\n```",
      [
        ["python", "a()"],
        ["go", "b()"],
      ],
    ],
    [
      "a forgotten end",
      "```py\na()\n```js\nb()\n```",
      [
        ["python", "a()"],
        ["javascript", "b()"],
      ],
    ],
    [
      "a fence within a string",
      '```py\ndef f():\n    """\n    ```py\n    f()\n    ```\n    """\n```',
      [["python", 'def f():\n    """\n    ```py\n    f()\n    ```\n    """']],
    ],
    ["another language", "```yaml\na: 1\n```", [[undefined, "a: 1"]]],
    ["a session of a shell", "```console\n$ ls -l\ntotal 0\n$ pwd\n/\n```", [["shell", "ls -l\npwd"]]],
    ["a session of Python", "```pycon\n>>> if a:\n...     b()\n1\n```", [["python", "if a:\n    b()"]]],
    [
      "code and nothing else",
      "import os\n\n\ndef f(a):\n    return a\n",
      [["python", "import os\n\n\ndef f(a):\n    return a"]],
    ],
    [
      "code behind prose",
      "Here is the function that you want:\n\nimport os\ndef f(a):\n    b = a\n    return b\n\nIt gives back " +
        "what it was given.",
      [["python", "import os\ndef f(a):\n    b = a\n    return b"]],
    ],
    ["prose", "First open the file, then read it.\nThat is all (more or less).\n\n- one\n- two", []],
    ["a word in a sentence", "Use `os.system(x)`; it runs x.\nThen return to the start.", []],
    ["sums", "He has 3 apples = 3.\nShe has 4; so 3 + 4 = 7\n#### 7", []],
    ["nothing", "", []],
  ])("%s", (_, text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  test("a change: files as they will be, by their endings", () => {
    const text =
      "Fix:\n```diff\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n import os\n-a()\n+b()\n--- a/y.js\n+++ " +
      "b/y.js\n@@ -1 +1 @@\n+c()\n```";
    expect(shown(text)).toEqual([
      ["python", "import os\nb()"],
      ["javascript", "c()"],
    ]);
    expect(snippetsOf(text).map(({ added }) => [...(added ?? [])])).toEqual([[7], [11]]);
    expect(shown("diff --git a/x.c b/x.c\n@@ -1 +1 @@\n-a();\n+b();\n")).toEqual([["cpp", "b();\n"]]);
  });

  test("any text, in time that grows with its length", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => void snippetsOf(text)));
    const parts = [
      "```",
      "~~~",
      "py",
      "md",
      "\n",
      " ",
      ">",
      "- ",
      "+",
      "@@ -1 +1 @@",
      '"""',
      "a = 1",
      "\ud800",
      "\0",
    ];
    const made = fc.array(fc.constantFrom(...parts), { maxLength: 60 }).map((some) => some.join(""));
    fc.assert(
      fc.property(made, (text) => {
        for (const { code, pieces } of snippetsOf(text)) {
          expect(code).toBe(pieces.map(({ start, end }) => text.slice(start, end)).join("\n"));
        }
      }),
    );
    for (const mark of [
      "`",
      "~",
      ">",
      " ",
      "\t",
      "-",
      "+",
      "=",
      "(",
      "[",
      "a",
      "a ",
      "a.",
      "A",
      '"',
      "*",
      ";",
      "$ ",
      "1",
      "\n",
      "```\n",
      "```md\n",
      "> ```py\n",
    ]) {
      const limit = mark.includes("\n") ? 1000 : 50;
      const text = mark.repeat(100_000 / mark.length);
      expect(
        processorMs(() => void snippetsOf(text), limit),
        mark,
      ).toBeLessThan(limit);
    }
  });
});

describe("holdsCode", () => {
  test.each([
    ["```python\na = 1\n```", true],
    ["import os\nos.remove(a)\n", true],
    ["```json\n{}\n```", false],
    ["The answer is 42.", false],
    ["", false],
  ])("%j", (text, expected) => {
    expect(holdsCode(text)).toBe(expected);
  });
});

describe("scanText", async () => {
  const scanner = await openScanner();
  const bad = "import os\ndef f(a):\n    os.system('ls ' + a)";
  const indented = bad.replaceAll("\n", "\n   ");
  test.each<[string, string, number, number]>([
    ["as a whole", bad, 3, 5],
    ["in a fence", `Do:\n\n\`\`\`python\n${bad}\n\`\`\`\nBad.`, 6, 5],
    ["in a list", `- Do\n   \`\`\`python\n   ${indented}\n   \`\`\``, 5, 8],
    [
      "in a change",
      "--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,3 @@\n import os\n def f(a):\n+    os.system('ls ' + a)\n",
      6,
      6,
    ],
  ])("%s", (_, text, line, column) => {
    const [found, ...more] = scanner.scanText(text);
    expect([found?.cwe, found?.line, found?.column, more.length]).toEqual([78, line, column, 0]);
    expect(text.slice(found?.start, found?.end)).toBe("os.system('ls ' + a)");
  });

  test("lines that a change leaves alone are not its fault", () => {
    const text =
      "--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,4 @@\n import os\n def f(a):\n     os.system('ls ' + a)\n+    return 1\n";
    expect(scanner.scanText(text)).toEqual([]);
  });
});
