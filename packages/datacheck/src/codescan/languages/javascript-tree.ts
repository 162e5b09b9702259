/** @file Lowers JavaScript's and TypeScript's expressions and functions to the common syntax. */
import type { Argument, Expr, FunctionMade, Parameter, Statement } from "../engine/syntax.ts";
import { behind, hasMark, type Node, part, parts, sourceOf, type Tree } from "../engine/tree.ts";
import { chainOf } from "./chain.ts";
import { nested, nothingAt, nowhere } from "./nesting.ts";

/** The state of a lowering; `block` lowers a body of statements. */
export interface Lowering {
  readonly tree: Tree;
  readonly block: (at: Lowering, node: Node | undefined) => Statement[];
  depth: number;
}

/** Lowers an expression. One that is nested too deeply becomes an unknown value. */
export function expression(at: Lowering, node: Node | undefined): Expr {
  if (node === undefined) return nothingAt(nowhere);
  return nested<Expr>(at, nothingAt(node), () => lowered(at, node));
}

const wrappers = new Set([
  ...[
    "parenthesized_expression",
    "await_expression",
    "as_expression",
    "non_null_expression",
    "satisfies_expression",
  ],
  ...["type_assertion", "spread_element", "expression_statement", "jsx_expression", "computed_property_name"],
  ...["rest_pattern", "yield_expression", "sequence_expression_"],
]);
const functions = new Set([
  ...["arrow_function", "function_expression", "function_declaration", "generator_function", "function"],
  ...["generator_function_declaration", "method_definition"],
]);
const operators: Readonly<Record<string, string>> = { "===": "==", "!==": "!=", "&&": "and", "||": "or" };

function lowered(at: Lowering, node: Node): Expr {
  const { start, end, kind } = node;
  const inner = parts(node);
  const [first, second] = inner;
  if (wrappers.has(kind) && first !== undefined)
    return expression(at, kind === "type_assertion" ? inner.at(-1) : first);
  if (functions.has(kind)) return { kind: "function", made: functionMade(at, node), start, end };
  switch (kind) {
    case "identifier":
    case "this":
    case "super":
    case "undefined":
    case "property_identifier":
    case "shorthand_property_identifier":
    case "shorthand_property_identifier_pattern":
      return { kind: "name", name: sourceOf(at.tree, node), start, end };
    case "member_expression":
      return member(at, node, inner);
    case "subscript_expression":
      return {
        kind: "index",
        object: expression(at, first),
        index: expression(at, inner.at(-1)),
        start,
        end,
      };
    case "call_expression":
    case "new_expression":
      return call(at, node, inner);
    case "string":
    case "template_string":
      return text(at, node);
    case "regex": {
      const pattern = part(node, "regex_pattern");
      return { kind: "text", pieces: [pattern === undefined ? "" : sourceOf(at.tree, pattern)], start, end };
    }
    case "number":
      return { kind: "constant", value: numberOf(sourceOf(at.tree, node)), start, end };
    case "true":
    case "false":
    case "null":
      return { kind: "constant", value: kind === "null" ? null : kind === "true", start, end };
    case "array":
    case "array_pattern":
      return { kind: "group", entries: inner.map((one) => entry(at, one)), start, end };
    case "object":
    case "object_pattern":
      return { kind: "group", entries: inner.map((one) => property(at, one)), start, end };
    case "binary_expression":
      return chain(at, node);
    case "unary_expression":
      return unary(at, node, first);
    case "ternary_expression":
      return {
        kind: "choice",
        start,
        end,
        test: expression(at, first),
        met: expression(at, second),
        otherwise: expression(at, inner[2]),
      };
    case "jsx_element":
    case "jsx_self_closing_element":
      return element(at, node, inner);
    case "assignment_expression":
    case "assignment_pattern":
    case "object_assignment_pattern":
      return expression(at, kind === "assignment_expression" ? inner.at(-1) : first);
    default:
      return { kind: "other", parts: inner.map((one) => expression(at, one)), start, end };
  }
}

