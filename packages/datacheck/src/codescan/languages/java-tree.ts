/** @file Lowers Java's expressions to the common syntax. */
import type { Argument, Expr, FunctionMade, Parameter } from "../engine/syntax.ts";
import { behind, hasMark, type Node, part, sourceOf } from "../engine/tree.ts";
import { asPath, javaCall } from "./java-calls.ts";
import { isBufferType, simpleType } from "./java-names.ts";
import {
  assignAt,
  branchesOf,
  callAt,
  chainAt,
  child,
  codeOf,
  type Lowering,
  lowerAll,
  lowerBlock,
  lowerEach,
  lowerExpression,
  memberAt,
  nameAt,
  operationAt,
  textAt,
  unescaped,
} from "./make.ts";

const words: Readonly<Record<string, string>> = { "&&": "and", "||": "or" };

/** Lowers an expression. */
export function javaExpression(at: Lowering, node: Node): Expr {
  const { start, end, kind } = node;
  const inner = codeOf(node);
  const [first] = inner;
  switch (kind) {
    case "identifier":
    case "type_identifier":
    case "this":
    case "super":
      return nameAt(node, sourceOf(at.tree, node));
    case "generic_type":
    case "scoped_type_identifier":
    case "array_type":
      return nameAt(node, simpleType(sourceOf(at.tree, node)));
    case "parenthesized_expression":
    case "expression_statement":
      return lowerExpression(at, inner.at(-1));
    case "cast_expression": {
      const type = first === undefined ? "" : sourceOf(at.tree, first);
      return /^(int|short|byte|char)$/.test(type)
        ? asked(at, `!narrow.${type}`, inner.at(-1))
        : lowerExpression(at, inner.at(-1));
    }
    case "field_access":
    case "scoped_identifier":
      return access(at, node, inner);
    case "array_access":
      return {
        kind: "index",
        object: lowerExpression(at, first),
        index: asked(at, "!index", inner[1]),
        start,
        end,
      };
    case "method_invocation":
      return javaCall(at, node);
    case "object_creation_expression":
      return creation(at, node, inner);
    case "array_creation_expression":
      return array(at, node, inner);
    case "array_initializer":
    case "element_value_array_initializer":
      return {
        kind: "group",
        entries: inner.map((one) => ({ value: lowerExpression(at, one) })),
        start,
        end,
      };
    case "string_literal":
    case "character_literal":
      return text(at, node);
    case "true":
    case "false":
    case "null_literal":
      return { kind: "constant", value: kind === "null_literal" ? null : kind === "true", start, end };
    case "binary_expression":
      return chainAt(at, node, words);
    case "ternary_expression":
      return {
        kind: "choice",
        test: lowerExpression(at, first),
        met: lowerExpression(at, inner[1]),
        otherwise: lowerExpression(at, inner[2]),
        start,
        end,
      };
    case "assignment_expression":
      return lowerExpression(at, inner.at(-1));
    case "lambda_expression":
      return { kind: "function", made: lambda(at, node), start, end };
    case "class_literal":
      return memberAt(node, lowerExpression(at, first), "class");
    default:
      return rarer(at, node, inner);
  }
}

function rarer(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end, kind } = node;
  if (/_(integer|floating_point)_literal$/.test(kind)) {
    const value = Number(
      sourceOf(at.tree, node)
        .replaceAll("_", "")
        .replace(/[lLfFdD]$/, ""),
    );
    return { kind: "constant", value: Number.isNaN(value) ? 0 : value, start, end };
  }
  if (kind === "unary_expression") {
    const value = lowerExpression(at, inner[0]);
    if (hasMark(node, "!")) return operationAt(node, "not", [value]);
    if (hasMark(node, "-") && value.kind === "constant" && typeof value.value === "number")
      return { ...value, value: -value.value, start, end };
    return { kind: "other", parts: [value], start, end };
  }
  if (kind === "annotation" || kind === "marker_annotation") return annotation(at, node);
  if (kind === "switch_expression") return chosen(at, node);
  return { kind: "other", parts: inner.map((one) => lowerExpression(at, one)), start, end };
}

/** Wraps a value in its use: as an index, as a length, or narrowed to a smaller number type. */
function asked(at: Lowering, question: string, node: Node | undefined): Expr {
  const value = lowerExpression(at, node);
  return value.kind === "constant" ? value : callAt(value, nameAt(value, question), [value]);
}

/** `java.security.MessageDigest` is `MessageDigest`; otherwise `object.name`. */
function access(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const name = inner.at(-1);
  const last = name === undefined ? "" : sourceOf(at.tree, name);
  const { start, end } = node;
  if (/^(TRUE|FALSE)$/.test(last) && sourceOf(at.tree, node).startsWith("Boolean."))
    return { kind: "constant", value: last === "TRUE", start, end };
  if (
    /^[A-Z]/.test(last) &&
    /^([a-z]\w{0,60}\s{0,3}\.\s{0,3}){2,12}$/.test(at.tree.text.slice(node.start, name?.start))
  )
    return nameAt(node, last);
  return memberAt(node, lowerExpression(at, inner[0]), last);
}

function text(at: Lowering, node: Node): Expr {
  const pieces = node.children
    .filter(({ named }) => named)
    .map((one) =>
      one.kind === "escape_sequence" ? unescaped(sourceOf(at.tree, one)) : sourceOf(at.tree, one),
    );
  if (node.kind === "character_literal" && pieces.length === 0)
    return textAt(node, sourceOf(at.tree, node).slice(1, -1));
  return textAt(node, pieces.join("").replace(/^\n\s{0,200}/, ""));
}

