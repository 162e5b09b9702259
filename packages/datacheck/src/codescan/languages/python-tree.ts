/** @file Lowers Python's expressions to the common syntax. */
import type { Argument, Expr, FunctionMade, IndexExpr, OtherExpr, Parameter } from "../engine/syntax.ts";
import { behind, hasMark, type Node, part, parts, sourceOf, type Tree } from "../engine/tree.ts";
import { chainOf } from "./chain.ts";
import { nested, nothingAt, nowhere } from "./nesting.ts";

/** The state of a lowering. */
export interface Lowering {
  readonly tree: Tree;
  depth: number;
}

/** Lowers an expression. One that is nested too deeply becomes an unknown value. */
export function expression(at: Lowering, node: Node | undefined): Expr {
  if (node === undefined) return nothingAt(nowhere);
  return nested<Expr>(at, nothingAt(node), () => lowered(at, node));
}

const wrappers = new Set([
  "parenthesized_expression",
  "await",
  "expression_statement",
  "type",
  "list_splat",
  "interpolation",
]);

function lowered(at: Lowering, node: Node): Expr {
  const { start, end, kind } = node;
  const inner = parts(node);
  const [first, second] = inner;
  if (wrappers.has(kind) && first !== undefined) {
    return inner.length === 1 || kind === "interpolation" ? expression(at, first) : tuple(at, node);
  }
  switch (kind) {
    case "identifier":
    case "keyword_identifier":
      return { kind: "name", name: sourceOf(at.tree, node), start, end };
    case "attribute":
      return {
        kind: "member",
        object: expression(at, first),
        start,
        end,
        name: inner.length > 1 ? sourceOf(at.tree, inner.at(-1) ?? node) : "",
      };
    case "subscript":
      return {
        kind: "index",
        object: expression(at, first),
        index: expression(at, second),
        start,
        end,
        ...(second?.kind === "slice" ? { slice: sliceOf(at, second) } : {}),
      };
    case "call":
      return call(at, node, inner);
    case "string":
    case "concatenated_string":
      return text(at, node);
    case "integer":
    case "float":
      return { kind: "constant", value: numberOf(sourceOf(at.tree, node)), start, end };
    case "true":
    case "false":
    case "none":
      return { kind: "constant", value: kind === "none" ? null : kind === "true", start, end };
    case "list":
    case "tuple":
    case "set":
    case "expression_list":
    case "pattern_list":
    case "tuple_pattern":
    case "list_pattern":
      return tuple(at, node);
    case "dictionary":
      return dictionary(at, node);
    case "binary_operator":
    case "boolean_operator":
      return chain(at, node);
    case "comparison_operator":
      return comparison(at, node, inner);
    case "not_operator":
      return { kind: "operation", operator: "not", operands: [expression(at, first)], start, end };
    case "unary_operator":
      return unary(at, node, first);
    case "conditional_expression":
      return {
        kind: "choice",
        start,
        end,
        met: expression(at, first),
        test: expression(at, second),
        otherwise: expression(at, inner[2]),
      };
    case "named_expression":
      return expression(at, inner.at(-1));
    case "lambda":
      return { kind: "function", made: lambda(at, node), start, end };
    case "list_comprehension":
    case "set_comprehension":
    case "generator_expression":
    case "dictionary_comprehension":
      return comprehension(at, node, inner);
    default:
      return { kind: "other", parts: inner.map((one) => expression(at, one)), start, end };
  }
}

function numberOf(source: string): number {
  const plain = source.replaceAll("_", "").replace(/^0([0-7]+)$/, "0o$1");
  const value = Number(plain);
  return Number.isNaN(value) ? 0 : value;
}

function unary(at: Lowering, { start, end }: Node, first: Node | undefined): Expr {
  const value = expression(at, first);
  if (value.kind === "constant" && typeof value.value === "number")
    return { ...value, value: -value.value, start, end };
  return { kind: "other", parts: [value], start, end };
}

/** Lowers `from:to`. A slice with a step has no known bounds. */
function sliceOf(at: Lowering, { children, start, end }: Node): NonNullable<IndexExpr["slice"]> {
  const colons = children.flatMap(({ kind }, index) => (kind === ":" ? [index] : []));
  const [colon = 0, step] = colons;
  const from = children.slice(0, colon).find(({ named }) => named);
  const to = children.slice(colon + 1).find(({ named }) => named);
  if (step !== undefined) return { from: nothingAt({ start, end }) };
  return {
    ...(from === undefined ? {} : { from: expression(at, from) }),
    ...(to === undefined ? {} : { to: expression(at, to) }),
  };
}

