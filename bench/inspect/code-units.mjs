/**
 * @file Units of code for judging findings: innermost functions, blocks of lines outside functions, and statements.
 */

import { createRequire } from "node:module";
import wasm from "@vscode/tree-sitter-wasm";

const { resolve } = createRequire(import.meta.url);
await wasm.Parser.init();
const parser = new wasm.Parser();
const grammars = {};
for (const name of [
  "python",
  "javascript",
  "typescript",
  "tsx",
  "java",
  "c-sharp",
  "go",
  "php",
  "rust",
  "bash",
]) {
  const file = resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`);
  grammars[{ "c-sharp": "csharp", bash: "shell" }[name] ?? name] = await wasm.Language.load(file);
}

/** The root of a text's syntax tree; its memory is not freed before the program ends. */
export function parseCode(text, language) {
  parser.setLanguage(grammars[language]);
  return parser.parse(text).rootNode;
}

const functions = [
  ...["function_definition", "function_declaration", "generator_function_declaration", "function_expression"],
  ...["arrow_function", "method_definition", "method_declaration", "constructor_declaration", "func_literal"],
  ...[
    "local_function_statement",
    "accessor_declaration",
    "property_declaration",
    "anonymous_method_expression",
    "function_item",
  ],
];

/** The unit of each line: lines count from 1, units from 0; `undefined` for lines without a unit. */
export function unitsOf(text, language) {
  const lines = text.split("\n");
  const unitOf = new Array(lines.length + 1).fill(undefined);
  let count = 0;
  for (const { first, last } of functionsOf(text, language)) unitOf.fill(count++, first, last + 1);
  let isOpen = false;
  for (let line = 1; line <= lines.length; line++) {
    const isOutside = unitOf[line] === undefined && lines[line - 1].trim() !== "";
    if (isOutside && !isOpen) count += 1;
    if (isOutside) unitOf[line] = count - 1;
    isOpen = isOutside;
  }
  return unitOf;
}

/**
 * The innermost statement of each line, as `{ first, last }` by line from 1. A statement with inner statements, such as
 * a loop, ends before them. A line without a statement, such as a closing brace, is its own unit.
 */
export function statementsOf(text, language) {
  const lines = text.split("\n");
  const statementOf = lines.map((_, at) => ({ first: at + 1, last: at + 1 }));
  const found = spansOf(text, language, (kind) => isStatement.test(kind));
  for (const [at, { first, last }] of found.entries()) {
    // if the next span is inside this one, the header of this one ends there
    const inner = found[at + 1];
    const end = inner !== undefined && inner.first <= last ? Math.max(first, inner.first - 1) : last;
    for (let line = first; line <= end; line++) statementOf[line - 1] = { first, last: end };
  }
  return [undefined, ...statementOf];
}

const isStatement = /statement$|declaration$|^declaration$|_definition$|^decorator$|_clause$|_item$/;

/** Functions, outer ones before inner ones; a one-line function belongs to the surrounding code. */
function functionsOf(text, language) {
  return spansOf(text, language, (kind) => functions.includes(kind)).filter(
    ({ first, last }) => last > first,
  );
}

/** The nodes of some kinds with their first and last line, outer nodes before inner ones. */
export function spansOf(text, language, isWanted) {
  if (grammars[language] === undefined) return [];
  const found = [];
  const waiting = [parseCode(text, language)];
  while (waiting.length > 0) {
    const node = waiting.pop();
    const { row: first } = node.startPosition;
    if (isWanted(node.type)) found.push({ first: first + 1, last: node.endPosition.row + 1, node });
    waiting.push(...node.children);
  }
  return found.sort((a, b) => a.first - b.first || b.last - a.last);
}
