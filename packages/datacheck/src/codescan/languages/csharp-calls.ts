/**
 * @file Lowers C#'s calls and objects to the common syntax. Comparisons, tests and string building get common forms.
 */
import type { Argument, Expr, Span } from "../engine/syntax.ts";
import { hasMark, type Node, part, sourceOf } from "../engine/tree.ts";
import { isBufferType, isListType, simpleType } from "./csharp-names.ts";
import {
  callAt,
  child,
  codeOf,
  constantText,
  type Lowering,
  lowerExpression,
  memberAt,
  nameAt,
  operationAt,
  textAt,
} from "./make.ts";

/** The name of a member, without its generic arguments. */
export function memberName(at: Lowering, node: Node | undefined): string {
  return node === undefined ? "" : simpleType(sourceOf(at.tree, node));
}

/** Lowers the arguments of a call. A function that handles a route is marked as such. */
function csharpArguments(at: Lowering, list: Node, isRoute = false): Argument[] {
  return codeOf(list).map((one): Argument => {
    const inner = codeOf(one);
    const value = inner.at(-1);
    if (isRoute && value?.kind === "lambda_expression") at.noted.add("!route");
    const lowered = lowerExpression(at, value);
    const [name] = inner;
    return hasMark(one, ":") && inner.length > 1 && name !== undefined
      ? { name: sourceOf(at.tree, name), value: lowered }
      : { value: lowered };
  });
}

const routes = /^Map(Get|Post|Put|Delete|Patch|Methods|Fallback)?$/;

/** A call. */
export function csharpCall(at: Lowering, node: Node): Expr {
  const [callee] = codeOf(node);
  if (callee === undefined) return { kind: "other", parts: [], start: node.start, end: node.end };
  if (callee.kind === "member_access_expression") {
    const [object, name] = codeOf(callee);
    if (object?.kind === "this" || (object !== undefined && sourceOf(at.tree, object) === "base"))
      return callOf(at, node, nameAt(callee, wordOf(memberName(at, name))), "");
    const isOwn = object?.kind === "identifier" && at.noted.has(`class ${sourceOf(at.tree, object)}`);
    if (isOwn) return callOf(at, node, nameAt(callee, wordOf(memberName(at, name))), "");
    return callOf(at, node, lowerExpression(at, object), wordOf(memberName(at, name)));
  }
  // `a?.B()` contains its call
  if (callee.kind === "conditional_access_expression") {
    const [object, bound] = codeOf(callee);
    const inner = boundAccess(at, lowerExpression(at, object), bound);
    return inner.kind === "member" ? callOf(at, node, inner.object, wordOf(inner.name)) : inner;
  }
  const word = callee.kind === "identifier" || callee.kind === "generic_name" ? memberName(at, callee) : "";
  if (word === "nameof") return textAt(node, sourceOf(at.tree, child(node, "argument_list")).slice(1, -1));
  const target = word === "" ? lowerExpression(at, callee) : nameAt(callee, wordOf(word));
  return callOf(at, node, target, "");
}

/** Drops the suffix `Async`, so that both variants of a method share a name. */
function wordOf(name: string): string {
  return name.length > 5 ? name.replace(/Async$/, "") : name;
}

/** A call of an object's method, or of a function if `word` is empty. */
function callOf(at: Lowering, node: Node, object: Expr, word: string): Expr {
  const list = child(node, "argument_list");
  const { start, end } = node;
  if (word === "ConfigureAwait" || word === "GetAwaiter" || word === "GetResult" || word === "AsSpan")
    return object;
  const args = csharpArguments(at, list, routes.test(word));
  const values = args.every(({ name }) => name === undefined) ? args.map(({ value }) => value) : undefined;
  const common = values === undefined || word === "" ? undefined : commonForm(at, node, object, word, values);
  if (common !== undefined) return common;
  const callee = word === "" ? object : memberAt(node, object, renamedTests[word] ?? word);
  return { kind: "call", callee, args, start, end };
}

/** Tests under the names that all languages share. */
const renamedTests: Readonly<Record<string, string>> = {
  StartsWith: "startsWith",
  EndsWith: "endsWith",
  IsMatch: "search",
  // a local URL belongs to this host
  IsLocalUrl: "checkOwnUrl",
};

