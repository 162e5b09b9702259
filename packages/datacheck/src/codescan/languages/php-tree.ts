/**
 * @file Lowers PHP's expressions to the common syntax.
 *
 * Variables keep their `$`, so that `$file` differs from the function `file`. Functions outside classes are in lower
 * case.
 */
import type { Argument, Expr, FunctionMade, Parameter, Statement } from "../engine/syntax.ts";
import { behind, hasMark, type Node, part, sourceOf } from "../engine/tree.ts";
import { operatorOf } from "./chain.ts";
import {
  branchesOf,
  callAt,
  chainAt,
  child,
  codeOf,
  type Lowering,
  lowerAll,
  lowerBlock,
  lowerExpression,
  memberAt,
  nameAt,
  operationAt,
  textAt,
  unescaped,
} from "./make.ts";
import { phpCall } from "./php-calls.ts";
import { superglobal } from "./php-request.ts";

const words: Readonly<Record<string, string>> = {
  "&&": "and",
  "||": "or",
  "===": "==",
  "!==": "!=",
  "<>": "!=",
};

/** Lowers an expression. */
export function phpExpression(at: Lowering, node: Node): Expr {
  const { start, end, kind } = node;
  const inner = codeOf(node);
  const [first] = inner;
  switch (kind) {
    case "variable_name":
      return nameAt(node, sourceOf(at.tree, node));
    case "name":
    case "relative_scope":
      return nameAt(node, sourceOf(at.tree, node));
    case "qualified_name":
      return nameAt(node, lastName(sourceOf(at.tree, node)));
    case "parenthesized_expression":
    case "error_suppression_expression":
    case "expression_statement":
    case "by_ref":
      return lowerExpression(at, first);
    case "member_access_expression":
    case "nullsafe_member_access_expression":
      return memberAt(node, lowerExpression(at, first), wordOf(at, inner.at(-1)));
    case "class_constant_access_expression":
    case "scoped_property_access_expression":
      return memberAt(node, lowerExpression(at, first), wordOf(at, inner.at(-1)));
    case "subscript_expression":
      return subscript(at, node, inner);
    case "function_call_expression":
    case "member_call_expression":
    case "nullsafe_member_call_expression":
    case "scoped_call_expression":
      return phpCall(at, node, phpArguments(at, part(node, "arguments")));
    case "object_creation_expression":
      return creation(at, node, inner);
    case "encapsed_string":
    case "string":
    case "heredoc":
    case "nowdoc":
      return text(at, node);
    case "shell_command_expression":
      return callAt(node, nameAt(node, "shell_exec"), [text(at, node)]);
    case "boolean":
      return { kind: "constant", value: /true/i.test(sourceOf(at.tree, node)), start, end };
    case "null":
      return { kind: "constant", value: null, start, end };
    case "integer":
    case "float":
      return { kind: "constant", value: numberOf(sourceOf(at.tree, node)), start, end };
    case "array_creation_expression":
    case "list_literal":
      return array(at, node);
    case "anonymous_function":
    case "arrow_function":
    case "anonymous_function_creation_expression":
      return { kind: "function", made: functionOf(at, node), start, end };
    default:
      return rarer(at, node, inner);
  }
}

function rarer(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end, kind } = node;
  const [first, second] = inner;
  switch (kind) {
    case "binary_expression":
      return binary(at, node);
    case "unary_op_expression": {
      const value = lowerExpression(at, first);
      if (hasMark(node, "!")) return operationAt(node, "not", [value]);
      if (hasMark(node, "-") && value.kind === "constant" && typeof value.value === "number")
        return { ...value, value: -value.value, start, end };
      return { kind: "other", parts: [value], start, end };
    }
    case "conditional_expression": {
      const short = inner.length < 3;
      const test = lowerExpression(at, first);
      const met = short ? test : lowerExpression(at, second);
      return { kind: "choice", test, met, otherwise: lowerExpression(at, inner.at(-1)), start, end };
    }
    case "cast_expression": {
      const value = lowerExpression(at, inner.at(-1));
      const isNumber = /^(int|integer|float|double|bool|boolean)$/i.test(wordOf(at, first));
      return isNumber ? callAt(node, nameAt(node, "intval"), [value]) : value;
    }
    case "assignment_expression":
    case "augmented_assignment_expression":
      return lowerExpression(at, inner.at(-1));
    case "print_intrinsic":
      return callAt(node, nameAt(node, "print"), [lowerExpression(at, first)]);
    case "require_expression":
    case "require_once_expression":
    case "include_expression":
    case "include_once_expression":
      return callAt(node, nameAt(node, "include"), [lowerExpression(at, first)]);
    case "match_expression": {
      const arms = codeOf(child(node, "match_block"));
      return {
        kind: "other",
        parts: arms.map((arm) => lowerExpression(at, behind(arm, "=>"))),
        start,
        end,
      };
    }
    default:
      return { kind: "other", parts: inner.map((one) => lowerExpression(at, one)), start, end };
  }
}

