/** @file Rules on words: unspecific names, unfinished work in the code, missing reasons. */
import ts from "typescript";
import { lineOf, type Source, walk } from "../sources.ts";
import type { Rule } from "./rule.ts";

const emptyNames = /(^|[/-])(utils?|helpers?|common|misc|manager)([/.-]|$)/;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;
const unfinished = /\b(TODO|FIXME|XXX|HACK)\b/;

/** The rules on words. */
export const wordRules: readonly Rule[] = [
  {
    name: "a path says what is in it, in kebab-case",
    find: ({ path }) => {
      const odd = path.split("/").filter((part) => !part.startsWith(".") && !kebab.test(part));
      return emptyNames.test(path) || odd.length > 0 ? [`1: ${path}`] : [];
    },
    bad: [
      ["packages/tunewise/src/plan/utils.ts", ""],
      ["packages/core/src/helpers/memory.ts", ""],
      ["packages/tunewise/src/plan/run-manager.ts", ""],
      ["packages/tunewise/src/plan/estimateMemory.ts", ""],
    ],
    good: [
      ["packages/tunewise/src/plan/memory.ts", ""],
      ["packages/tunewise/src/plan/memory.test.ts", ""],
      ["packages/tunewise/src/plan/commonsense.ts", ""],
    ],
  },
  {
    name: "nothing is left for later",
    find: (source) => linesMatching(source, unfinished),
    bad: [["packages/tunewise/src/plan/a.ts", `// ${"TO"}DO: think\n`]],
    good: [["packages/tunewise/src/plan/a.ts", "// todos of the user are counted\n"]],
  },
  {
    name: "a switched-off check gives its reason",
    find: (source) => [
      ...linesMatching(source, /@ts-(ignore|nocheck)/),
      ...linesMatching(source, /@ts-expect-error\s*$/),
      ...linesMatching(source, /biome-ignore(?!\S* \S+: (?!<)\S.{9,})/),
    ],
    bad: [
      ["packages/tunewise/src/plan/a.ts", `// @ts-${"ignore"}\nlet a;\n`],
      ["packages/tunewise/src/plan/b.ts", `// @ts-expect-${"error"}\nlet a;\n`],
      [
        "packages/tunewise/src/plan/c.ts",
        `// biome-${"ignore"} lint/suspicious/noExplicitAny: <explanation>\nlet a;\n`,
      ],
      ["packages/tunewise/src/plan/d.ts", `// biome-${"ignore"} lint/suspicious/noExplicitAny: no\nlet a;\n`],
    ],
    good: [
      [
        "packages/tunewise/src/plan/e.ts",
        "// biome-ignore lint/suspicious/noExplicitAny: the driver's own type\nlet a;\n",
      ],
    ],
  },
  {
    name: "an object literal has its properties itself, instead of a spread literal that saves lines",
    find: (source) =>
      walk(source.tree)
        .filter((node) => ts.isSpreadAssignment(node) && ts.isObjectLiteralExpression(node.expression))
        .map((node) => `${lineOf(source, node)}: ${node.getText(source.tree).split("\n")[0]}`),
    bad: [["packages/tunewise/src/plan/a.ts", "const a = { ...{ b: 1, c: 2 }, d: 3 };\n"]],
    good: [["packages/tunewise/src/plan/a.ts", "const a = { ...b, ...(c ? { d: 1 } : {}) };\n"]],
  },
  {
    name: "an exported name says max or min, and uses the field's words",
    find: (source) =>
      source.tree.statements
        .flatMap(exportedNames)
        .flatMap(({ text }) => (formerWords.test(text) ? [text] : [])),
    bad: [
      ["packages/tunewise/src/plan/a.ts", "export const rowsMost = 3;\n"],
      ["packages/tunewise/src/plan/a.ts", "export function demandRow(): void {}\n"],
      ["packages/tunewise/src/plan/a.ts", "export interface AskedRow {}\n"],
    ],
    good: [
      ["packages/tunewise/src/plan/a.ts", "export const maxRows = 3;\n"],
      ["packages/tunewise/src/plan/a.ts", "const rowsMost = 3;\n"],
    ],
  },
  {
    name: "no test is left out or run alone",
    find: (source) =>
      source.isTest ? linesMatching(source, /\b(it|test|describe)\.(only|skip|todo)\b/) : [],
    bad: [
      ["packages/tunewise/src/plan/a.test.ts", `it.${"only"}("x", () => {});\n`],
      ["test/journey/a.test.ts", `describe.${"skip"}("x", () => {});\n`],
    ],
    good: [["packages/tunewise/src/plan/b.test.ts", 'it.skipIf(!python)("x", () => {});\n']],
  },
];

/** Words that the field does not use in names. */
const formerWords =
  /(?<=[a-z])(Most|Fewest|Least)(?![a-z])|^(most|fewest|least)(?=[A-Z])|(^t|T)old(?![a-z])|(^s|S)aid(?![a-z])|(^a|A)sked(?![a-z])|(^d|D)emand(?![a-z])|Misfit|(^k|K)nob/;

function exportedNames(node: ts.Statement): readonly ts.Identifier[] {
  if (
    !ts.canHaveModifiers(node) ||
    !ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  ) {
    return [];
  }
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.map(({ name }) => name).filter(ts.isIdentifier);
  }
  const { name } = node as ts.DeclarationStatement;
  return name !== undefined && ts.isIdentifier(name) ? [name] : [];
}

function linesMatching(source: Source, pattern: RegExp): string[] {
  return source.lines.flatMap((line, index) => (pattern.test(line) ? [`${index + 1}: ${line.trim()}`] : []));
}
