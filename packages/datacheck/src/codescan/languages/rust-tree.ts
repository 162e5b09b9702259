/** @file Lowers Rust's expressions to the common syntax. */
import type { Expr, FunctionMade, Parameter, Statement } from "../engine/syntax.ts";
import { behind, hasMark, type Node, part, sourceOf } from "../engine/tree.ts";
import {
  assignAt,
  callAt,
  chainAt,
  child,
  codeOf,
  type Lowering,
  lowerEach,
  lowerExpression,
  memberAt,
  nameAt,
  operationAt,
  textAt,
  unescaped,
} from "./make.ts";
import { isWrapper, methodOf, numberOf } from "./rust-calls.ts";
import { rustMacro } from "./rust-macros.ts";
import { bareType, shortPath } from "./rust-names.ts";

const words: Readonly<Record<string, string>> = { "&&": "and", "||": "or" };

/** Lowers an expression. */
export function rustExpression(at: Lowering, node: Node): Expr {
  const { start, end, kind } = node;
  const inner = codeOf(node);
  const [first] = inner;
  switch (kind) {
    case "identifier":
    case "self":
    case "type_identifier":
    case "shorthand_field_identifier":
    case "field_identifier":
    case "primitive_type":
      return nameAt(node, sourceOf(at.tree, node));
    case "scoped_identifier":
    case "scoped_type_identifier":
    case "generic_type":
      return pathOf(at, node);
    case "parenthesized_expression":
    case "expression_statement":
    case "reference_expression":
      return lowerExpression(at, inner.at(-1));
    case "try_expression":
    case "await_expression":
    case "type_cast_expression":
    case "generic_function":
      return lowerExpression(at, first);
    case "field_expression":
      return memberAt(
        node,
        lowerExpression(at, first),
        inner[1] === undefined ? "" : sourceOf(at.tree, inner[1]),
      );
    case "index_expression":
      return {
        kind: "index",
        object: lowerExpression(at, first),
        index: lowerExpression(at, inner[1]),
        start,
        end,
      };
    case "call_expression":
      return call(at, node, inner);
    case "macro_invocation":
      return rustMacro(at, node);
    case "binary_expression":
      return chainAt(at, node, words);
    case "assignment_expression":
      return lowerExpression(at, inner.at(-1));
    case "closure_expression":
      return { kind: "function", made: closure(at, node), start, end };
    default:
      return literal(at, node, inner);
  }
}

function literal(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end, kind } = node;
  switch (kind) {
    case "string_literal":
    case "raw_string_literal": {
      const pieces = node.children
        .filter(({ named }) => named)
        .map((one) =>
          one.kind === "escape_sequence" ? unescaped(sourceOf(at.tree, one)) : sourceOf(at.tree, one),
        );
      return textAt(node, pieces.join("").replace(/\\\n\s{0,200}/g, ""));
    }
    case "char_literal":
      return textAt(node, unescaped(sourceOf(at.tree, node).replace(/^b?'|'$/g, "")));
    case "boolean_literal":
      return { kind: "constant", value: part(node, "true") !== undefined, start, end };
    case "integer_literal":
    case "float_literal": {
      const source = sourceOf(at.tree, node).replaceAll("_", "");
      const value = Number(source.replace(/(?:[iu](?:8|16|32|64|128|size)|f32|f64)$/, ""));
      return { kind: "constant", value: Number.isNaN(value) ? 0 : value, start, end };
    }
    case "negative_literal":
    case "unary_expression": {
      const value = lowerExpression(at, inner[0]);
      if (hasMark(node, "!")) return operationAt(node, "not", [value]);
      if (hasMark(node, "*") && value.kind === "call") return callAt(node, nameAt(node, "!pointer"), [value]);
      if (hasMark(node, "-") && value.kind === "constant" && typeof value.value === "number")
        return { ...value, value: -value.value, start, end };
      return hasMark(node, "*") ? value : { kind: "other", parts: [value], start, end };
    }
    case "array_expression": {
      const size = hasMark(node, ";") ? inner.at(-1) : undefined;
      if (size !== undefined) return callAt(node, nameAt(node, "[]"), [lowerExpression(at, size)]);
      return {
        kind: "group",
        entries: inner.map((one) => ({ value: lowerExpression(at, one) })),
        start,
        end,
      };
    }
    case "tuple_expression":
    case "tuple_pattern":
    case "slice_pattern":
      return {
        kind: "group",
        entries: inner.map((one) => ({ value: lowerExpression(at, one) })),
        start,
        end,
      };
    case "struct_expression":
      return structure(at, node);
    default:
      return rarer(at, node, inner);
  }
}

