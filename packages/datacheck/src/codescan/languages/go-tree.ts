/** @file Lowers Go's expressions to the common syntax. */
import type { Argument, Expr, FunctionMade, Parameter } from "../engine/syntax.ts";
import { hasMark, type Node, part, sourceOf } from "../engine/tree.ts";
import { goCall } from "./go-calls.ts";
import {
  assignAt,
  callAt,
  chainAt,
  child,
  codeOf,
  type Lowering,
  lowerBlock,
  lowerExpression,
  memberAt,
  nameAt,
  noNode,
  operationAt,
  textAt,
  unescaped,
} from "./make.ts";

const words: Readonly<Record<string, string>> = { "&&": "and", "||": "or" };

/** Lowers an expression. */
export function goExpression(at: Lowering, node: Node): Expr {
  const { start, end, kind } = node;
  const inner = codeOf(node);
  const [first, second] = inner;
  switch (kind) {
    case "identifier":
    case "field_identifier":
    case "package_identifier":
    case "type_identifier":
    case "blank_identifier":
      return nameOf(at, node);
    case "parenthesized_expression":
    case "expression_statement":
    case "literal_element":
    case "variadic_argument":
    case "type_assertion_expression":
    case "slice_expression":
      return lowerExpression(at, first);
    case "type_conversion_expression":
      return lowerExpression(at, inner.at(-1));
    case "qualified_type":
      return memberAt(node, lowerExpression(at, first), wordOf(at, second));
    case "selector_expression":
      return selected(at, node, inner);
    case "index_expression":
      // the name of the program itself
      if (/^os\.Args\[0\]$/.test(wordOf(at, node))) return nameAt(node, "program");
      return {
        kind: "index",
        object: lowerExpression(at, first),
        index: lowerExpression(at, second),
        start,
        end,
      };
    case "call_expression":
      return goCall(at, node);
    case "interpreted_string_literal":
      return textAt(
        node,
        inner
          .map((one) =>
            one.kind === "escape_sequence" ? unescaped(wordOf(at, one)) : sourceOf(at.tree, one),
          )
          .join(""),
      );
    case "raw_string_literal":
      return textAt(node, sourceOf(at.tree, node).slice(1, -1));
    case "rune_literal":
      return textAt(node, unescaped(sourceOf(at.tree, node).slice(1, -1)));
    case "int_literal":
    case "float_literal":
      return { kind: "constant", value: numberOf(sourceOf(at.tree, node)), start, end };
    case "true":
    case "false":
    case "nil":
      return { kind: "constant", value: kind === "nil" ? null : kind === "true", start, end };
    case "binary_expression":
      return chainAt(at, node, words);
    case "unary_expression":
      return unary(at, node, first);
    case "composite_literal":
      return composite(at, node, inner);
    case "literal_value":
      return { kind: "group", entries: inner.map((one) => entryOf(at, one)), start, end };
    case "func_literal":
      return { kind: "function", made: goFunction(at, node), start, end };
    default:
      return { kind: "other", parts: inner.map((one) => lowerExpression(at, one)), start, end };
  }
}

function nameOf(at: Lowering, node: Node): Expr {
  return nameAt(node, sourceOf(at.tree, node));
}

function wordOf(at: Lowering, node: Node | undefined): string {
  return node === undefined ? "" : sourceOf(at.tree, node).slice(0, 200);
}

function numberOf(source: string): number {
  const value = Number(source.replaceAll("_", "").replace(/^0([0-7]+)$/, "0o$1"));
  return Number.isNaN(value) ? 0 : value;
}

/** `os.Args`: the user who starts a program may name its files. */
function selected(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const [object] = inner;
  const name = wordOf(at, inner.at(-1));
  if (name === "Args" && object !== undefined && sourceOf(at.tree, object) === "os")
    return callAt(node, nameAt(node, "commandLine"), [nameAt(node, "!args")]);
  return memberAt(node, lowerExpression(at, object), name);
}

