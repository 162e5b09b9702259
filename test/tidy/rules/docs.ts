/** @file Rules on documentation: comments that every file and every export must have. */
import ts from "typescript";
import { problemCodes } from "../../../packages/tunewise/src/problem/index.ts";
import { docsOf, fileComment, lineOf, type Source, walk } from "../sources.ts";
import type { Rule } from "./rule.ts";

/** Modules whose numbers must have a traceable source. */
const computing = [
  "math",
  "engine",
  "tokenize",
  "codescan",
  "weights",
  "plan",
  "guard",
  "evaluate",
  "search",
];

/** Calls that make an expression a formula; rounding and comparing do not. */
const mathCall = /^Math\.(exp|expm1|log|log1p|log2|sqrt|cbrt|pow|tanh|sinh|cosh|sin|cos|tan|atan|erf|hypot)$/;

const codes = new Set<string>(problemCodes());

/** The rules on documentation. Test files need none, because they are read with the code they test. */
export const docRules: readonly Rule[] = [
  {
    name: "a file opens with @file and its one idea",
    find: (source) => (source.isTest || fileComment(source) !== "" ? [] : ["1: no @file comment on top"]),
    bad: [
      ["packages/tunewise/src/plan/a.ts", "/** Adds. */\nexport const a = 1;\n"],
      ["packages/datacheck/src/a.ts", "/** Adds. */\nexport const a = 1;\n"],
    ],
    good: [
      ["packages/tunewise/src/plan/a.ts", "/** @file Adds. */\nconst a = 1;\n"],
      ["packages/tunewise/src/cli/main.ts", "#!/usr/bin/env node\n/** @file The command. */\nrun();\n"],
    ],
  },
  {
    name: "an export has a docstring",
    find: (source) =>
      skipsDocs(source)
        ? []
        : exportsOf(source)
            .filter((node) => docsOf(source, node).length === 0)
            .map((node) => `${lineOf(source, node)}: ${nameOf(node)}`),
    bad: [
      ["packages/tunewise/src/plan/a.ts", "export function a(): void {}\n"],
      ["packages/tunewise/src/plan/b.ts", "/** @file B. */\n\nexport const b = 1;\n"],
      ["web/src/views/a.tsx", "/** @file A. */\n\nexport function A() {\n  return <b />;\n}\n"],
      ["packages/tunewise/src/plan/c.ts", "/** One. */\nexport interface C {}\nexport type D = C;\n"],
    ],
    good: [
      ["packages/tunewise/src/plan/a.ts", "/** A. */\nexport function a(): void {}\n"],
      [
        "packages/tunewise/src/plan/b.ts",
        "/** @file B. */\n\n/** B. */\nexport const b = 1;\nconst c = 2;\n",
      ],
      ["packages/tunewise/src/plan/index.ts", '/** @file Room. */\nexport * from "./a.ts";\n'],
      ["packages/tunewise/src/plan/a.test.ts", "export const a = 1;\n"],
      [
        "packages/tunewise/src/plan/o.ts",
        "/** O. */\nexport function o(a: 1): 1;\nexport function o(a: 2): 2;\n",
      ],
    ],
  },
  {
    name: "a formula names its source, in modules that compute",
    find: (source) => (judgesFormulas(source) ? formulasWithoutSource(source) : []),
    bad: [
      [
        "packages/tunewise/src/plan/a.ts",
        "/** A. */\nexport function a(x: number): number {\n  return Math.exp(x);\n}\n",
      ],
      ["packages/engine/src/b.ts", "/** B. */\nconst scale = (x: number): number => x ** 2;\n"],
      ["packages/datacheck/src/codescan/c.ts", "/** C. */\nconst scale = (x: number): number => x ** 2;\n"],
    ],
    good: [
      [
        "packages/tunewise/src/plan/a.ts",
        "/** A. @source Kaplan 2020, 2 */\nfunction a(x: number) {\n  return Math.exp(x);\n}\n",
      ],
      [
        "packages/tunewise/src/plan/b.ts",
        "/** @file B.\n * @source Kaplan 2020 */\nfunction a(x: number) { return x ** 2; }\n",
      ],
      [
        "packages/tunewise/src/plan/c.ts",
        "function a(x: number) { return Math.ceil(Math.max(x, 2 ** 30)); }\n",
      ],
      ["packages/tunewise/src/cli/a.ts", "function a(x: number) { return Math.log2(x); }\n"],
    ],
  },
  {
    name: "a code named by @throws is in the problem catalog",
    find: (source) => (/^(src|packages)\//.test(source.path) ? unknownThrows(source) : []),
    bad: [
      [
        "packages/tunewise/src/plan/a.ts",
        "/** A.\n * @throws {TunewiseError} `NO_SUCH_CODE` always */\nfunction a() {}\n",
      ],
    ],
    good: [
      [
        "packages/tunewise/src/plan/a.ts",
        "/** A.\n * @throws {TunewiseError} `USAGE_INVALID` always */\nfunction a() {}\n",
      ],
    ],
  },
  {
    name: "an exported function names the codes it throws itself",
    find: (source) => (source.isTest ? [] : unlistedThrows(source)),
    bad: [
      [
        "packages/tunewise/src/plan/a.ts",
        '/** A. */\nexport function a() {\n  throw problem("USAGE_INVALID");\n}\n',
      ],
      [
        "packages/tunewise/src/plan/b.ts",
        '/** B.\n * @throws {TunewiseError} `OTHER` */\nexport const b = () => {\n  throw problem("X");\n};\n',
      ],
    ],
    good: [
      [
        "packages/tunewise/src/plan/a.ts",
        '/** A.\n * @throws {TunewiseError} `X` if */\nexport function a() {\n  throw problem("X");\n}\n',
      ],
      ["packages/tunewise/src/plan/b.ts", 'function b() {\n  throw problem("X");\n}\n'],
    ],
  },
  {
    name: "an @example is TypeScript",
    find: (source) => (source.isTest ? [] : brokenExamples(source)),
    bad: [
      [
        "packages/tunewise/src/plan/a.ts",
        "/**\n * A.\n *\n * @example const a = ;\n */\nexport const a = 1;\n",
      ],
    ],
    good: [
      [
        "packages/tunewise/src/plan/a.ts",
        "/**\n * A.\n *\n * @example\n * const b = a + 1;\n */\nexport const a = 1;\n",
      ],
    ],
  },
];

/** Whether a file needs no docs per export: a catalog file contains one table, which its `@file` line describes. */
function skipsDocs(source: Source): boolean {
  return (
    source.isTest || /^packages\/tunewise\/src\/problem\/catalog\/(?!index)|-problems\.ts$/.test(source.path)
  );
}

function judgesFormulas(source: Source): boolean {
  return source.module !== null && computing.includes(source.module) && source.isProduct;
}

function exportsOf(source: Source): ts.Node[] {
  const found: ts.Node[] = [];
  const seen = new Set<string>();
  for (const statement of source.tree.statements) {
    if (!ts.canHaveModifiers(statement)) continue;
    const exported = ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!exported) continue;
    const nodes = ts.isVariableStatement(statement)
      ? [...statement.declarationList.declarations]
      : [statement];
    for (const node of nodes) {
      const name = nameOf(node); // further overloads share the docs of the first one
      if (!(ts.isFunctionDeclaration(node) && seen.has(name))) found.push(node);
      seen.add(name);
    }
  }
  return found;
}

