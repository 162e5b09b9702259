/** @file Code is cut out of answers with its places: fences of all kinds, diffs, answers that are code as a whole. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guessLanguage } from "./guess.ts";
import { languageOfTag } from "./language.ts";
import { snippetsOf } from "./snippets.ts";

const told = (text: string): string[] =>
  snippetsOf(text).map(
    ({ language, code, lines, cut }) => `${language} ${lines[0]}${cut ? " cut" : ""}: ${code}`,
  );

describe("snippetsOf", () => {
  test.each([
    ["a fence with its tag", "Look:\n```python\nx = 1\n```\nDone.", ["python 2: x = 1"]],
    ["two fences", "```js\na\n```\n\n~~~~sh\nb\n~~~~\n", ["javascript 1: a", "shell 5: b"]],
    ["a fence that is cut off", "```py\nimport os\nos.sys", ["python 1 cut: import os\nos.sys"]],
    ["a longer fence that holds a shorter one", "````py\n```\n````\n", ["python 1: ```"]],
    ["a tag of another language", "```yaml\na: 1\n```", []],
    [
      "no tag, and code that speaks for itself",
      "```\nimport os\ndef f(x):\n    return x\n```",
      ["python 1: import os\ndef f(x):\n    return x"],
    ],
    [
      "no fence at all",
      "import os\n\ndef f(a):\n    return a\n",
      ["python 0: import os\n\ndef f(a):\n    return a\n"],
    ],
    ["prose", "You should import the module from the package and return what is left.", []],
    [
      "added lines of a diff",
      "```diff\n@@ -1,2 +1,2 @@\n-import os\n+import re\n+def f(x):\n x\n```",
      ["python 3: import re\ndef f(x):"],
    ],
    ["a quoted fence", "> ```php\n> echo 1;\n> ```", ["php 1: > echo 1;"]],
  ])("%s", (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  test("never throws, and each line of code stands where it is said to", () => {
    const words = fc.constantFrom(
      "```",
      "```py",
      "~~~",
      "\n",
      "+x",
      "@@ -1 +1 @@",
      "import os",
      "\ud800",
      "\0",
      "> ",
      "def f(x):",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        const text = parts.join("\n");
        const lines = text.split("\n");
        for (const { code, lines: places, mark } of snippetsOf(text)) {
          for (const [index, line] of code.split("\n").entries())
            expect(lines[places[index] ?? -1]?.slice(mark) ?? "").toBe(line);
        }
      }),
    );
  });
});

describe("guessLanguage", () => {
  test.each([
    ["python", "import os\nfor x in y:\n    print(x)"],
    ["javascript", "const a = require('a');\nconsole.log(a === 1);"],
    ["typescript", "interface A { b: string }\nconst f = (x: number): string => x.trim();"],
    [
      "java",
      "import java.util.List;\npublic class A {\n  public static void main(String[] a) { System.out.println(1); }\n}",
    ],
    ["cpp", "#include <stdio.h>\nint main(void) { char b[8]; gets(b); return 0; }"],
    ["go", 'package main\nimport "fmt"\nfunc main() { x := 1; fmt.Println(x) }'],
    ["php", "<?php\n$name = $_GET['name'];\necho $name;"],
    ["shell", "#!/bin/bash\nif [ -f a ]; then\n  rm a\nfi"],
    ["sql", "SELECT name FROM users WHERE id = 1 ORDER BY name;"],
    [undefined, "The cat sat on the mat, and nobody was there to see it."],
    [undefined, ""],
  ])("%s", (language, text) => {
    expect(guessLanguage(text)).toBe(language);
  });

  test("takes its time from the text's length alone", () => {
    for (const mark of [
      " ",
      "a",
      "(",
      "$",
      "const ",
      "def a(",
      "x: ",
      "=",
      "\n",
      "import a ",
      "select ",
      "public ",
    ]) {
      const text = mark.repeat(100_000 / mark.length);
      const start = process.cpuUsage();
      guessLanguage(text);
      const { user } = process.cpuUsage(start);
      expect(user / 1000, JSON.stringify(mark)).toBeLessThan(300);
    }
  });
});

test("tags mean what people write", () => {
  expect(["Python3", "c++", " JS ", "bash", "golang", "rust", ""].map(languageOfTag)).toEqual([
    "python",
    "cpp",
    "javascript",
    "shell",
    "go",
    undefined,
    undefined,
  ]);
});