function rarer(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end, kind } = node;
  switch (kind) {
    case "unsafe_block":
    case "async_block":
    case "block":
    case "const_block":
      return block(at, node);
    case "if_expression": {
      const [test, met] = inner;
      const otherwise = codeOf(child(node, "else_clause"))[0];
      return {
        kind: "choice",
        test: lowerExpression(at, test),
        met: lowerExpression(at, met),
        otherwise: lowerExpression(at, otherwise),
        start,
        end,
      };
    }
    case "match_expression":
      return chosen(at, node, inner);
    case "let_condition":
      return { kind: "other", parts: [lowerExpression(at, behind(node, "="))], start, end };
    case "mut_pattern":
    case "ref_pattern":
    case "reference_pattern":
      return lowerExpression(at, inner.at(-1));
    case "return_expression":
    case "break_expression":
      return lowerExpression(at, inner[0]);
    case "range_expression":
    case "token_tree":
    case "type_arguments":
    case "match_pattern":
      return { kind: "other", parts: [], start, end };
    default:
      return { kind: "other", parts: inner.map((one) => lowerExpression(at, one)), start, end };
  }
}

function pathOf(at: Lowering, node: Node): Expr {
  const source = at.tree.text.slice(node.start, Math.min(node.end, node.start + 300));
  const [object = source, ...names] = shortPath(source).split(".");
  return names.reduce<Expr>((held, name) => memberAt(node, held, name), nameAt(node, object));
}

/** Lowers a call of a function or method. Wrappers become the wrapped value. */
function call(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const list = child(node, "arguments");
  let [callee] = inner;
  const isTyped = callee?.kind === "generic_function";
  const typed = isTyped && callee !== undefined ? part(callee, "type_arguments") : undefined;
  if (isTyped && callee !== undefined) callee = codeOf(callee)[0];
  const args = lowerEach(at, list);
  if (callee?.kind === "field_expression") {
    const [object, name] = codeOf(callee);
    const word = name === undefined ? "" : sourceOf(at.tree, name);
    const from = lowerExpression(at, object);
    if (word === "parse" && args.length === 0) {
      const type = typed === undefined ? "" : sourceOf(at.tree, typed);
      return /^<\s{0,3}(String|Uri|Url|PathBuf|HeaderValue|Method)\b/.test(type)
        ? from
        : numberOf(node, from);
    }
    return methodOf(node, from, word, args);
  }
  if (callee?.kind === "scoped_identifier" || callee?.kind === "identifier") {
    const path = shortPath(sourceOf(at.tree, callee));
    const [first] = args;
    if (isWrapper(path) && first !== undefined) return first;
    if (path === "Err") return { kind: "other", parts: args, start: node.start, end: node.end };
  }
  return callAt(node, lowerExpression(at, callee), args);
}

/** `P { a: b, c, ..d }` is a call with named arguments. */
function structure(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const [type] = codeOf(node);
  const name = type === undefined ? "" : shortPath(sourceOf(at.tree, type));
  const args = codeOf(child(node, "field_initializer_list")).flatMap((one) => {
    const [field, value] = codeOf(one);
    if (one.kind === "base_field_initializer" || field === undefined)
      return [{ value: lowerExpression(at, field) }];
    return [{ name: sourceOf(at.tree, field), value: lowerExpression(at, value ?? field) }];
  });
  return { kind: "call", callee: nameAt(node, name), args, start, end };
}

/** Lowers a block used as a value to its last expression. The statements before it become a function. */
function block(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const inside = part(node, "block") ?? node;
  const code = codeOf(inside).filter(({ kind }) => kind !== "label");
  const last = code.at(-1);
  const hasValue = last !== undefined && isValue(last);
  const value = hasValue ? lowerExpression(at, last) : undefined;
  if (code.length === 1 && value !== undefined) return value;
  const made: FunctionMade = {
    name: "",
    marks: [],
    method: false,
    parameters: [],
    start,
    end,
    body: at.statement(at, inside),
  };
  const inner: Expr = { kind: "function", made, start, end };
  return { kind: "other", parts: value === undefined ? [inner] : [inner, value], start, end };
}

/** Whether the last item of a block is its value. */
export function isValue(node: Node): boolean {
  if (
    /^(let_declaration|empty_statement|macro_definition|attribute_item|inner_attribute_item)$/.test(node.kind)
  )
    return false;
  if (/(_item|_declaration)$/.test(node.kind)) return false;
  return node.kind !== "expression_statement" || !hasMark(node, ";");
}

const maxArms = 60;

