/** @file C's and C++'s tree as the small syntax: expressions. */
import type { Argument, Expr, FunctionMade, Parameter, Span, Statement } from "../engine/syntax.ts";
import { type Node, part, parts, sourceOf, type Tree } from "../engine/tree.ts";
import { chainOf, operatorOf } from "./chain.ts";
import { aliased } from "./cpp-aliases.ts";
import type { Found } from "./cpp-flow/run.ts";
import { nested, nothingAt, nowhere } from "./nesting.ts";

/** What lowering needs to know at every place. */
export interface Lowering {
  readonly tree: Tree;
  /** A function's body; handed in, since expressions hold functions. */
  readonly block: (at: Lowering, node: Node | undefined) => Statement[];
  depth: number;
  /** Lengths of arrays in sight as they are written, by name. */
  sizes: Map<string, string>;
  /** Faults of memory, by the start of the function they are in. */
  readonly faults: ReadonlyMap<number, readonly Found[]>;
}

/** An expression; what lies too deep is a value of which nothing is known. */
export function expression(at: Lowering, node: Node | undefined): Expr {
  if (node === undefined) return nothingAt(nowhere);
  return nested<Expr>(at, nothingAt(node), () => lowered(at, node));
}

/** A call of a function by name. */
export function callOf({ start, end }: Span, name: string, args: readonly Expr[]): Expr {
  const callee: Expr = { kind: "name", name, start, end };
  return { kind: "call", callee, args: args.map((value): Argument => ({ value })), start, end };
}

const same = new Set([
  ...["parenthesized_expression", "condition_clause", "expression_statement", "comma_expression"],
  ...[
    "pointer_expression",
    "cast_expression",
    "field_initializer",
    "co_await_expression",
    "update_expression",
  ],
]);

function lowered(at: Lowering, node: Node): Expr {
  const { start, end, kind } = node;
  const inner = parts(node);
  const [first, second] = inner;
  if (same.has(kind) && inner.length > 0) return expression(at, inner.at(-1));
  switch (kind) {
    case "identifier":
    case "qualified_identifier":
    case "field_identifier":
    case "template_function":
    case "this":
      return { kind: "name", name: nameOf(at.tree, node), start, end };
    case "field_expression":
      return {
        ...{ kind: "member", object: expression(at, first), start, end },
        name: inner.length > 1 ? sourceOf(at.tree, inner.at(-1) ?? node) : "",
      };
    case "subscript_expression":
      return { kind: "index", object: expression(at, first), index: argument(at, second), start, end };
    case "call_expression":
      return call(at, node, inner);
    case "string_literal":
    case "raw_string_literal":
    case "concatenated_string":
    case "char_literal":
      return { kind: "text", pieces: [textOf(at, node)], start, end };
    case "number_literal":
      return { kind: "constant", value: numberOf(sourceOf(at.tree, node)), start, end };
    case "true":
    case "false":
    case "null":
      return { kind: "constant", value: kind === "null" ? null : kind === "true", start, end };
    case "binary_expression":
      return chain(at, node);
    case "unary_expression":
      return unary(at, node, first);
    case "conditional_expression":
      return {
        ...{ kind: "choice", start, end, test: expression(at, first) },
        ...{ met: expression(at, second), otherwise: expression(at, inner[2]) },
      };
    case "assignment_expression":
      return expression(at, inner.at(-1));
    case "new_expression":
      return callOf(node, "!new", partsOf(at, part(node, "new_declarator")));
    case "delete_expression":
      return callOf(node, "free", [expression(at, inner.at(-1))]);
    case "initializer_list":
      return { kind: "group", entries: inner.map((one) => ({ value: expression(at, one) })), start, end };
    case "lambda_expression":
      return { kind: "function", made: lambda(at, node), start, end };
    case "sizeof_expression":
    case "type_descriptor":
      return nothingAt(node);
    default:
      return { kind: "other", parts: inner.map((one) => expression(at, one)), start, end };
  }
}

function argument(at: Lowering, node: Node | undefined): Expr {
  return expression(at, node?.kind === "subscript_argument_list" ? parts(node)[0] : node);
}

function partsOf(at: Lowering, node: Node | undefined): Expr[] {
  return node === undefined ? [] : parts(node).map((one) => expression(at, one));
}

/** `std::` says nothing; template arguments neither. */
export function nameOf(tree: Tree, node: Node): string {
  const source = sourceOf(tree, node).slice(0, 200);
  return aliased(tree, source.replace(/^(::)?(std::)?/, "").replace(/<[^()]{0,200}$/, ""));
}

function call(at: Lowering, node: Node, [callee]: readonly Node[]): Expr {
  const args = partsOf(at, part(node, "argument_list"));
  const { start, end } = node;
  return { kind: "call", callee: expression(at, callee), args: args.map((value) => ({ value })), start, end };
}

/** The arguments of a call as nodes. */
export function argumentsOf(node: Node): Node[] {
  const list = part(node, "argument_list");
  return list === undefined ? [] : parts(list);
}

