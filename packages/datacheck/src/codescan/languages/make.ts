/** @file Builds nodes of the common syntax. Several lowerings share these functions. */
import type { Argument, CallExpr, Expr, MemberExpr, NameExpr, Span, Statement } from "../engine/syntax.ts";
import { type Node, part, parts, type Tree } from "../engine/tree.ts";
import { chainOf } from "./chain.ts";
import { nested, nothingAt, nowhere } from "./nesting.ts";

/** The state of a lowering; `block` lowers a body of statements. */
export interface Lowering {
  readonly tree: Tree;
  readonly expression: (at: Lowering, node: Node) => Expr;
  readonly statement: (at: Lowering, node: Node) => Statement[];
  /** Names that a lowering has to remember: text buffers, keys of a request. */
  readonly noted: Set<string>;
  depth: number;
}

/** Lowers an expression. One that is nested too deeply becomes an unknown value. */
export function lowerExpression(at: Lowering, node: Node | undefined): Expr {
  if (node === undefined) return nothingAt(nowhere);
  return nested<Expr>(at, nothingAt(node), () => at.expression(at, node));
}

/** Lowers the statements below a node; none if they are nested too deeply. */
export function lowerBlock(at: Lowering, node: Node | undefined): Statement[] {
  return node === undefined ? [] : lowerAll(at, codeOf(node));
}

/** Lowers each of these nodes to statements. */
export function lowerAll(at: Lowering, nodes: readonly Node[]): Statement[] {
  return nested<Statement[]>(at, [], () => nodes.flatMap((one) => at.statement(at, one)));
}

/** Lowers each child to an expression, as for the arguments of a call. */
export function lowerEach(at: Lowering, list: Node): Expr[] {
  return codeOf(list).map((one) => lowerExpression(at, one));
}

/** The named children except comments of any kind. */
export function codeOf(node: Node): Node[] {
  return parts(node).filter(({ kind }) => kind !== "block_comment");
}

/** An empty node, in place of a missing part of a broken tree. */
export const noNode: Node = { kind: "", start: 0, end: 0, named: false, children: [] };

/** The first child of one of these kinds, or an empty node. */
export function child(node: Node, ...kinds: readonly string[]): Node {
  return part(node, ...kinds) ?? noNode;
}

/** A name. */
export function nameAt({ start, end }: Span, name: string): NameExpr {
  return { kind: "name", name, start, end };
}

/** `object.name`. */
export function memberAt({ start, end }: Span, object: Expr, name: string): MemberExpr {
  return { kind: "member", object, name, start, end };
}

/** A call with positional arguments. */
export function callAt({ start, end }: Span, callee: Expr, args: readonly Expr[]): CallExpr {
  return { kind: "call", callee, args: args.map((value): Argument => ({ value })), start, end };
}

/** An operation. */
export function operationAt({ start, end }: Span, operator: string, operands: readonly Expr[]): Expr {
  return { kind: "operation", operator, operands, start, end };
}

/** Constant text. */
export function textAt({ start, end }: Span, text: string): Expr {
  return { kind: "text", pieces: [text], start, end };
}

/** `target = value`. */
export function assignAt({ start, end }: Span, target: Expr, value: Expr): Statement {
  return { kind: "assign", target, value, start, end };
}

/** The text if it is constant. */
export function constantText(expr: Expr | undefined): string | undefined {
  if (expr?.kind !== "text" || !expr.pieces.every((one) => typeof one === "string")) return undefined;
  return expr.pieces.join("");
}

/** Lowers a chain of one operator to one operation; `words` maps operators to the names of the common syntax. */
export function chainAt(at: Lowering, node: Node, words: Readonly<Record<string, string>>): Expr {
  const { operator, operands } = chainOf(node, codeOf);
  const values = operands.map((one) => lowerExpression(at, one));
  return operationAt(node, words[operator] ?? operator, values);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "0": "\0" };

/** The character that an escape such as `\n` or `\"` denotes. */
export function unescaped(source: string): string {
  const mark = source.slice(1);
  return escapes[mark] ?? (/^[\\'"$`]$/.test(mark) ? mark : source);
}

/** Branches selected by a value. A `break` at the end of a branch ends only the branch. */
export function branchesOf(
  subject: Expr | undefined,
  cases: readonly {
    readonly labels: readonly Expr[];
    readonly body: readonly Statement[];
    readonly at: Span;
  }[],
): Statement[] {
  return cases.map(({ labels, body, at }): Statement => {
    const { start, end } = at;
    const [label] = labels;
    const other: Expr = { kind: "other", parts: [...labels], start, end };
    const entries = labels.map((value) => ({ value }));
    const chosen: Expr =
      subject === undefined
        ? (label ?? other)
        : operationAt(at, "in", [subject, { kind: "group", entries, start, end }]);
    const last = body.at(-1);
    const met = last?.kind === "stop" && last.word === "break" ? body.slice(0, -1) : body;
    return { kind: "if", test: label === undefined ? other : chosen, met, otherwise: [], start, end };
  });
}