/** Lowers `match x { "a" => b, _ => c }` used as a value. */
function chosen(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end } = node;
  const subject = lowerExpression(at, inner[0]);
  let value: Expr = { kind: "other", parts: [], start, end };
  const arms = codeOf(child(node, "match_block")).filter(({ kind }) => kind === "match_arm");
  for (const arm of arms.slice(0, maxArms).reverse()) {
    const met = lowerExpression(at, codeOf(arm).at(-1));
    const labels = labelsOf(at, child(arm, "match_pattern"));
    const test: Expr =
      labels.length === 0
        ? { kind: "other", parts: [subject], start, end }
        : operationAt(arm, "in", [
            subject,
            { kind: "group", entries: labels.map((one) => ({ value: one })), start, end },
          ]);
    value = { kind: "choice", test, met, otherwise: value, start, end };
  }
  return value;
}

/** The constants in a pattern. */
export function labelsOf(at: Lowering, pattern: Node): Expr[] {
  const found: Expr[] = [];
  const waiting = [...codeOf(pattern)];
  for (let count = 0; waiting.length > 0 && count < 100; count++) {
    const one = waiting.pop();
    if (one === undefined) break;
    if (/_literal$/.test(one.kind)) found.push(lowerExpression(at, one));
    else if (
      one.kind === "or_pattern" ||
      (one.kind === "tuple_struct_pattern" && /^(Some|Ok)/.test(sourceOf(at.tree, one)))
    )
      waiting.push(...codeOf(one).filter(({ kind }) => kind !== "identifier"));
  }
  return found;
}

/** Assigns the parts of a value to the variables of a pattern. */
export function bindPattern(at: Lowering, pattern: Node | undefined, value: Expr, depth = 0): Statement[] {
  if (pattern === undefined || depth > 20) return [];
  const inner = codeOf(pattern);
  switch (pattern.kind) {
    case "identifier":
    case "shorthand_field_identifier": {
      const name = sourceOf(at.tree, pattern);
      return /^[A-Z]/.test(name) ? [] : [assignAt(pattern, nameAt(pattern, name), value)];
    }
    case "match_pattern":
    case "mut_pattern":
    case "ref_pattern":
    case "reference_pattern":
    case "captured_pattern":
    case "or_pattern":
      return bindPattern(
        at,
        inner.find(({ kind }) => kind !== "mutable_specifier"),
        value,
        depth + 1,
      );
    case "tuple_struct_pattern": {
      const [type, ...fields] = inner;
      const isError = type !== undefined && sourceOf(at.tree, type) === "Err";
      const given = isError ? nameAt(pattern, "!error") : value;
      return fields.flatMap((field) => bindPattern(at, field, given, depth + 1));
    }
    case "tuple_pattern":
    case "slice_pattern":
      return [assignAt(pattern, lowerExpression(at, pattern), value)];
    case "struct_pattern":
      return inner.slice(1).flatMap((field) => {
        const [name, given] = codeOf(field);
        if (name === undefined) return [];
        const held = memberAt(field, value, sourceOf(at.tree, name));
        return bindPattern(at, given ?? name, held, depth + 1);
      });
    default:
      return [];
  }
}

/** Lowers the parameters of a function or closure; `Path(id): Path<String>` is named `id`. */
export function rustParameters(at: Lowering, list: Node): Parameter[] {
  return codeOf(list).flatMap((one): Parameter[] => {
    if (one.kind === "self_parameter") return [{ name: "self", type: "" }];
    if (one.kind === "identifier") return [{ name: sourceOf(at.tree, one), type: "" }];
    if (one.kind !== "parameter") return [];
    const type = behind(one, ":");
    const source = type === undefined ? "" : bareType(sourceOf(at.tree, type));
    let pattern = codeOf(one).find((part) => part !== type && part.kind !== "mutable_specifier");
    while (pattern?.kind === "tuple_struct_pattern") pattern = codeOf(pattern)[1];
    if (pattern === undefined) return [{ name: "_", type: source }];
    if (pattern.kind === "identifier") return [{ name: sourceOf(at.tree, pattern), type: source }];
    return [{ name: "_", type: source, pattern: lowerExpression(at, pattern) }];
  });
}

function closure(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  const body = codeOf(node).at(-1);
  const isBlock = body !== undefined && /^(block|async_block|unsafe_block)$/.test(body.kind);
  const inside = isBlock ? (part(body, "block") ?? body) : undefined;
  const value = isBlock || body?.kind === "closure_parameters" ? undefined : lowerExpression(at, body);
  return {
    name: "",
    marks: [],
    method: false,
    start,
    end,
    parameters: rustParameters(at, child(node, "closure_parameters")),
    body:
      value === undefined
        ? inside === undefined
          ? []
          : at.statement(at, inside)
        : [{ kind: "return", value, start: value.start, end: value.end }],
  };
}
