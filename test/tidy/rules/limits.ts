/**
 * @file Limits: regular expressions that stay linear, JSON that is bounded before it is parsed.
 */
import ts from "typescript";
import { lineOf, type Source, walk } from "../sources.ts";
import type { Rule } from "./rule.ts";

/** The rules on limits. */
export const limitRules: readonly Rule[] = [
  {
    name: "no regular expression repeats a repetition",
    find: (source) => (isProduct(source) ? nestedRepetitions(source) : []),
    bad: [
      ["src/dataset/a.ts", "const a = /(a+)+b/;\n"],
      ["src/dataset/b.ts", "const b = /^(?:[a-z]*,)*$/;\nconst c = /(\\w+\\s?)*x/;\n"],
    ],
    good: [
      ["src/dataset/a.ts", "const a = /^[a-z]+(?:-[a-z]+)?$/;\n"],
      ["src/dataset/b.ts", "const b = /(?:[(+*]){2}a+/;\n"],
      ["src/recipe/c.ts", "const c = /^[a-z]+(?:-[a-z]+)*$/;\n"],
    ],
  },
  {
    name: "a regular expression is written down, or put together from escaped text",
    find: (source) => (isProduct(source) ? builtExpressions(source) : []),
    bad: [
      ["src/dataset/a.ts", "const a = new RegExp(word);\n"],
      ["src/dataset/b.ts", "const b = new RegExp(`^${word}$`);\n"],
    ],
    good: [
      ["src/dataset/a.ts", 'const a = new RegExp("[a-z]", "v");\n'],
      ["src/dataset/d.ts", 'const part = "[a-z]";\nconst d = new RegExp(`^${part}$`);\n'],
      ["src/dataset/b.ts", 'const b = new RegExp(words.map(escapeExpression).join("|"), "u");\n'],
      ["src/dataset/c.ts", 'const c = new RegExp(word.replace(/[.*+?^${}()|[\\]\\\\]/g, "\\\\$&"));\n'],
    ],
  },
  {
    name: "a file that reads user files names its limit",
    find: (source) => (isProduct(source) ? unlimitedReaders(source) : []),
    bad: [
      ["src/dataset/a.ts", 'const text = await readFile(path, "utf8");\n'],
      ["src/engine/files/b.ts", "const all = readFileSync(path);\n"],
    ],
    good: [
      ["src/dataset/a.ts", "const maxFileBytes = 1e9;\nconst text = await readFile(path);\n"],
      ["src/engine/files/b.ts", "const MAX_HEADER_BYTES = 1e8;\nconst all = readFileSync(path);\n"],
      ["src/cli/c.ts", "const all = readFileSync(path);\n"],
    ],
  },
];

/** Rooms that read what users hand in. */
const readerRooms = ["dataset", "recipe", "engine", "catalog"];

function isProduct(source: Source): boolean {
  return source.path.startsWith("src/") && !source.isTest;
}

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
 * Whether a group that is itself repeated without bound holds an unbounded repetition that it could also reach
 * by repeating: one that is not fenced off by a literal at the group's start.
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
    const escaped = /\bescape\w*\b|\.replace\(\/\[/.test(pattern?.getText() ?? "");
    if (!escaped) {
      found.push(`${lineOf(source, node)}: ${node.getText().slice(0, 60)}`);
    }
  }
  return found;
}

/** A literal, or a template of names that the file binds to literals. */
function isConstantText(source: Source, text: ts.Expression): boolean {
  if (ts.isStringLiteralLike(text)) return true;
  if (ts.isTaggedTemplateExpression(text)) return ts.isNoSubstitutionTemplateLiteral(text.template);
  if (!ts.isTemplateExpression(text)) return false;
  return text.templateSpans.every(({ expression }) =>
    [...walk(source.tree)].some(
      (node) =>
        ts.isVariableDeclaration(node) &&
        node.name.getText() === expression.getText() &&
        node.initializer !== undefined &&
        isConstantText(source, node.initializer),
    ),
  );
}

function unlimitedReaders(source: Source): string[] {
  if (source.room === null || !readerRooms.includes(source.room)) return [];
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
