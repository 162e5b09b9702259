/** @file Lowers C#'s expressions to the common syntax. */
import type { Argument, Expr, FunctionMade, OtherExpr, Parameter } from "../engine/syntax.ts";
import { behind, hasMark, type Node, part, sourceOf } from "../engine/tree.ts";
import { boundAccess, created, csharpCall, initialEntries, memberName } from "./csharp-calls.ts";
import { simpleType, withoutNamespace } from "./csharp-names.ts";
import {
  callAt,
  chainAt,
  child,
  codeOf,
  type Lowering,
  lowerBlock,
  lowerExpression,
  memberAt,
  nameAt,
  operationAt,
  textAt,
  unescaped,
} from "./make.ts";

const words: Readonly<Record<string, string>> = { "&&": "and", "||": "or" };

/** Lowers an expression. */
export function csharpExpression(at: Lowering, node: Node): Expr {
  const { start, end, kind } = node;
  const inner = codeOf(node);
  const [first] = inner;
  switch (kind) {
    case "identifier":
    case "predefined_type":
    case "this":
    case "implicit_parameter":
      return named(at, node, sourceOf(at.tree, node));
    case "generic_name":
    case "array_type":
    case "nullable_type":
    case "qualified_name":
      return nameAt(node, simpleType(sourceOf(at.tree, node)));
    case "alias_qualified_name":
    case "typeof_expression":
    case "parenthesized_expression":
    case "cast_expression":
    case "await_expression":
    case "checked_expression":
    case "ref_expression":
    case "arrow_expression_clause":
      return lowerExpression(at, inner.at(-1));
    case "argument":
    case "expression_statement":
    case "as_expression":
    case "is_expression":
    case "postfix_unary_expression":
      return lowerExpression(at, kind === "argument" ? inner.at(-1) : first);
    case "member_access_expression":
      return access(at, node, inner);
    case "conditional_access_expression":
      return boundAccess(at, lowerExpression(at, first), inner[1]);
    case "element_access_expression":
      return element(
        node,
        lowerExpression(at, first),
        lowerExpression(at, codeOf(child(node, "bracketed_argument_list"))[0]),
      );
    case "invocation_expression":
      return csharpCall(at, node);
    case "object_creation_expression":
      return created(at, node, simpleType(sourceOf(at.tree, first ?? node)));
    case "implicit_object_creation_expression":
      return created(at, node, "");
    case "binary_expression":
      return chainAt(at, node, words);
    case "conditional_expression":
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
    case "is_pattern_expression":
      return patternTest(at, node, lowerExpression(at, first), inner[1]);
    default:
      return literal(at, node, inner);
  }
}

function literal(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end, kind } = node;
  switch (kind) {
    case "string_literal":
    case "character_literal":
      return textAt(node, contentOf(at, node));
    case "verbatim_string_literal":
      return textAt(
        node,
        sourceOf(at.tree, node)
          .replace(/^@"|"$/g, "")
          .replaceAll('""', '"'),
      );
    case "raw_string_literal":
      return textAt(node, sourceOf(at.tree, child(node, "raw_string_content")));
    case "interpolated_string_expression":
      return interpolated(at, node);
    case "boolean_literal":
      return { kind: "constant", value: part(node, "true") !== undefined, start, end };
    case "null_literal":
    case "default_expression":
      return { kind: "constant", value: null, start, end };
    case "integer_literal":
    case "real_literal": {
      const source = sourceOf(at.tree, node).replaceAll("_", "");
      const value = Number(/^0[xXbB]/.test(source) ? source : source.replace(/[a-zA-Z]{1,2}$/, ""));
      return { kind: "constant", value: Number.isNaN(value) ? 0 : value, start, end };
    }
    case "prefix_unary_expression": {
      const value = lowerExpression(at, inner[0]);
      if (hasMark(node, "!")) return operationAt(node, "not", [value]);
      if (hasMark(node, "-") && value.kind === "constant" && typeof value.value === "number")
        return { ...value, value: -value.value, start, end };
      return { kind: "other", parts: [value], start, end };
    }
    default:
      return rarer(at, node, inner);
  }
}