/** `$x + 0`, `$x * 1`: converts to a number without changing the value. */
export function isNoChange(operator: string, value: Expr | undefined): boolean {
  if (value?.kind !== "constant" || typeof value.value !== "number") return false;
  return value.value === 0 ? operator === "+" || operator === "-" : value.value === 1 && operator === "*";
}

/** `strpos($a, $b) === 0` tests how a text begins; `!== false` tests whether it contains another. */
function binary(at: Lowering, node: Node): Expr {
  const operator = operatorOf(node);
  const made = chainAt(at, node, words);
  if (made.kind === "operation" && made.operands.some((one) => isNoChange(operator, one)))
    return callAt(node, nameAt(node, "intval"), [made]);
  const searched = searches(node, operator, made);
  if (searched !== undefined) return searched;
  if (made.kind !== "operation" || !/^[!=]==?$/.test(operator)) return made;
  const [left, right] = made.operands;
  if (left?.kind !== "call" || left.callee.kind !== "name" || right?.kind !== "constant") return made;
  const [where, what] = left.args;
  if (where === undefined || what === undefined) return made;
  const found = /^(str|mb_str|stri)i?pos$/.test(left.callee.name);
  const compared = /^strn(case)?cmp$/.test(left.callee.name);
  const asked = operator.startsWith("=");
  const not = (test: Expr): Expr => operationAt(node, "not", [test]);
  if ((found || compared) && right.value === 0) {
    const test = callAt(node, memberAt(node, where.value, "startsWith"), [what.value]);
    return asked ? test : not(test);
  }
  if (!found || right.value !== false) return made;
  const test = operationAt(node, "in", [what.value, where.value]);
  return asked ? not(test) : test;
}

/** `preg_match($p, $x) === 1`, `!== 0`: lowered to the match itself or its negation. */
function searches(node: Node, operator: string, made: Expr): Expr | undefined {
  if (made.kind !== "operation" || !/^([!=]==?|>)$/.test(operator)) return undefined;
  const [call, than] = made.operands;
  const isSearch = call?.kind === "call" && call.callee.kind === "name" && call.callee.name === "search";
  if (!isSearch || than?.kind !== "constant") return undefined;
  const isNone = than.value === 0 || than.value === false;
  const isFound = operator === ">" ? isNone : isNone === operator.startsWith("!");
  return isFound ? call : operationAt(node, "not", [call]);
}

function numberOf(source: string): number {
  const value = Number(source.replaceAll("_", "").replace(/^0([0-7]+)$/, "0o$1"));
  return Number.isNaN(value) ? 0 : value;
}

/** `\Foo\Bar` is `Bar`. */
export function lastName(source: string): string {
  return source.slice(source.lastIndexOf("\\") + 1);
}

function wordOf(at: Lowering, node: Node | undefined): string {
  return node === undefined ? "" : sourceOf(at.tree, node).slice(0, 200);
}

function subscript(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end } = node;
  const [object, index] = inner;
  if (index === undefined) return lowerExpression(at, object);
  const key = lowerExpression(at, index);
  // within text, `$a[key]` has no quotes
  const named = index.kind === "name" ? textAt(index, sourceOf(at.tree, index)) : key;
  const of = lowerExpression(at, object);
  return superglobal(at, node, of, named) ?? { kind: "index", object: of, index: named, start, end };
}

/** Lowers the arguments in parentheses. */
export function phpArguments(at: Lowering, list: Node | undefined): Argument[] {
  if (list === undefined) return [];
  return codeOf(list).map((one) => {
    const inner = codeOf(one);
    const value = inner.at(-1);
    if (one.kind === "variadic_unpacking" || value?.kind === "variadic_unpacking")
      return { spread: true, value: lowerExpression(at, codeOf(value ?? one).at(-1)) };
    const named = hasMark(one, ":") && inner.length > 1 ? { name: wordOf(at, inner[0]) } : {};
    return { ...named, value: lowerExpression(at, value) };
  });
}