function member(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const name = inner.length > 1 ? sourceOf(at.tree, inner.at(-1) ?? node) : "";
  return { kind: "member", object: expression(at, inner[0]), start: node.start, end: node.end, name };
}

/** `<a href={x}>{y}</a>` is a call of `<a>` with named arguments. */
function element(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end } = node;
  const opening = part(node, "jsx_opening_element") ?? node;
  const [tag, ...attributes] = parts(opening);
  const name = tag === undefined || tag.kind === "jsx_attribute" ? "" : sourceOf(at.tree, tag).slice(0, 80);
  const named = attributes.flatMap((one): Argument[] => {
    if (one.kind !== "jsx_attribute") return [{ value: expression(at, one), spread: true }];
    const [key, value] = parts(one);
    if (key === undefined || value === undefined) return [];
    return [{ name: sourceOf(at.tree, key), value: expression(at, value) }];
  });
  const held =
    opening === node ? [] : inner.filter(({ kind }) => /^jsx_(expression|element|self)/.test(kind));
  const args = [...named, ...held.map((one): Argument => ({ value: expression(at, one) }))];
  return { kind: "call", callee: { kind: "name", name: `<${name}>`, start, end: start }, args, start, end };
}

function numberOf(source: string): number {
  const value = Number(source.replaceAll("_", "").replace(/n$/, ""));
  return Number.isNaN(value) ? 0 : value;
}

function unary(at: Lowering, node: Node, first: Node | undefined): Expr {
  const { start, end } = node;
  const value = expression(at, first);
  if (hasMark(node, "typeof"))
    return {
      kind: "call",
      callee: { kind: "name", name: "typeof", start, end },
      args: [{ value }],
      start,
      end,
    };
  if (hasMark(node, "!")) {
    if (value.kind === "constant") return { kind: "constant", value: !value.value, start, end };
    return { kind: "operation", operator: "not", operands: [value], start, end };
  }
  if (hasMark(node, "-") && value.kind === "constant" && typeof value.value === "number") {
    return { ...value, value: -value.value, start, end };
  }
  return hasMark(node, "+")
    ? { kind: "call", callee: { kind: "name", name: "Number", start, end }, args: [{ value }], start, end }
    : { kind: "other", parts: [], start, end };
}

function chain(at: Lowering, node: Node): Expr {
  const { operator, operands } = chainOf(node);
  const { start, end } = node;
  const lower = operands.map((one) => expression(at, one));
  return { kind: "operation", operator: operators[operator] ?? operator, operands: lower, start, end };
}

function entry(at: Lowering, node: Node): { value: Expr; spread?: boolean } {
  return node.kind === "spread_element"
    ? { value: expression(at, node), spread: true }
    : { value: expression(at, node) };
}

function property(at: Lowering, node: Node): { key?: Expr; value: Expr; spread?: boolean } {
  const { start, end } = node;
  const [first] = parts(node);
  const named = (name: Node): Expr => {
    if (name.kind === "computed_property_name" || name.kind === "string") return expression(at, name);
    return { kind: "text", pieces: [sourceOf(at.tree, name)], start: name.start, end: name.end };
  };
  if (node.kind === "pair" || node.kind === "pair_pattern") {
    return first === undefined
      ? { value: expression(at, undefined) }
      : { key: named(first), value: expression(at, behind(node, ":")) };
  }
  if (node.kind === "spread_element" || node.kind === "rest_pattern")
    return { value: expression(at, node), spread: true };
  if (node.kind === "method_definition") {
    const name = part(node, "property_identifier");
    return {
      key: { kind: "text", pieces: [name === undefined ? "" : sourceOf(at.tree, name)], start, end },
      value: expression(at, node),
    };
  }
  // `{ a }`, and `{ a = 1 }` in a pattern
  const name = node.kind === "object_assignment_pattern" && first !== undefined ? first : node;
  return { key: named(name), value: { kind: "name", name: sourceOf(at.tree, name), start, end } };
}