function nameOf(node: ts.Node): string {
  const name = (node as { name?: ts.Node }).name;
  return name === undefined ? "default" : name.getText();
}

function formulasWithoutSource(source: Source): string[] {
  if (/@source\b/.test(fileComment(source))) return [];
  const found = new Map<ts.Node, string>();
  for (const node of walk(source.tree)) {
    if (!isFormula(node)) continue;
    const owner = statementOf(node);
    if (docsOf(source, owner).some((text) => /@source\b/.test(text)) || hasSourceInside(owner)) continue;
    found.set(owner, `${lineOf(source, owner)}: ${node.getText().slice(0, 50)}`);
  }
  return [...found.values()];
}

function isFormula(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) return mathCall.test(node.expression.getText());
  if (!ts.isBinaryExpression(node)) return false;
  if (node.operatorToken.kind !== ts.SyntaxKind.AsteriskAsteriskToken) return false;
  return !ts.isNumericLiteral(node.left); // 2 ** 30 is a constant, 2 ** failures a formula
}

/** The top-level statement that contains a node. */
function statementOf(node: ts.Node): ts.Node {
  let statement = node;
  while (!ts.isSourceFile(statement.parent)) statement = statement.parent;
  return statement;
}

/** Whether a table or a class names its source inside, at a row or a method. */
function hasSourceInside(owner: ts.Node): boolean {
  return /@source\b/.test(owner.getText());
}

function unknownThrows(source: Source): string[] {
  return source.lines.flatMap((line, index) =>
    [...line.matchAll(/@throws\b.*?`([A-Z][A-Z0-9_]+)`/g)]
      .filter(([, code]) => code !== undefined && !codes.has(code))
      .map(([, code]) => `${index + 1}: ${code}`),
  );
}

function unlistedThrows(source: Source): string[] {
  const found: string[] = [];
  for (const node of exportsOf(source)) {
    const docs = `${docsOf(source, node).join("\n")}\n${memberDocs(node)}`;
    for (const inner of walk(node)) {
      const code = ts.isThrowStatement(inner) ? thrownCode(inner.expression) : undefined;
      if (code !== undefined && !new RegExp(`@throws[^@]*${code}`).test(docs)) {
        found.push(`${lineOf(source, inner)}: ${code} in ${nameOf(node)}`);
      }
    }
  }
  return found;
}

/** All docs inside a class or an object, which count for its methods. */
function memberDocs(node: ts.Node): string {
  return ts.isFunctionDeclaration(node)
    ? ""
    : (node.getFullText().match(/\/\*\*[\s\S]*?\*\//g) ?? []).join("\n");
}

function thrownCode(node: ts.Expression): string | undefined {
  if (!ts.isCallExpression(node) || node.expression.getText() !== "problem") return undefined;
  const code = node.arguments[0];
  return code !== undefined && ts.isStringLiteral(code) ? code.text : undefined;
}

function brokenExamples(source: Source): string[] {
  const found: string[] = [];
  for (const [comment] of source.text.matchAll(/\/\*\*(?:[^*]|\*(?!\/))*\*\//g)) {
    for (const [, example] of comment.matchAll(/@example\b([^@]*)/g)) {
      const code = (example ?? "").replace(/\*\/\s*$|```\w*/gm, "").replace(/^\s*\* ?/gm, "");
      const { diagnostics } = ts.transpileModule(code, { reportDiagnostics: true });
      if ((diagnostics?.length ?? 0) > 0) found.push(`1: ${code.trim().slice(0, 60)}`);
    }
  }
  return found;
}
