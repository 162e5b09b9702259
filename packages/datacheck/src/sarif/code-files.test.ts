/** @file Code written to files and mapped back: names, extensions, tags, identical code, and lines of the texts. */
import { describe, expect, test } from "vitest";
import { batchesOf, codeFiles } from "./code-files.ts";
import { placeResults } from "./place-results.ts";
import type { SarifResult } from "./read-sarif.ts";

const fenced = (tag: string, code: string): string => `Some words.\n\n\`\`\`${tag}\n${code}\n\`\`\`\n`;
const result = (file: string, line: number, more: Partial<SarifResult> = {}): SarifResult => ({
  rule: "R1",
  cwes: [89],
  severity: "high",
  message: "Built SQL. See more.",
  help: "",
  file,
  line,
  lastLine: line,
  column: 1,
  ...more,
});

describe("codeFiles", () => {
  test("one file for each piece of code, with the ending of its language", () => {
    const texts = [
      fenced("python", "import os\nprint(1)"),
      fenced("php", "echo $a;"),
      `${fenced("go", "package a")}${fenced("ts", "let a = 1;")}`,
      "Only words.",
      fenced("haskell", "main = print 1"),
    ];
    expect(codeFiles(texts).map(({ name, text }) => [name, text])).toEqual([
      ["a0.py", "import os\nprint(1)"],
      ["a1.php", "<?php echo $a;"],
      ["a2/code.go", "package a"],
      ["a3.ts", "let a = 1;"],
    ]);
  });

  test("the same code is one file with several places", () => {
    const code = fenced("python", "import os");
    const [file, second] = codeFiles([code, "words", `Before.\n${code}`]);
    expect(second).toBeUndefined();
    expect(file?.places.map(({ text, snippet }) => [text, snippet.line])).toEqual([
      [0, 3],
      [2, 4],
    ]);
  });

  test("batches by number and by characters", () => {
    const files = codeFiles(Array.from({ length: 5 }, (_, at) => fenced("python", `import a${at}`)));
    expect(batchesOf(files, 2, 1_000).map((batch) => batch.length)).toEqual([2, 2, 1]);
    expect(batchesOf(files, 9, 20).map((batch) => batch.length)).toEqual([2, 2, 1]);
    expect(batchesOf(files, 9, 1).map((batch) => batch.length)).toEqual([1, 1, 1, 1, 1]);
    expect(batchesOf([], 9, 1)).toEqual([]);
  });
});

describe("placeResults", () => {
  test("lines, offsets and titles of the text that the code stands in", () => {
    const text = fenced("python", "import os\n  q(1)\nx");
    const found = placeResults("scan", [result("a0.py", 2, { column: 3 })], codeFiles([text]), [text]).get(0);
    expect(found).toEqual([
      {
        rule: "scan/R1",
        cwe: 89,
        title: "Built SQL",
        language: "python",
        severity: "high",
        line: 5,
        column: 3,
        start: text.indexOf("q(1)"),
        end: text.indexOf("\nx"),
        lastLine: 5,
        excerpt: "q(1)",
        certainty: "certain",
        sources: ["scan"],
      },
    ]);
  });

  test("every place of code that stands twice, and new lines of a change alone", () => {
    const twice = fenced("python", "import os\nq(1)");
    const change = "```diff\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,3 @@\n import os\n+q(2)\n r(3)\n```\n";
    const texts = [twice, twice, change];
    const files = codeFiles(texts);
    const all = files.flatMap(({ name, text }) => text.split("\n").map((_, at) => result(name, at + 1)));
    const found = placeResults("scan", all, files, texts);
    expect([...found].map(([at, list]) => [at, list.map(({ line }) => line)])).toEqual([
      [0, [4, 5]],
      [1, [4, 5]],
      [2, [6]],
    ]);
  });

  test("a secret is masked in title and excerpt, a page is kept where it is one", () => {
    const text = fenced("python", "password = 'hunter2'");
    const told = {
      cwes: [259],
      message: "Possible hardcoded password: 'hunter2'",
      help: "https://x.test/b105",
    };
    const [one] = placeResults("scan", [result("a0.py", 1, told)], codeFiles([text]), [text]).get(0) ?? [];
    expect(JSON.stringify(one)).not.toContain("hunter2");
    expect(one?.help).toBe("https://x.test/b105");
    const odd = placeResults("scan", [result("a0.py", 1, { help: "javascript:a" })], codeFiles([text]), [
      text,
    ]);
    expect(odd.get(0)?.[0]?.help).toBeUndefined();
  });
});
