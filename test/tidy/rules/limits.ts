/** @file Rules on limits: regular expressions with linear time, and bounds on JSON before parsing. */
import ts from "typescript";
import { lineOf, type Source, walk } from "../sources.ts";
import type { Rule } from "./rule.ts";

/** The rules on limits. */
export const limitRules: readonly Rule[] = [
  {
    name: "no regular expression repeats a repetition",
    find: (source) => (source.isProduct ? nestedRepetitions(source) : []),
    bad: [
      ["packages/datacheck/src/dataset/a.ts", "const a = /(a+)+b/;\n"],
      ["packages/datacheck/src/a.ts", "const a = /(a+)+b/;\n"],
      ["packages/datacheck/src/dataset/b.ts", "const b = /^(?:[a-z]*,)*$/;\nconst c = /(\\w+\\s?)*x/;\n"],
    ],
    good: [
      ["packages/datacheck/src/dataset/a.ts", "const a = /^[a-z]+(?:-[a-z]+)?$/;\n"],
      ["packages/datacheck/src/dataset/b.ts", "const b = /(?:[(+*]){2}a+/;\n"],
      ["packages/tunewise/src/recipe/c.ts", "const c = /^[a-z]+(?:-[a-z]+)*$/;\n"],
    ],
  },
  {
    name: "a regular expression is written down, or put together from escaped text",
    find: (source) => (source.isProduct ? builtExpressions(source) : []),
    bad: [
      ["packages/datacheck/src/dataset/a.ts", "const a = new RegExp(word);\n"],
      ["packages/datacheck/src/a.ts", "const a = new RegExp(word);\n"],
      ["packages/datacheck/src/dataset/b.ts", "const b = new RegExp(`^${word}$`);\n"],
    ],
    good: [
      ["packages/datacheck/src/dataset/a.ts", 'const a = new RegExp("[a-z]", "v");\n'],
      ["packages/datacheck/src/dataset/d.ts", 'const part = "[a-z]";\nconst d = new RegExp(`^${part}$`);\n'],
      [
        "packages/datacheck/src/dataset/b.ts",
        'const b = new RegExp(words.map(escapeExpression).join("|"), "u");\n',
      ],
      [
        "packages/datacheck/src/dataset/e.ts",
        "const e = withDeadline(1, () => new RegExp(word).test(text));\n",
      ],
      [
        "packages/datacheck/src/dataset/c.ts",
        'const c = new RegExp(word.replace(/[.*+?^${}()|[\\]\\\\]/g, "\\\\$&"));\n',
      ],
    ],
  },
  {
    name: "files are opened for reading by untrusted/ alone, which refuses what is none",
    find: (source) => (source.isProduct ? otherReads(source) : []),
    bad: [
      [
        "packages/datacheck/src/dataset/a.ts",
        'import { open } from "node:fs/promises";\nconst a = await open(path);\n',
      ],
      [
        "packages/tunewise/src/app/b.ts",
        'import { readFile } from "node:fs/promises";\nconst b = await readFile(path);\n',
      ],
      [
        "packages/tracker/src/c.ts",
        'import { createReadStream } from "node:fs";\nconst c = createReadStream(path);\n',
      ],
      [
        "packages/engine/src/d.ts",
        'import { open } from "node:fs/promises";\nconst d = await open(path, "r");\n',
      ],
      ["packages/datacheck/src/e.ts", 'import { readFileSync } from "node:fs";\nreadFileSync(path);\n'],
    ],
    good: [
      [
        "packages/datacheck/src/dataset/a.ts",
        'import { open } from "node:fs/promises";\nconst a = await open(path, "wx");\n',
      ],
      [
        "packages/core/src/untrusted/b.ts",
        'import { open } from "node:fs/promises";\nconst b = await open(path);\n',
      ],
      [
        "packages/tunewise/src/launch/c.ts",
        'import { readFileSync } from "node:fs";\nconst c = readFileSync("/proc/stat");\n',
      ],
      ["packages/tunewise/src/app/d.ts", "const d = await corpus.open(path);\n"],
    ],
  },
  {
    name: "a file that reads user files names its limit",
    find: (source) => (source.isProduct ? unlimitedReaders(source) : []),
    bad: [
      ["packages/datacheck/src/dataset/a.ts", 'const text = await readFile(path, "utf8");\n'],
      ["packages/engine/src/weights/b.ts", "const all = readFileSync(path);\n"],
    ],
    good: [
      [
        "packages/datacheck/src/dataset/a.ts",
        "const maxFileBytes = 1e9;\nconst text = await readFile(path);\n",
      ],
      [
        "packages/engine/src/weights/b.ts",
        "const MAX_HEADER_BYTES = 1e8;\nconst all = readFileSync(path);\n",
      ],
      ["packages/tunewise/src/cli/c.ts", "const all = readFileSync(path);\n"],
    ],
  },
];

/**
 * Modules that open files of this program or of the system directly. `cli` reads its own package, `launch` the process
 * table and its meter.
 */