function rarer(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end, kind } = node;
  switch (kind) {
    case "array_creation_expression":
    case "implicit_array_creation_expression":
    case "stackalloc_expression":
    case "implicit_stackalloc_expression":
      return array(at, node, inner);
    case "initializer_expression":
      return { kind: "group", entries: initialEntries(at, node), start, end };
    case "tuple_expression":
    case "element_binding_expression":
      return {
        kind: "group",
        entries: inner.map((one) => ({ value: lowerExpression(at, one) })),
        start,
        end,
      };
    case "tuple_pattern":
      return {
        kind: "group",
        entries: inner.map((one) => ({ value: lowerExpression(at, one) })),
        start,
        end,
      };
    case "declaration_expression":
      return lowerExpression(at, inner.at(-1));
    case "anonymous_object_creation_expression":
      return anonymous(at, node);
    case "lambda_expression":
    case "anonymous_method_expression":
      return { kind: "function", made: lambda(at, node), start, end };
    case "switch_expression":
      return chosen(at, node, inner);
    case "query_expression":
      return queried(at, node, inner);
    case "attribute":
      return attribute(at, node);
    case "implicit_type":
    case "type_argument_list":
      return { kind: "other", parts: [], start, end };
    default:
      return { kind: "other", parts: inner.map((one) => lowerExpression(at, one)), start, end };
  }
}

/** Resolves a field of the current class to its object, so that values from the constructor are known. */
function named(at: Lowering, node: Node, name: string): Expr {
  const bare = name.replace(/^@/, "");
  return at.noted.has(`field ${bare}`) ? memberAt(node, nameAt(node, "this"), bare) : nameAt(node, bare);
}

/** `object[index]`. A character picked by a random index also derives from the index. */
function element(node: Node, object: Expr, index: Expr): Expr {
  const { start, end } = node;
  const made: Expr = { kind: "index", object, index, start, end };
  const isDrawn =
    index.kind === "call" &&
    index.callee.kind === "member" &&
    /^(Next|NextInt64|GetInt32)$/.test(index.callee.name);
  return isDrawn ? { kind: "other", parts: [made, index], start, end } : made;
}

/** `System.IO.File` is `File`; a task's `.Result` is the task's value. */
function access(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const [object, last] = inner;
  const whole = withoutNamespace(at.tree.text.slice(node.start, Math.min(node.end, node.start + 201)));
  if (whole !== undefined) return nameAt(node, whole);
  const name = memberName(at, last);
  if (object?.kind === "this" || (object !== undefined && sourceOf(at.tree, object) === "base"))
    return named(at, node, name);
  const from = lowerExpression(at, object);
  return name === "Result" && from.kind === "call" ? from : memberAt(node, from, name);
}

function contentOf(at: Lowering, node: Node): string {
  return node.children
    .filter(({ named }) => named)
    .map((one) =>
      one.kind === "escape_sequence"
        ? unescaped(sourceOf(at.tree, one))
        : one.kind === "string_literal_encoding"
          ? ""
          : sourceOf(at.tree, one),
    )
    .join("");
}

function interpolated(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const isVerbatim = sourceOf(at.tree, child(node, "interpolation_start")).includes("@");
  const pieces = node.children.flatMap((one): (string | Expr)[] => {
    if (one.kind === "interpolation") {
      const [value] = codeOf(one).filter(({ kind }) => !kind.startsWith("interpolation_"));
      return [lowerExpression(at, value)];
    }
    const source = one.named ? sourceOf(at.tree, one) : "";
    if (one.kind === "escape_sequence") return [unescaped(source)];
    if (one.kind !== "string_content") return [];
    const plain = source.replaceAll("{{", "{").replaceAll("}}", "}");
    return [isVerbatim ? plain.replaceAll('""', '"') : plain];
  });
  return { kind: "text", pieces, start, end };
}