function call(at: Lowering, node: Node, [callee, ...rest]: readonly Node[]): Expr {
  const { start, end } = node;
  const list = rest.at(-1);
  const given = list === undefined ? [] : list.kind === "arguments" ? parts(list) : [list];
  const args = given.map((one): Argument => entry(at, one));
  const name = callee === undefined ? "" : sourceOf(at.tree, callee);
  const [only] = args;
  // a module is known by its name, and a promisified function remains that function
  if (name === "require" || (callee?.kind === "import" && only !== undefined)) {
    const isOpen =
      only?.value.kind === "text" ? only.value.pieces.some((one) => typeof one !== "string") : true;
    if (isOpen) {
      const loader: Expr = { kind: "name", name: name === "require" ? name : "import", start, end: start };
      return { kind: "call", callee: loader, args, start, end };
    }
    const module = only?.value.kind === "text" ? only.value.pieces.join("") : "";
    return { kind: "name", name: module.replace(/^node:/, ""), start, end };
  }
  if (/(^|\.)promisify$/.test(name) && only !== undefined) return only.value;
  const made = expression(at, callee);
  // `object[name](...)` calls the function that the name selects
  const target: Expr =
    made.kind === "index" && made.index.kind !== "text" && made.index.kind !== "constant"
      ? { kind: "member", object: made, name: "call", start: made.start, end: made.end }
      : made;
  return { kind: "call", callee: target, args, start, end };
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "0": "\0" };

function text(at: Lowering, { start, end, children }: Node): Expr {
  const pieces: (string | Expr)[] = [];
  for (const piece of children) {
    if (piece.kind === "template_substitution") pieces.push(expression(at, parts(piece)[0]));
    else if (piece.kind === "string_fragment") pieces.push(sourceOf(at.tree, piece));
    else if (piece.kind === "escape_sequence") {
      const mark = sourceOf(at.tree, piece).slice(1);
      pieces.push(escapes[mark] ?? mark);
    }
  }
  return { kind: "text", pieces, start, end };
}

/** Lowers a function. A body that is an expression is returned. */
export function functionMade(at: Lowering, node: Node, name = ""): FunctionMade {
  const { start, end } = node;
  const own = part(node, "identifier", "property_identifier", "private_property_identifier");
  const list = part(node, "formal_parameters");
  const arrow = node.kind === "arrow_function";
  const single = arrow && list === undefined ? own : undefined;
  const block = part(node, "statement_block");
  const value = block === undefined ? expression(at, behind(node, "=>")) : undefined;
  return {
    name: name !== "" || arrow || own === undefined ? name : sourceOf(at.tree, own),
    parameters:
      single === undefined ? parametersOf(at, list) : [{ name: sourceOf(at.tree, single), type: "" }],
    body:
      value === undefined
        ? at.block(at, block)
        : [{ kind: "return", value, start: value.start, end: value.end }],
    marks: node.children
      .filter(({ kind }) => kind === "decorator")
      .map((one) => expression(at, parts(one)[0])),
    method: false,
    start,
    end,
  };
}

function parametersOf(at: Lowering, node: Node | undefined): Parameter[] {
  if (node === undefined) return [];
  return parts(node).map((one) => {
    const target =
      one.kind === "identifier" || one.kind.endsWith("_pattern")
        ? one
        : (parts(one).find(({ kind }) => kind !== "decorator" && kind !== "accessibility_modifier") ?? one);
    const bare = target.kind === "assignment_pattern" ? (parts(target)[0] ?? target) : target;
    const type = part(one, "type_annotation");
    const standard = hasMark(one, "=") ? { standard: expression(at, behind(one, "=")) } : {};
    const pattern = /^(object|array)_pattern$/.test(bare.kind) ? { pattern: expression(at, bare) } : {};
    const source = type === undefined ? "" : sourceOf(at.tree, type).replace(/^:\s{0,20}/, "");
    return {
      name: sourceOf(at.tree, bare)
        .replace(/^\.\.\./, "")
        .slice(0, 80),
      type: source,
      ...standard,
      ...pattern,
    };
  });
}