function commonForm(
  at: Lowering,
  node: Node,
  object: Expr,
  word: string,
  values: readonly Expr[],
): Expr | undefined {
  const [first, second] = values;
  const of = object.kind === "name" ? object.name : "";
  if (/^(string|String)$/.test(of)) return ofText(node, word, values);
  if (word === "IsMatch" && of === "Regex" && first !== undefined && second !== undefined)
    return callAt(node, memberAt(node, object, "search"), [second, first, ...values.slice(2)]);
  if (word === "Replace" && of === "Regex" && first !== undefined && second !== undefined)
    return callAt(node, memberAt(node, nameAt(node, "re"), "sub"), [second, ...values.slice(2), first]);
  if (first === undefined) return undefined;
  if (word === "Equals")
    return operationAt(node, "==", second === undefined ? [object, first] : [first, second]);
  if (/^(Contains|ContainsKey)$/.test(word)) return operationAt(node, "in", [first, object]);
  if (word === "Replace" && second !== undefined)
    return callAt(node, memberAt(node, object, "replace"), values);
  if (word === "AppendFormat" || word === "Append" || word === "AppendLine" || word === "Insert")
    return appended(at, node, object, word, values);
  if (/^(Combine|Join)$/.test(word) && of === "Path")
    return callAt(node, memberAt(node, object, word), asPath(node, values));
  return undefined;
}

/** Joins the parts of a path to one text. */
function asPath(span: Span, args: readonly Expr[]): Expr[] {
  if (args.length < 2) return [...args];
  const { start, end } = span;
  const pieces = args.flatMap((one, position) => (position === 0 ? [one] : ["/", one]));
  return [{ kind: "text", pieces, start, end }];
}

function ofText(node: Node, word: string, values: readonly Expr[]): Expr | undefined {
  const [first, second] = values;
  if (first === undefined) return undefined;
  if (word === "Format") {
    const hasCulture = values.length > 1 && isCulture(first);
    return placed(node, hasCulture ? second : first, values.slice(hasCulture ? 2 : 1));
  }
  if (word === "Concat")
    return operationAt(node, "+", first.kind === "group" ? first.entries.map(({ value }) => value) : values);
  if (word === "Join") return callAt(node, memberAt(node, first, "join"), values.slice(1));
  if (word === "Equals" && second !== undefined) return operationAt(node, "==", [first, second]);
  if (word === "Copy" || word === "Intern") return first;
  return undefined;
}

/** Whether an argument before the template is a culture: `CultureInfo.InvariantCulture`. */
function isCulture(expr: Expr): boolean {
  if (expr.kind === "constant") return expr.value === null;
  if (expr.kind === "call")
    return expr.callee.kind === "name" ? expr.callee.name === "CultureInfo" : isCulture(expr.callee);
  return expr.kind === "member" && /Culture|NumberFormat/.test(expr.name);
}

const places = /\{(\d{1,2})(?:,[^{}]{0,20})?(?::[^{}]{0,40})?\}|\{\{|\}\}/g;

/** Fills `{0}` and `{1:N2}` if the template is constant; otherwise a call of `.format` on the template. */
export function placed(span: Span, template: Expr | undefined, args: readonly Expr[]): Expr {
  const { start, end } = span;
  const text = constantText(template);
  if (template === undefined) return { kind: "other", parts: [...args], start, end };
  const [only] = args;
  const values = args.length === 1 && only?.kind === "group" ? only.entries.map(({ value }) => value) : args;
  if (text === undefined) return callAt(span, memberAt(span, template, "format"), values);
  const pieces: (string | Expr)[] = [];
  let from = 0;
  for (const found of text.matchAll(places)) {
    pieces.push(text.slice(from, found.index));
    from = found.index + found[0].length;
    const value = found[1] === undefined ? found[0].slice(1) : values[Number(found[1])];
    if (value !== undefined) pieces.push(value);
  }
  pieces.push(text.slice(from));
  return { kind: "text", pieces: pieces.filter((one) => one !== ""), start, end };
}

/** Appends text to a buffer. On other objects `Append` is an ordinary method. */
function appended(
  at: Lowering,
  node: Node,
  object: Expr,
  word: string,
  values: readonly Expr[],
): Expr | undefined {
  if (!isBuffer(at, object)) return undefined;
  const [first] = values;
  const more =
    word === "AppendFormat" ? placed(node, first, values.slice(1)) : values.at(word === "Insert" ? 1 : 0);
  return more === undefined ? undefined : operationAt(node, "+", [object, more]);
}

