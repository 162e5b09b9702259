/**
 * @file Sizes: files, functions, lines.
 */
import ts from "typescript";
import { lineOf, type Source, walk } from "../sources.ts";
import type { Rule } from "./rule.ts";

const maxFileLines = 500;
const maxFunctionLines = 70;
const maxLineLength = 120;

/** Data in words, where a line is a sentence for the user and breaking it only makes it harder to read. */
const longLines = /^src\/problem\/catalog\//;

/** The rules on sizes. */
export const sizeRules: readonly Rule[] = [
  {
    name: `a file has at most ${maxFileLines} lines`,
    find: ({ lines }) => (lines.length - 1 > maxFileLines ? [`1: ${lines.length - 1} lines`] : []),
    bad: [["src/plan/big.ts", "const a = 1;\n".repeat(501)]],
    good: [["src/plan/full.ts", "const a = 1;\n".repeat(500)]],
  },
  {
    name: `a function has at most ${maxFunctionLines} lines`,
    find: (source) => (source.isTest ? [] : longFunctions(source)),
    bad: [
      ["src/plan/a.ts", `function long() {\n${"  step();\n".repeat(69)}}\n`],
      ["src/plan/b.ts", `const x = { long: () => {\n${"  step();\n".repeat(69)}} };\n`],
      ["src/plan/c.ts", `class A {\n  long() {\n${"    step();\n".repeat(69)}  }\n}\n`],
    ],
    good: [
      ["src/plan/d.ts", `function fits() {\n${"  step();\n".repeat(68)}}\n`],
      ["src/plan/d.test.ts", `describe("x", () => {\n${"  step();\n".repeat(90)}});\n`],
    ],
  },
  {
    name: `a line has at most ${maxLineLength} characters`,
    find: ({ path, lines }) =>
      longLines.test(path)
        ? []
        : lines.flatMap((line, index) =>
            line.length > maxLineLength ? [`${index + 1}: ${line.length} characters`] : [],
          ),
    bad: [["src/plan/wide.ts", `// ${"x".repeat(118)}\n`]],
    good: [
      ["src/plan/wide.ts", `// ${"x".repeat(117)}\n`],
      ["src/problem/catalog/data.ts", `// ${"x".repeat(200)}\n`],
    ],
  },
];

function longFunctions(source: Source): string[] {
  const found: string[] = [];
  for (const node of walk(source.tree)) {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) continue;
    const first = lineOf(source, node);
    const last = source.tree.getLineAndCharacterOfPosition(node.end).line + 1;
    if (last - first + 1 > maxFunctionLines) found.push(`${first}: ${last - first + 1} lines`);
  }
  return found;
}
