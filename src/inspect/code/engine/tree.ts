/**
 * @file A syntax tree as plain objects: carried over from the parser once, without recursion and with a limit.
 */

/** A node of tree-sitter's concrete tree; offsets count UTF-16 units. */
export interface Node {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  /** Punctuation and keywords are not. */
  readonly named: boolean;
  readonly children: readonly Node[];
}

/** A tree with its text. */
export interface Tree {
  readonly root: Node;
  readonly text: string;
  /** Where the parser met what it could not read. */
  readonly broken: readonly Node[];
}

/** What is asked of a parser's node. */
interface Given {
  kind(): string | number;
  range(): { start: { index: number }; end: { index: number } };
  isNamed(): boolean;
  children(): Given[];
}

/** Nodes that are carried over; a text of 1 MB has about 300,000. What lies beyond is left out. */
const nodesMost = 600_000;

/** Carries a parser's tree over. */
export function flatTree(given: Given, text: string): Tree {
  const broken: Node[] = [];
  const root = nodeOf(given);
  const waiting: [Given, { children: Node[] }][] = [[given, root]];
  for (let count = 1; count < nodesMost; ) {
    const next = waiting.pop();
    if (next === undefined) break;
    for (const child of next[0].children()) {
      const made = nodeOf(child);
      count += 1;
      next[1].children.push(made);
      if (made.kind === "ERROR" || (made.start === made.end && made.named)) broken.push(made);
      else if (made.kind === "comment") continue;
      waiting.push([child, made]);
    }
  }
  return { root, text, broken };
}

function nodeOf(given: Given): Node & { children: Node[] } {
  const { start, end } = given.range();
  return {
    ...{ kind: String(given.kind()), start: start.index, end: end.index },
    ...{ named: given.isNamed(), children: [] },
  };
}

/** The node's source. */
export function sourceOf(tree: Tree, node: Node): string {
  return tree.text.slice(node.start, node.end);
}

/** The children that are neither punctuation nor comments. */
export function parts(node: Node): Node[] {
  return node.children.filter(({ named, kind }) => named && kind !== "comment" && kind !== "line_comment");
}

/** The first child of one of these kinds. */
export function part(node: Node, ...kinds: readonly string[]): Node | undefined {
  return node.children.find(({ kind }) => kinds.includes(kind));
}

/** The first named child behind the given word or mark, as in `= value`. */
export function behind(node: Node, mark: string): Node | undefined {
  const at = node.children.findIndex(({ kind }) => kind === mark);
  if (at < 0) return undefined;
  return node.children.slice(at + 1).find(({ named, kind }) => named && kind !== "comment");
}

/** Whether the word or mark is among the children. */
export function hasMark(node: Node, mark: string): boolean {
  return node.children.some(({ kind }) => kind === mark);
}