/** Whether an expression is a text buffer, possibly with text appended. */
export function isBuffer(at: Lowering, expr: Expr): boolean {
  let one: Expr | undefined = expr;
  for (let depth = 0; depth < 200 && one?.kind === "operation" && one.operator === "+"; depth++)
    one = one.operands[0];
  if (one?.kind === "member") return at.noted.has(`buffer ${one.name}`);
  return one?.kind === "name" && at.noted.has(`buffer ${one.name}`);
}

/** Lowers the expression after `?.`; its object is the tested one. */
export function boundAccess(at: Lowering, object: Expr, node: Node | undefined): Expr {
  if (node === undefined) return object;
  const inner = codeOf(node);
  const [first, second] = inner;
  switch (node.kind) {
    case "member_binding_expression":
      return memberAt(node, object, memberName(at, first));
    case "element_binding_expression":
      return { kind: "index", object, index: lowerExpression(at, first), start: node.start, end: node.end };
    case "member_access_expression":
      return memberAt(node, boundAccess(at, object, first), memberName(at, second));
    case "element_access_expression":
      return {
        kind: "index",
        object: boundAccess(at, object, first),
        start: node.start,
        end: node.end,
        index: lowerExpression(at, codeOf(child(node, "bracketed_argument_list"))[0]),
      };
    case "invocation_expression": {
      const callee = boundAccess(at, object, first);
      return callee.kind === "member"
        ? callOf(at, node, callee.object, wordOf(callee.name))
        : callOf(at, node, callee, "");
    }
    case "conditional_access_expression":
      return boundAccess(at, boundAccess(at, object, first), second);
    default:
      return memberAt(node, object, memberName(at, first));
  }
}

/** `new T(a) { B = b }`: the initializer's properties become named arguments; a list consists of its elements. */
export function created(at: Lowering, node: Node, type: string): Expr {
  const { start, end } = node;
  const list = part(node, "argument_list");
  const args = list === undefined ? [] : csharpArguments(at, list);
  if (isBufferType(type)) {
    const first = args[0]?.value;
    return first === undefined || first.kind === "constant" ? textAt(node, "") : first;
  }
  const initial = part(node, "initializer_expression");
  const isMap = /Dictionary$|Collection$|^Hashtable$/.test(type);
  if (initial !== undefined && (isListType(type) || isMap))
    return { kind: "group", entries: initialEntries(at, initial), start, end };
  const set = initial === undefined ? [] : codeOf(initial).map((one) => setArgument(at, one));
  return { kind: "call", callee: nameAt(node, type), args: [...args, ...set], start, end };
}

function setArgument(at: Lowering, node: Node): Argument {
  const [target, value] = codeOf(node);
  if (node.kind !== "assignment_expression" || target?.kind !== "identifier")
    return { value: lowerExpression(at, node) };
  const name = sourceOf(at.tree, target);
  // `Key = new(x)` and `Headers = { ... }`
  return { name, value: lowerExpression(at, value) };
}

/** `{ a, b }`, `{ { "k", v } }`, `{ ["k"] = v }`. */
export function initialEntries(at: Lowering, node: Node): { key?: Expr; value: Expr }[] {
  return codeOf(node).map((one) => {
    const [first, second] = codeOf(one);
    if (one.kind === "initializer_expression" && second !== undefined)
      return { key: lowerExpression(at, first), value: lowerExpression(at, second) };
    if (one.kind !== "assignment_expression") return { value: lowerExpression(at, one) };
    const key = first?.kind === "element_binding_expression" ? codeOf(first)[0] : first;
    const name = key?.kind === "identifier" ? textAt(key, sourceOf(at.tree, key)) : lowerExpression(at, key);
    return { key: name, value: lowerExpression(at, second) };
  });
}

/** Lowers a value whose type comes from its declaration: `SqlCommand c = new("...")`. */
export function valueOfType(at: Lowering, value: Node, type: string): Expr {
  return value.kind === "implicit_object_creation_expression"
    ? created(at, value, simpleType(type))
    : lowerExpression(at, value);
}