/** `new string[] { a }` is a list; `new byte[16]` is a call of `byte[]`. */
function array(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const values = part(node, "initializer_expression");
  if (values !== undefined) return lowerExpression(at, values);
  const [type] = inner;
  const element =
    type === undefined ? "" : simpleType(sourceOf(at.tree, type).replace(/\[[\s\S]{0,300}$/, ""));
  const [size] = codeOf(child(type ?? node, "array_rank_specifier"));
  return callAt(node, nameAt(node, `${element}[]`), size === undefined ? [] : [lowerExpression(at, size)]);
}

/** `new { A = a, b.C }`. */
function anonymous(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const entries: { key?: Expr; value: Expr }[] = [];
  for (const [position, one] of node.children.entries()) {
    if (!one.named || node.children[position + 1]?.kind === "=") continue;
    const named = node.children[position - 1]?.kind === "=" ? node.children[position - 2] : one;
    const source = named === undefined ? "" : sourceOf(at.tree, named);
    const key = /(\w{1,80})$/.exec(source.slice(-80))?.[1];
    const value = lowerExpression(at, one);
    entries.push(key === undefined ? { value } : { key: textAt(named ?? one, key), value });
  }
  return { kind: "group", entries, start, end };
}

/** `[HttpGet("x")]` is a call, `[HttpGet]` a name. */
function attribute(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const [name] = codeOf(node);
  const word = name === undefined ? "" : simpleType(sourceOf(at.tree, name)).replace(/Attribute$/, "");
  const list = part(node, "attribute_argument_list");
  if (list === undefined) return nameAt(node, word);
  const args = codeOf(list).map((one): Argument => {
    const [value] = codeOf(one);
    const [key, given] = value?.kind === "assignment_expression" ? codeOf(value) : [];
    return key === undefined
      ? { value: lowerExpression(at, codeOf(one).at(-1)) }
      : { name: sourceOf(at.tree, key), value: lowerExpression(at, given) };
  });
  return { kind: "call", callee: nameAt(node, word), args, start, end };
}

/** The attributes of a class, method or parameter. */
export function attributesOf(at: Lowering, node: Node): Expr[] {
  return node.children
    .filter(({ kind }) => kind === "attribute_list")
    .flatMap((list) => codeOf(list).filter(({ kind }) => kind === "attribute"))
    .map((one) => lowerExpression(at, one));
}

/** Lowers parameters, with simple type names. */
export function csharpParameters(at: Lowering, node: Node | undefined): Parameter[] {
  if (node === undefined) return [];
  if (node.kind !== "parameter_list") return [{ name: sourceOf(at.tree, node), type: "" }];
  return codeOf(node).flatMap((one, position, all): Parameter[] => {
    // `params string[] rest` has no node of its own
    if (one.kind === "array_type") {
      const name = all[position + 1];
      return name?.kind === "identifier"
        ? [{ name: sourceOf(at.tree, name), type: simpleType(sourceOf(at.tree, one)) }]
        : [];
    }
    if (one.kind !== "parameter") return [];
    const inner = codeOf(one).filter(({ kind }) => kind !== "attribute_list" && kind !== "modifier");
    const standard = behind(one, "=");
    const names = inner.filter((part) => part !== standard);
    const name = names.at(-1);
    if (name?.kind !== "identifier") return [];
    const type = names.length > 1 ? simpleType(sourceOf(at.tree, names[0] ?? name)) : "";
    const given = standard === undefined ? {} : { standard: lowerExpression(at, standard) };
    return [{ name: sourceOf(at.tree, name).replace(/^@/, ""), type, ...given }];
  });
}

/** Lowers a lambda. One mapped to a route handles requests. */
function lambda(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  const marks = at.noted.delete("!route") ? [nameAt({ start, end: start }, "!action")] : [];
  const takes = part(node, "parameter_list", "implicit_parameter");
  const body = codeOf(node).at(-1);
  const isBlock = body?.kind === "block";
  const value = isBlock || body === takes ? undefined : lowerExpression(at, body);
  return {
    name: "",
    marks: [...marks, ...attributesOf(at, node)],
    method: false,
    start,
    end,
    parameters: csharpParameters(at, takes),
    body:
      value === undefined
        ? lowerBlock(at, isBlock ? body : undefined)
        : [{ kind: "return", value, start: value.start, end: value.end }],
  };
}

const maxArms = 60;

/** `x switch { "a" => 1, _ => 2 }`: nested choices, in which the first matching arm wins. */
function chosen(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const [subject, ...rest] = inner;
  const from = lowerExpression(at, subject);
  const { start, end } = node;
  let value: Expr = { kind: "other", parts: [], start, end };
  const arms = rest.filter(({ kind }) => kind === "switch_expression_arm").slice(0, maxArms);
  for (const arm of arms.reverse()) {
    const [pattern] = codeOf(arm);
    const met = lowerExpression(at, codeOf(arm).at(-1));
    value = isAny(pattern)
      ? met
      : { kind: "choice", test: patternTest(at, arm, from, pattern), met, otherwise: value, start, end };
  }
  return value;
}

function isAny(pattern: Node | undefined): boolean {
  return pattern === undefined || pattern.kind === "discard" || pattern.kind === "var_pattern";
}

/** The test that `is` or `case` applies to a value: equality with a constant, or with one of several. */
export function patternTest(at: Lowering, node: Node, subject: Expr, pattern: Node | undefined): Expr {
  const other: OtherExpr = { kind: "other", parts: [subject], start: node.start, end: node.end };
  if (pattern === undefined) return other;
  const inner = codeOf(pattern);
  if (pattern.kind === "constant_pattern")
    return operationAt(node, "==", [subject, lowerExpression(at, inner[0])]);
  if (pattern.kind === "negated_pattern")
    return operationAt(node, "not", [patternTest(at, node, subject, inner[0])]);
  if (pattern.kind === "parenthesized_pattern") return patternTest(at, node, subject, inner[0]);
  if (pattern.kind === "relational_pattern") {
    const mark = pattern.children.find(({ kind }) => /^[<>]=?$/.test(kind))?.kind ?? "";
    return operationAt(node, mark, [subject, lowerExpression(at, inner[0])]);
  }
  if (pattern.kind !== "or_pattern" && pattern.kind !== "and_pattern") return other;
  const values = alternatives(pattern);
  if (pattern.kind === "or_pattern" && values.every(({ kind }) => kind === "constant_pattern")) {
    const entries = values.map((one) => ({ value: lowerExpression(at, codeOf(one)[0]) }));
    const { start, end } = pattern;
    return operationAt(node, "in", [subject, { kind: "group", entries, start, end }]);
  }
  const word = pattern.kind === "or_pattern" ? "or" : "and";
  return operationAt(
    node,
    word,
    values
      .slice(0, maxArms)
      .map((one) => patternTest(at, node, subject, one.kind === pattern.kind ? undefined : one)),
  );
}

/** The alternatives of `a or b or c`, which nest to the left and may be many. */
function alternatives(pattern: Node): Node[] {
  const found: Node[] = [];
  let left: Node | undefined = pattern;
  while (left?.kind === pattern.kind) {
    const [next, last]: (Node | undefined)[] = codeOf(left);
    if (last !== undefined) found.push(last);
    left = next;
  }
  if (left !== undefined) found.push(left);
  return found.reverse();
}

/** `from x in xs where x.A select x.B`: element names, tests and the selected value. */
function queried(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const bindings: { target: Expr; from: Expr }[] = [];
  const tests: Expr[] = [];
  const parts: Expr[] = [];
  for (const clause of inner) {
    const [first, second, ...rest] = codeOf(clause);
    if (/^(from|join|let)_clause$/.test(clause.kind)) {
      // a type may precede the name
      const last = clause.kind === "from_clause" ? codeOf(clause).at(-1) : second;
      const target = clause.kind === "from_clause" && rest.length > 0 ? second : first;
      bindings.push({ target: lowerExpression(at, target), from: lowerExpression(at, last) });
    } else if (clause.kind === "where_clause") tests.push(lowerExpression(at, first));
    else if (/^(select|group)_clause$/.test(clause.kind)) parts.push(lowerExpression(at, first));
  }
  const { start, end } = node;
  return { kind: "other", parts, bindings, tests, start, end };
}