const ownFiles: readonly RegExp[] = [
  /^(packages\/tunewise\/src\/(cli|launch)|packages\/core\/src\/untrusted)\//,
  /^packages\/tracker\/src\/(lock|process-table|file-operations)\.ts$/, // files of this machine and folder syncs
  /^packages\/engine\/src\/weights\/atomic-file\.ts$/, // folder syncs
  /^packages\/tunewise\/src\/runtime\/processor\.ts$/, // the system's description of the CPU
];

function otherReads(source: Source): string[] {
  if (ownFiles.some((own) => own.test(source.path))) return [];
  const imported = new Set<string>();
  const found: string[] = [];
  for (const node of walk(source.tree)) {
    if (ts.isImportDeclaration(node) && /^"node:fs/.test(node.moduleSpecifier.getText(source.tree))) {
      const names = node.importClause?.namedBindings;
      if (names && ts.isNamedImports(names)) for (const { name } of names.elements) imported.add(name.text);
    }
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) continue;
    const name = node.expression.text;
    if (!imported.has(name) || !/^(open|openSync|readFile|readFileSync|createReadStream)$/.test(name))
      continue;
    const mode = node.arguments[1]?.getText(source.tree) ?? '"r"';
    if (!/^open/.test(name) || mode === '"r"') {
      found.push(`${lineOf(source, node)}: ${node.getText(source.tree).slice(0, 60)}`);
    }
  }
  return found;
}

/** Modules that read user input. */
const readerModules = ["dataset", "recipe", "engine", "catalog", "weights", "hub", "tokenize"];

function nestedRepetitions(source: Source): string[] {
  const found: string[] = [];
  for (const node of walk(source.tree)) {
    if (ts.isRegularExpressionLiteral(node) && repeatsRepetition(node.text)) {
      found.push(`${lineOf(source, node)}: ${node.text}`);
    }
  }
  return found;
}

/**
 * Whether a group with unbounded repetition contains another unbounded repetition, not separated by a literal at the
 * start of the group. Such patterns can take exponential time.
 */
function repeatsRepetition(literal: string): boolean {
  const plain = literal.replace(/\\./g, "e").replace(/\[(?:[^\]])*\]/g, "c");
  const group = /\((?:\?(?:[:=!]|<[=!]?\w*>?))?([^()]*)\)(?:[*+]|\{\d+,\})/g;
  for (const [, body] of plain.matchAll(group)) {
    const fenced = /^[-,;:./_ |]/.test(body ?? "");
    if (!fenced && /[*+]|\{\d+,\}/.test(body ?? "")) return true;
  }
  return false;
}

function builtExpressions(source: Source): string[] {
  const found: string[] = [];
  for (const node of walk(source.tree)) {
    if (!ts.isNewExpression(node) || node.expression.getText() !== "RegExp") continue;
    const pattern = node.arguments?.[0];
    if (pattern !== undefined && isConstantText(source, pattern)) continue;
    if (isUnderDeadline(node)) continue;
    const escaped = /\bescape\w*\b|\.replace\(\/\[/.test(pattern?.getText() ?? "");
    if (!escaped) {
      found.push(`${lineOf(source, node)}: ${node.getText().slice(0, 60)}`);
    }
  }
  return found;
}

/** Whether an expression is an argument of `withDeadline`: a user's own pattern. */
function isUnderDeadline(node: ts.Node): boolean {
  for (let one: ts.Node = node; one.parent !== undefined; one = one.parent) {
    if (ts.isCallExpression(one.parent) && one.parent.expression.getText() === "withDeadline") return true;
  }
  return false;
}

/** Whether an expression is a literal, or a template of names that the file binds to literals. */
function isConstantText(source: Source, text: ts.Expression): boolean {
  if (ts.isStringLiteralLike(text)) return true;
  if (ts.isTaggedTemplateExpression(text)) return ts.isNoSubstitutionTemplateLiteral(text.template);
  if (!ts.isTemplateExpression(text)) return false;
  return text.templateSpans.every(({ expression }) =>
    walk(source.tree).some(
      (node) =>
        ts.isVariableDeclaration(node) &&
        node.name.getText() === expression.getText() &&
        node.initializer !== undefined &&
        isConstantText(source, node.initializer),
    ),
  );
}

function unlimitedReaders(source: Source): string[] {
  if (source.module === null || !readerModules.includes(source.module)) return [];
  if (/\b(MAX_|max[A-Z]|\w*Limit\b)/.test(source.text)) return [];
  const found: string[] = [];
  for (const node of walk(source.tree)) {
    if (!ts.isCallExpression(node)) continue;
    const name = /\w+$/.exec(node.expression.getText())?.[0] ?? "";
    if (/^(readFile|readFileSync|createReadStream)$/.test(name)) {
      found.push(`${lineOf(source, node)}: ${name} without a named maximum in this file`);
    }
  }
  return found;
}