function unary(at: Lowering, node: Node, first: Node | undefined): Expr {
  const { start, end } = node;
  const value = lowerExpression(at, first);
  if (hasMark(node, "!")) return operationAt(node, "not", [value]);
  if (hasMark(node, "-") && value.kind === "constant" && typeof value.value === "number")
    return { ...value, value: -value.value, start, end };
  // `&x` and `*x` have the value of x
  return hasMark(node, "&") || hasMark(node, "*") ? value : { kind: "other", parts: [value], start, end };
}

function entryOf(at: Lowering, one: Node): { key?: Expr; value: Expr } {
  const inner = codeOf(one);
  if (one.kind !== "keyed_element") return { value: lowerExpression(at, one) };
  const [key, value] = inner;
  return { key: lowerExpression(at, key), value: lowerExpression(at, value) };
}

/** `tls.Config{Name: value}` is a call of its type; lists and maps are groups. */
function composite(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end } = node;
  const [type] = inner;
  const body = child(node, "literal_value");
  if (type === undefined || !/^(type_identifier|qualified_type|generic_type)$/.test(type.kind))
    return lowerExpression(at, body);
  // `gin.H{"key": value}` is a map
  const [held] = codeOf(body);
  if (
    held?.kind === "keyed_element" &&
    codeOf(codeOf(held)[0] ?? noNode)[0]?.kind === "interpreted_string_literal"
  )
    return lowerExpression(at, body);
  const args = codeOf(body).map((one): Argument => {
    const [key, value] = codeOf(one);
    return one.kind === "keyed_element" && key !== undefined
      ? { name: wordOf(at, key), value: lowerExpression(at, value) }
      : { value: lowerExpression(at, one) };
  });
  const callee =
    type.kind === "generic_type" ? nameAt(type, wordOf(at, codeOf(type)[0])) : lowerExpression(at, type);
  return { kind: "call", callee, args, start, end };
}

/** `*http.Request` is `http.Request`. */
function typeOf(at: Lowering, node: Node): string {
  const type = codeOf(node)
    .filter(({ kind }) => kind !== "identifier")
    .at(-1);
  return type === undefined ? "" : sourceOf(at.tree, type).slice(0, 200).replace(/^\*/, "");
}

/** Lowers parameters. */
function goParameters(at: Lowering, list: Node | undefined): Parameter[] {
  if (list === undefined) return [];
  return codeOf(list).flatMap((one) => {
    const type = typeOf(at, one);
    return codeOf(one)
      .filter(({ kind }) => kind === "identifier")
      .map((name) => ({ name: sourceOf(at.tree, name), type }));
  });
}

/** Types whose parameters rules know by type name. */
const objects = /^(http\.ResponseWriter|sql\.DB|sql\.Tx|gorm\.DB|sqlx\.DB|sql\.Conn|multipart\.FileHeader)$/;

/** Lowers a function, method or function literal. */
export function goFunction(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  const lists = node.children.filter(({ kind }) => kind === "parameter_list");
  const isMethod = node.kind === "method_declaration";
  const parameters = goParameters(at, lists[isMethod ? 1 : 0]);
  const span = { start, end: start };
  const own = isMethod
    ? goParameters(at, lists[0]).map(({ name }) => assignAt(span, nameAt(span, name), nameAt(span, "this")))
    : [];
  const held = parameters
    .filter(({ type }) => objects.test(type))
    .map(({ name, type }) => {
      const [module = "", word = ""] = type.split(".");
      return assignAt(span, nameAt(span, name), memberAt(span, nameAt(span, module), word));
    });
  const name = part(node, "identifier", "field_identifier");
  return {
    name: name === undefined ? "" : sourceOf(at.tree, name),
    parameters,
    body: [...own, ...held, ...lowerBlock(at, part(node, "block"))],
    marks: [],
    method: false,
    start,
    end,
  };
}
