/** @file A syntax tree as plain objects, copied from the parser once, without recursion and with a size limit. */

/** A node of tree-sitter's concrete tree; offsets count UTF-16 units. */
export interface Node {
  readonly kind: string;
  /** 0 for punctuation and keywords. */
  readonly start: number;
  readonly end: number;
  /** Punctuation and keywords are not. */
  readonly named: boolean;
  readonly children: readonly Node[];
}

/** A tree and its text. */
export interface Tree {
  readonly root: Node;
  readonly text: string;
  /** Nodes that the parser could not read. */
  readonly broken: readonly Node[];
}

/** The properties read from a node of `@vscode/tree-sitter-wasm`; offsets count UTF-16 units. */
interface ParserNode {
  readonly type: string;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly isNamed: boolean;
  readonly children: readonly (ParserNode | null)[];
}

/** Max nodes copied. 400,000 characters of code have about 120,000 nodes. The rest is dropped. */
const maxNodes = 250_000;
/** Max levels copied: code that recurses over the tree would overflow the stack on 10,000 nested brackets. */
const maxLevels = 1_500;

/** Kinds without children in all grammars. Skipping them saves parser calls, which take microseconds each. */
const leaves = new Set([
  ...[
    "identifier",
    "property_identifier",
    "type_identifier",
    "field_identifier",
    "variable_name",
    "word",
    "number",
  ],
  ...[
    "string_content",
    "string_start",
    "string_end",
    "string_fragment",
    "escape_sequence",
    "comment",
    "line_comment",
  ],
  ...["integer", "float", "true", "false", "none", "null", "this", "shorthand_property_identifier"],
]);

/** Copies a parser's tree. */
export function flatTree(given: ParserNode, text: string): Tree {
  const broken: Node[] = [];
  const root = nodeOf(given, given.type);
  const waiting: [given: ParserNode, made: { children: Node[] }, level: number][] = [[given, root, 1]];
  for (let count = 1; count < maxNodes; ) {
    const next = waiting.pop();
    if (next === undefined) break;
    const [parent, { children }, level] = next;
    for (const child of parent.children) {
      if (child === null) continue;
      const kind = child.type;
      const made = nodeOf(child, kind);
      count += 1;
      children.push(made);
      if (!made.named) continue;
      if (kind === "ERROR" || made.start === made.end) broken.push(made);
      if (!leaves.has(kind) && level < maxLevels) waiting.push([child, made, level + 1]);
    }
  }
  return { root, text, broken };
}

/** Punctuation and keywords get no offsets, since no code reads them. */
function nodeOf(given: ParserNode, kind: string): Node & { children: Node[] } {
  const named = leaves.has(kind) || (/^\w/.test(kind) && given.isNamed);
  const [start, end] = named ? [given.startIndex, given.endIndex] : [0, 0];
  return { kind, start, end, named, children: [] };
}

/** The source of a node. */
export function sourceOf(tree: Tree, node: Node): string {
  return tree.text.slice(node.start, node.end);
}

/** The children except punctuation and comments. */
export function parts(node: Node): Node[] {
  return node.children.filter(({ named, kind }) => named && kind !== "comment" && kind !== "line_comment");
}

/** The first child of one of these kinds. */
export function part(node: Node, ...kinds: readonly string[]): Node | undefined {
  return node.children.find(({ kind }) => kinds.includes(kind));
}

/** The first named child after a keyword or punctuation, as in `= value`. */
export function behind(node: Node, mark: string): Node | undefined {
  const at = node.children.findIndex(({ kind }) => kind === mark);
  if (at < 0) return undefined;
  return node.children.slice(at + 1).find(({ named, kind }) => named && kind !== "comment");
}

/** Whether a keyword or punctuation is among the children. */
export function hasMark(node: Node, mark: string): boolean {
  return node.children.some(({ kind }) => kind === mark);
}
