/** @file Rules on the sizes of files, functions and lines. */
import ts from "typescript";
import { lineOf, type Source, walk } from "../sources.ts";
import type { Rule } from "./rule.ts";

const maxFileLines = 500;
const maxFunctionLines = 70;
const maxLineLength = 120;

/**
 * A line with a single string or regular expression, named or not. Breaking a user-facing sentence makes it harder to
 * read and to find, and a regular expression cannot be broken.
 */
const oneText =
  /^\s*(?:return )?(?:(?:readonly |const )?[\w"-]+(?:\??: | = |\())?!?(?:(["'`]).*\1|\/.*\/[a-z]*)(?:\.test\()?[,;)]*$/;

/** The rules on sizes. */
export const sizeRules: readonly Rule[] = [
  {
    name: `a file has at most ${maxFileLines} lines`,
    find: (source) => {
      const lines = source.lines.length - 1 - literalLines(source.tree, source);
      return lines > maxFileLines ? [`1: ${lines} lines`] : [];
    },
    bad: [["packages/tunewise/src/plan/big.ts", "const a = 1;\n".repeat(501)]],
    good: [
      ["packages/tunewise/src/plan/full.ts", "const a = 1;\n".repeat(500)],
      ["packages/tunewise/src/plan/table.ts", `const a = {\n${"  a: 1,\n".repeat(499)}};\n`],
    ],
  },
  {
    name: `a function has at most ${maxFunctionLines} lines`,
    find: (source) => (source.isTest ? [] : longFunctions(source)),
    bad: [
      ["packages/tunewise/src/plan/a.ts", `function long() {\n${"  step();\n".repeat(69)}}\n`],
      ["packages/tunewise/src/plan/b.ts", `const x = { long: () => {\n${"  step();\n".repeat(69)}} };\n`],
      ["web/src/views/a.tsx", `function Long() {\n  return (\n${"    <b>x</b>\n".repeat(68)}  );\n}\n`],
      ["packages/tunewise/src/plan/c.ts", `class A {\n  long() {\n${"    step();\n".repeat(69)}  }\n}\n`],
    ],
    good: [
      [
        "packages/tunewise/src/plan/e.ts",
        `function fits() {\n  return {\n${"    a: 1,\n".repeat(90)}  };\n}\n`,
      ],
      ["packages/tunewise/src/plan/d.ts", `function fits() {\n${"  step();\n".repeat(68)}}\n`],
      ["web/src/views/a.tsx", "function Fits() {\n  return <b>x</b>;\n}\n"],
      ["packages/tunewise/src/plan/d.test.ts", `describe("x", () => {\n${"  step();\n".repeat(90)}});\n`],
    ],
  },
  {
    name: `a line has at most ${maxLineLength} characters`,
    find: ({ lines }) =>
      lines.flatMap((line, index) =>
        line.length > maxLineLength && !oneText.test(line) ? [`${index + 1}: ${line.length} characters`] : [],
      ),
    bad: [
      ["packages/tunewise/src/plan/wide.ts", `// ${"x".repeat(118)}\n`],
      [
        "packages/tunewise/src/plan/wide.ts",
        `const a = f("${"x".repeat(50)}", "${"x".repeat(50)}") + g(1, 2, 3);\n`,
      ],
      [
        "packages/tunewise/src/plan/wide.ts",
        `const a = /${"x".repeat(50)}/.test(b) && /${"x".repeat(50)}/.test(c);\n`,
      ],
    ],
    good: [
      ["packages/tunewise/src/plan/wide.ts", `// ${"x".repeat(117)}\n`],
      ["packages/tunewise/src/cli/words.ts", `    summary: "${"x".repeat(200)}",\n`],
      ["packages/tunewise/src/guard/names.ts", `const name = /${"x".repeat(200)}/u;\n`],
    ],
  },
];

function longFunctions(source: Source): string[] {
  const found: string[] = [];
  for (const node of walk(source.tree)) {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) continue;
    const first = lineOf(source, node);
    const lines = lastLineOf(source, node) - first + 1 - literalLines(node, source);
    if (lines > maxFunctionLines) found.push(`${first}: ${lines} lines`);
  }
  return found;
}

/** Number of lines that properties of object literals take, except those that contain functions. */
function literalLines(node: ts.Node, source: Source): number {
  const lines = new Set<number>();
  for (const one of walk(node)) {
    if (!ts.isObjectLiteralExpression(one)) continue;
    for (const property of one.properties) {
      if (walk(property).some((part) => ts.isFunctionLike(part))) continue;
      for (let line = lineOf(source, property); line <= lastLineOf(source, property); line++) lines.add(line);
    }
    lines.delete(lineOf(source, one));
  }
  return lines.size;
}

function lastLineOf(source: Source, node: ts.Node): number {
  return source.tree.getLineAndCharacterOfPosition(node.end).line + 1;
}
