/** @file Units of a text of code for judging findings: innermost functions, and blocks of lines outside of them. */

import { createRequire } from "node:module";
import { parse, registerDynamicLanguage } from "@ast-grep/napi";

const load = createRequire(new URL("../../packages/codescan/package.json", import.meta.url));
const dynamic = {};
// all that the scanner reads: what is registered first stays
for (const name of ["python", "java", "cpp", "csharp", "go", "php", "rust", "bash"]) {
  try {
    dynamic[name] = load(`@ast-grep/lang-${name}`);
  } catch {
    // not installed: blocks of lines
  }
}
registerDynamicLanguage(dynamic);
const own = { javascript: "JavaScript", typescript: "TypeScript", tsx: "Tsx" };

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

/** For each line of the text, counted from 1, the number of its unit, counted from 0; `undefined` for lines of none. */
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

/** Outer functions before those inside them; a function of one line belongs to what is around it. */
function functionsOf(text, language) {
  const kind = own[language] ?? (dynamic[language] ? language : undefined);
  if (kind === undefined) return [];
  const found = [];
  const waiting = [parse(kind, text).root()];
  while (waiting.length > 0) {
    const node = waiting.pop();
    const { start, end } = node.range();
    if (functions.includes(node.kind()) && end.line > start.line)
      found.push({ first: start.line + 1, last: end.line + 1 });
    waiting.push(...node.children());
  }
  return found.sort((a, b) => a.first - b.first || b.last - a.last);
}
