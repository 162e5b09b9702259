/** @file Reads YAML from other programs as plain texts, and checks its nesting depth before any recursive parsing. */
import { isMap, isScalar, isSeq, Lexer, type Node, Parser, parseDocument } from "yaml";

/** Max. nesting depth of YAML from other programs. */
const DEPTH_LIMIT = 16;

/**
 * Parses YAML written by another program, with every scalar as verbatim text, so that no word becomes a number.
 * Aliases, duplicate keys and several documents are rejected.
 *
 * @param maxCharacters max. length of the text
 * @returns plain objects without prototype, arrays and texts; `undefined` if the text is not such YAML
 */
export function readYamlTexts(text: string, maxCharacters: number): unknown {
  if (text.length > maxCharacters || yamlTooDeepAt(text, DEPTH_LIMIT) !== null) return undefined;
  const document = parseDocument(text, {
    version: "1.1",
    schema: "failsafe",
    uniqueKeys: true,
    logLevel: "error",
  });
  return document.errors.length > 0 ? undefined : textsOf(document.contents, 0);
}

/**
 * Offset at which a text exceeds the max. nesting depth; `null` if it never does. `parseDocument` is recursive:
 * thousands of brackets overflow its stack, which it reports as a syntax error, or which ends the process. This check
 * reads tokens without recursion.
 *
 * @param maxDepth levels of collections; the parser uses up to four stack frames for each
 */
export function yamlTooDeepAt(text: string, maxDepth: number): number | null {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > 4 * maxDepth) return parser.offset;
  }
  return null;
}

function textsOf(node: Node | null, depth: number): unknown {
  if (depth > DEPTH_LIMIT || node === null) return "";
  if (isScalar(node)) return String(node.value ?? "");
  if (isSeq(node)) return node.items.map((item) => textsOf(item as Node, depth + 1));
  if (!isMap(node)) return "";
  const result: Record<string, unknown> = Object.create(null);
  for (const { key, value } of node.items) {
    if (isScalar(key)) result[String(key.value)] = textsOf(value as Node | null, depth + 1);
  }
  return result;
}