function creation(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const { start, end } = node;
  const anonymous = part(node, "anonymous_class");
  if (anonymous !== undefined) {
    const methods = lowerBlock(at, part(anonymous, "declaration_list")).flatMap((one): Expr[] =>
      one.kind === "function" ? [{ kind: "function", made: one.made, start: one.start, end: one.end }] : [],
    );
    return { kind: "other", parts: methods, start, end };
  }
  const callee = lowerExpression(at, inner[0]);
  return { kind: "call", callee, args: phpArguments(at, part(node, "arguments")), start, end };
}

/** Lowers text of any kind, with interpolated variables. */
function text(at: Lowering, node: Node): Expr {
  const { start, end, kind } = node;
  const body = part(node, "heredoc_body", "nowdoc_body") ?? node;
  const plain = kind === "string" || kind === "nowdoc";
  const pieces = codeOf(body)
    .filter((one) => !/^heredoc_(start|end)$/.test(one.kind))
    .map((one): string | Expr => {
      if (/^(string_content|nowdoc_string)$/.test(one.kind)) return sourceOf(at.tree, one);
      if (one.kind !== "escape_sequence") return lowerExpression(at, one);
      const source = sourceOf(at.tree, one);
      return plain ? source.replace(/^\\(['\\])$/, "$1") : unescaped(source);
    });
  return { kind: "text", pieces, start, end };
}

function array(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  if (node.kind === "list_literal") {
    const values = codeOf(node).filter(({ kind }) => kind !== "string");
    return { kind: "group", entries: values.map((one) => ({ value: lowerExpression(at, one) })), start, end };
  }
  const entries = codeOf(node).map((one) => {
    const [key, value] = codeOf(one);
    if (key?.kind === "variadic_unpacking")
      return { spread: true, value: lowerExpression(at, codeOf(key)[0]) };
    return hasMark(one, "=>")
      ? { key: lowerExpression(at, key), value: lowerExpression(at, value) }
      : { value: lowerExpression(at, key) };
  });
  return { kind: "group", entries, start, end };
}

/** Lowers parameters. */
export function phpParameters(at: Lowering, node: Node | undefined): Parameter[] {
  if (node === undefined) return [];
  return codeOf(node).flatMap((one) => {
    const name = part(one, "variable_name");
    const typed = codeOf(one).find(({ kind }) => /type/.test(kind));
    if (name === undefined) return [];
    const value = behind(one, "=");
    const standard = value === undefined ? {} : { standard: lowerExpression(at, value) };
    const type = typed === undefined ? "" : lastName(sourceOf(at.tree, typed)).replace(/^\?/, "");
    return [{ name: sourceOf(at.tree, name), type, ...standard }];
  });
}

/** Lowers a function, method or closure. */
export function functionOf(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  const name = part(node, "name");
  const word = name === undefined ? "" : sourceOf(at.tree, name);
  const short = node.kind === "arrow_function" ? behind(node, "=>") : undefined;
  const value = short === undefined ? undefined : lowerExpression(at, short);
  const groups = codeOf(child(node, "attribute_list")).flatMap((group) => codeOf(group));
  return {
    name: node.kind === "function_definition" ? word.toLowerCase() : word,
    parameters: phpParameters(at, part(node, "formal_parameters")),
    body:
      value === undefined
        ? lowerBlock(at, part(node, "compound_statement"))
        : [{ kind: "return", value, start: value.start, end: value.end }],
    marks: groups.map((one) => nameAt(one, lastName(wordOf(at, codeOf(one)[0])))),
    method: false,
    start,
    end,
  };
}

/** Lowers a `switch`. */
export function phpSwitch(at: Lowering, node: Node): Statement[] {
  const subject = codeOf(node)[0];
  const cases = codeOf(child(node, "switch_block")).map((group) => {
    const inner = codeOf(group);
    const isCase = group.kind === "case_statement";
    const labels = isCase ? inner.slice(0, 1).map((one) => lowerExpression(at, one)) : [];
    return { labels, body: lowerAll(at, isCase ? inner.slice(1) : inner), at: group };
  });
  return branchesOf(lowerExpression(at, subject), cases);
}