function tuple(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const entries = parts(node).map((one) => ({
    value: expression(at, one),
    spread: one.kind === "list_splat",
  }));
  return { kind: "group", entries, start, end };
}

function dictionary(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const entries = parts(node).map((one) => {
    const [key, value] = parts(one);
    return one.kind === "pair"
      ? { key: expression(at, key), value: expression(at, value) }
      : { value: expression(at, key), spread: true };
  });
  return { kind: "group", entries, start, end };
}

function chain(at: Lowering, node: Node): Expr {
  const { operator, operands } = chainOf(node);
  const { start, end } = node;
  return { kind: "operation", operator, operands: operands.map((one) => expression(at, one)), start, end };
}

function comparison(at: Lowering, { start, end, children }: Node, inner: readonly Node[]): Expr {
  const words = children.filter(({ named }) => !named).map(({ kind }) => kind);
  const operator = words.join(" ").replace("<>", "!=");
  return { kind: "operation", operator, operands: inner.map((one) => expression(at, one)), start, end };
}

function call(at: Lowering, node: Node, [callee, list]: readonly Node[]): Expr {
  const { start, end } = node;
  const given = list === undefined ? [] : list.kind === "argument_list" ? parts(list) : [list];
  return {
    kind: "call",
    callee: expression(at, callee),
    args: given.map((one) => argument(at, one)),
    start,
    end,
  };
}

function argument(at: Lowering, node: Node): Argument {
  if (node.kind === "keyword_argument") {
    const [name, value] = parts(node);
    return { name: name === undefined ? "" : sourceOf(at.tree, name), value: expression(at, value) };
  }
  const spread = node.kind === "list_splat" || node.kind === "dictionary_splat";
  return spread ? { spread, value: expression(at, parts(node)[0]) } : { value: expression(at, node) };
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "0": "\0",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

function text(at: Lowering, node: Node): Expr {
  const pieces: (string | Expr)[] = [];
  const strings = node.kind === "string" ? [node] : node.children.filter(({ kind }) => kind === "string");
  for (const one of strings) {
    const [open] = one.children;
    const isRaw = open !== undefined && /[rR]/.test(sourceOf(at.tree, open));
    const inner = one.children.filter(({ kind }) => kind === "string_content" || kind === "interpolation");
    for (const piece of inner) {
      if (piece.kind === "interpolation") pieces.push(expression(at, piece));
      else {
        const raw = sourceOf(at.tree, piece);
        pieces.push(
          isRaw ? raw : raw.replace(/\\([nrt0\\'"])/g, (whole, mark: string) => escapes[mark] ?? whole),
        );
      }
    }
  }
  return { kind: "text", pieces, start: node.start, end: node.end };
}

function comprehension(at: Lowering, { start, end }: Node, inner: readonly Node[]): OtherExpr {
  const clauses = inner.filter(({ kind }) => kind === "for_in_clause");
  const bindings = clauses.map((clause) => ({
    target: expression(at, parts(clause)[0]),
    from: expression(at, behind(clause, "in")),
  }));
  const tests = inner
    .filter(({ kind }) => kind === "if_clause")
    .map((clause) => expression(at, parts(clause)[0]));
  const [element] = inner;
  const made = element?.kind === "pair" ? parts(element) : [element];
  return { kind: "other", parts: made.map((one) => expression(at, one)), bindings, tests, start, end };
}

function lambda(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  const body = parts(node).at(-1);
  const value = expression(at, body);
  return {
    name: "",
    marks: [],
    method: false,
    start,
    end,
    parameters: parametersOf(at, part(node, "lambda_parameters")),
    body: [{ kind: "return", value, start: value.start, end: value.end }],
  };
}

/** Lowers parameters. */
export function parametersOf(at: Lowering, node: Node | undefined): Parameter[] {
  if (node === undefined) return [];
  return parts(node).flatMap((one) => {
    const inner = parts(one);
    const name =
      one.kind === "identifier" ? one : inner.find(({ kind }) => kind === "identifier" || /splat/.test(kind));
    if (name === undefined) return [];
    const type = part(one, "type");
    const standard = hasMark(one, "=") ? { standard: expression(at, behind(one, "=")) } : {};
    const bare = sourceOf(at.tree, name).replace(/^\*{1,2}/, "");
    return [{ name: bare, type: type === undefined ? "" : sourceOf(at.tree, type), ...standard }];
  });
}