function creation(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const typed = inner.find(({ kind }) => /type/.test(kind) && kind !== "type_arguments");
  const type = typed === undefined ? "" : simpleType(sourceOf(at.tree, typed));
  const args = lowerEach(at, child(node, "argument_list"));
  if (isBufferType(type)) {
    const [start] = args;
    return start === undefined || start.kind === "constant" ? textAt(node, "") : start;
  }
  const made = callAt(node, nameAt(typed ?? node, type), type === "File" ? asPath(node, args) : args);
  const body = part(node, "class_body");
  if (body === undefined) return made;
  const methods = lowerBlock(at, body).flatMap((one): Expr[] =>
    one.kind === "function" ? [{ kind: "function", made: one.made, start: one.start, end: one.end }] : [],
  );
  const { start, end } = node;
  return { kind: "other", parts: [made, ...methods], start, end };
}

/** `new String[] { a }` is a list; `new byte[16]` is a call of `byte[]`. */
function array(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const values = inner.find(({ kind }) => kind === "array_initializer");
  if (values !== undefined) return lowerExpression(at, values);
  const [type, size] = inner;
  const name = type === undefined ? "[]" : `${simpleType(sourceOf(at.tree, type))}[]`;
  const length = size === undefined ? undefined : codeOf(size)[0];
  return callAt(node, nameAt(node, name), length === undefined ? [] : [asked(at, "!length", length)]);
}

/** `@GetMapping("/x")` is a call, as is `@GET`. */
function annotation(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const [name] = codeOf(node);
  const callee = nameAt(node, name === undefined ? "" : (sourceOf(at.tree, name).split(".").at(-1) ?? ""));
  if (node.kind === "marker_annotation") return callAt(node, callee, []);
  const args = codeOf(child(node, "annotation_argument_list")).map((one): Argument => {
    const [key, value] = codeOf(one);
    if (one.kind !== "element_value_pair" || key === undefined) return { value: lowerExpression(at, one) };
    return { name: sourceOf(at.tree, key), value: lowerExpression(at, value) };
  });
  return { kind: "call", callee, args, start, end };
}

/** The annotations of a class, method or parameter. */
export function annotationsOf(at: Lowering, node: Node): Expr[] {
  return codeOf(child(node, "modifiers"))
    .filter(({ kind }) => /annotation$/.test(kind))
    .map((one) => lowerExpression(at, one));
}

/** Lowers parameters. */
export function javaParameters(at: Lowering, node: Node | undefined): Parameter[] {
  if (node === undefined) return [];
  if (node.kind === "identifier") return [{ name: sourceOf(at.tree, node), type: "" }];
  return codeOf(node).flatMap((one) => {
    if (one.kind === "identifier") return [{ name: sourceOf(at.tree, one), type: "" }];
    const named = part(one, "identifier") ?? part(child(one, "variable_declarator"), "identifier");
    const typed = codeOf(one).find(({ kind }) => /type/.test(kind));
    if (named === undefined) return [];
    const type = typed === undefined ? "" : sourceOf(at.tree, typed).replace(/^([a-z]\w{0,60}\.){1,12}/, "");
    return [{ name: sourceOf(at.tree, named), type }];
  });
}

function lambda(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  const [takes] = codeOf(node);
  const body = behind(node, "->");
  const value = body === undefined || body.kind === "block" ? undefined : lowerExpression(at, body);
  return {
    name: "",
    marks: [],
    method: false,
    start,
    end,
    parameters: javaParameters(at, takes),
    body:
      value === undefined
        ? lowerBlock(at, body)
        : [{ kind: "return", value, start: value.start, end: value.end }],
  };
}

/** Lowers a `switch` expression to the values of its branches. A branch with statements becomes a function. */
function chosen(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const rules = codeOf(child(node, "switch_block"));
  const given = rules.map((rule): Expr => {
    const body = codeOf(rule).at(-1);
    if (body === undefined || body.kind !== "block") return lowerExpression(at, body);
    const made: FunctionMade = {
      name: "",
      marks: [],
      method: false,
      parameters: [],
      start,
      end,
      body: lowerBlock(at, body),
    };
    return { kind: "function", made, start, end };
  });
  return { kind: "other", parts: given, start, end };
}

/** Lowers a `switch` statement. */
export function switched(at: Lowering, node: Node): ReturnType<typeof branchesOf> {
  const [subject] = codeOf(node);
  let above: Expr[] = [];
  const cases = codeOf(child(node, "switch_block")).flatMap((group) => {
    const inner = codeOf(group);
    const own = inner
      .filter(({ kind }) => kind === "switch_label")
      .flatMap((label) => codeOf(label).map((one) => lowerExpression(at, one)));
    const labels = [...above, ...own];
    const body = lowerAll(
      at,
      inner.filter(({ kind }) => kind !== "switch_label"),
    );
    // a label without a body falls through to the next one
    above = body.length === 0 ? labels : [];
    return body.length === 0 ? [] : [{ labels, body, at: group }];
  });
  return branchesOf(lowerExpression(at, subject), cases);
}

/** Assignments within an expression: `x = (y = z)`, `while ((line = reader.readLine()) != null)`. */
export function innerAssignments(at: Lowering, node: Node | undefined): ReturnType<typeof assignAt>[] {
  const found: ReturnType<typeof assignAt>[] = [];
  const waiting = node === undefined ? [] : [node];
  for (let count = 0; waiting.length > 0 && count < 100; count++) {
    const one = waiting.pop();
    if (one === undefined) break;
    if (one.kind === "assignment_expression") {
      const [target, value] = codeOf(one);
      found.unshift(assignAt(one, lowerExpression(at, target), lowerExpression(at, value)));
    }
    waiting.push(...one.children.filter(({ kind }) => !/lambda|class_body|block/.test(kind)));
  }
  return found;
}