function textOf(at: Lowering, node: Node): string {
  const source = sourceOf(at.tree, node);
  if (node.kind === "concatenated_string")
    return parts(node)
      .map((one) => textOf(at, one))
      .join("");
  if (node.kind === "raw_string_literal") return source.replace(/^\w{0,3}"[^(]{0,16}\(|\)[^)"]{0,16}"$/g, "");
  if (node.kind === "identifier") return "";
  const inside = source.replace(/^\w{0,3}["']|["']$/g, "");
  return inside.replace(/\\(x[\da-fA-F]{1,8}|[0-7]{1,3}|[nrt\\"'])/g, (_, mark: string) => escaped(mark));
}
const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function escaped(mark: string): string {
  if (/^\d/.test(mark)) return String.fromCharCode(Number.parseInt(mark, 8));
  if (/^x./.test(mark)) return String.fromCharCode(Number.parseInt(mark.slice(1), 16) & 0xff);
  return escapes[mark] ?? mark;
}

function numberOf(source: string): number {
  const plain = source.replaceAll("'", "").replace(/(?<=[\da-fA-F])[uUlLzZ]{1,4}$/, "");
  const value = Number(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain);
  return Number.isNaN(value) ? 0 : value;
}

/** A remainder is a number made of both; the engine's `%` fills templates. */
const words: Readonly<Record<string, string>> = { "&&": "and", "||": "or", "%": "|" };

function chain(at: Lowering, node: Node): Expr {
  const { operator, operands } = chainOf(node);
  const asked = operator === "==" || operator === "!=" ? searched(at, operands) : undefined;
  if (asked !== undefined) {
    const isIn: Expr = {
      kind: "operation",
      operator: "in",
      operands: asked,
      start: node.start,
      end: node.end,
    };
    return operator === "!=" ? isIn : { ...isIn, operator: "not in" };
  }
  const truths = operator === "&&" || operator === "||";
  const values = operands.map((one) => (truths ? condition(at, one) : expression(at, one)));
  return {
    ...{ kind: "operation", operator: words[operator] ?? operator, operands: values },
    ...{ start: node.start, end: node.end },
  };
}

/** `strchr(text, mark) != NULL`, `text.find(mark) != npos`: the mark and the text. */
function searched(at: Lowering, operands: readonly Node[]): Expr[] | undefined {
  const isNone = (one: Node): boolean =>
    one.kind === "null" || /npos$|^(0|-1)$/.test(sourceOf(at.tree, one).slice(-20));
  const call = operands.find(({ kind }) => kind === "call_expression");
  return call !== undefined && operands.some(isNone) ? searchIn(at, call) : undefined;
}

function searchIn(at: Lowering, node: Node): Expr[] | undefined {
  const made = node.kind === "call_expression" ? expression(at, node) : undefined;
  if (made?.kind !== "call") return undefined;
  const [first, second] = made.args;
  const { callee } = made;
  if (callee.kind === "name" && /^(strstr|strchr|strrchr|strpbrk|strcasestr|memchr)$/.test(callee.name))
    return first === undefined || second === undefined ? undefined : [second.value, first.value];
  if (callee.kind !== "member" || !/^(find|find_first_of|contains)$/.test(callee.name)) return undefined;
  return first === undefined ? undefined : [first.value, callee.object];
}

/** An expression that is asked for its truth. */
export function condition(at: Lowering, node: Node | undefined): Expr {
  let asked = node;
  for (
    let depth = 0;
    depth < 10 && /^(parenthesized_expression|condition_clause)$/.test(asked?.kind ?? "");
    depth++
  )
    asked = asked === undefined ? undefined : parts(asked).at(-1);
  const operands = asked === undefined ? undefined : searchIn(at, asked);
  if (asked === undefined || operands === undefined) return expression(at, asked);
  return { kind: "operation", operator: "in", operands, start: asked.start, end: asked.end };
}

function unary(at: Lowering, node: Node, first: Node | undefined): Expr {
  const { start, end } = node;
  const operator = operatorOf(node);
  if (operator === "!")
    return { kind: "operation", operator: "not", operands: [condition(at, first)], start, end };
  const value = expression(at, first);
  if (operator === "-" && value.kind === "constant" && typeof value.value === "number")
    return { ...value, value: -value.value, start, end };
  return value;
}

function lambda(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  const declarator = part(node, "abstract_function_declarator");
  const parameters = declarator === undefined ? [] : parametersOf(at, declarator);
  const body = at.block(at, part(node, "compound_statement"));
  return { name: "", parameters, body, marks: [], method: false, start, end };
}

/** The parameters below a function's declarator. */
export function parametersOf(at: Lowering, declarator: Node): Parameter[] {
  const list = part(declarator, "parameter_list");
  return (list === undefined ? [] : parts(list)).flatMap((one): Parameter[] => {
    if (!/parameter_declaration$/.test(one.kind)) return [];
    const [type] = parts(one).filter(({ kind }) => /type|auto/.test(kind) && kind !== "type_qualifier");
    const named = declaredName(one);
    if (named === undefined) return [];
    return [{ name: sourceOf(at.tree, named), type: type === undefined ? "" : nameOf(at.tree, type) }];
  });
}

/** The name that a declarator declares, below stars, brackets and parameters. */
export function declaredName(node: Node): Node | undefined {
  let here: Node | undefined = node;
  for (let depth = 0; here !== undefined && depth < 20; depth++) {
    if (/^(identifier|field_identifier|qualified_identifier|destructor_name)$/.test(here.kind)) return here;
    const inner: Node[] = parts(here);
    here =
      inner.find(({ kind }) => /declarator$/.test(kind)) ??
      inner.find(({ kind }) => /^(identifier|field_identifier|qualified_identifier)$/.test(kind));
  }
  return undefined;
}
