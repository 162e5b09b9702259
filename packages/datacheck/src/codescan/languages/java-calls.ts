/** @file Lowers Java's method calls to the common syntax. Comparisons, tests and string building get common forms. */
import type { Expr, Span } from "../engine/syntax.ts";
import { type Node, part, sourceOf } from "../engine/tree.ts";
import { isBufferType, simpleType } from "./java-names.ts";
import {
  callAt,
  child,
  codeOf,
  type Lowering,
  lowerEach,
  lowerExpression,
  memberAt,
  nameAt,
  operationAt,
} from "./make.ts";
import { printed } from "./printf.ts";

/** The object, name and arguments of a call. */
export function partsOfCall(node: Node): { object: Node | undefined; name: Node | undefined; list: Node } {
  const inner = codeOf(node).filter(({ kind }) => kind !== "type_arguments");
  const list = child(node, "argument_list");
  const before = inner.filter((one) => one !== list);
  return { object: before.length > 1 ? before[0] : undefined, name: before.at(-1), list };
}

/** Lowers a method call. */
export function javaCall(at: Lowering, node: Node): Expr {
  const { object, name, list } = partsOfCall(node);
  const word = name === undefined ? "" : sourceOf(at.tree, name);
  if (word === "append" && object !== undefined) return appended(at, node);
  const args = lowerEach(at, list);
  if (object === undefined) return callAt(node, nameAt(name ?? node, word), args);
  if (/^matche[sr]$|^find$|^lookingAt$/.test(word)) {
    const match = matched(at, node, object, word, args);
    if (match !== undefined) return match;
  }
  const from = lowerExpression(at, object);
  if (
    from.kind === "name" &&
    ((from.name === "Paths" && word === "get") || (from.name === "Path" && word === "of"))
  )
    return callAt(node, memberAt(node, from, word), asPath(node, args));
  return known(node, from, word, args) ?? callAt(node, memberAt(node, from, word), args);
}

/** Joins the parts of a path to one text. */
export function asPath(span: Span, args: readonly Expr[]): Expr[] {
  if (args.length < 2) return [...args];
  const { start, end } = span;
  const pieces = args.flatMap((one, position) => (position === 0 ? [one] : ["/", one]));
  return [{ kind: "text", pieces, start, end }];
}

/** Whether an argument is a locale: `Locale.US`, `Locale.getDefault()`. */
function isOfLocale(expr: Expr | undefined): boolean {
  return expr?.kind === "member" && expr.object.kind === "name" && expr.object.name === "Locale";
}

function known(node: Node, from: Expr, word: string, args: readonly Expr[]): Expr | undefined {
  const [first, second] = args;
  const isText = from.kind === "name" && /^(String|MessageFormat)$/.test(from.name);
  if (word === "formatted") return printed(node, from, args);
  if (word === "format" && isText) {
    const isLocale = isOfLocale(first?.kind === "call" ? first.callee : first);
    const given = isLocale ? args.slice(1) : args;
    return printed(node, given[0], given.slice(1));
  }
  if (first === undefined) return undefined;
  // with a generator argument, the numbers are as strong as that generator
  if (word === "random" && args.length > 6 && from.kind === "name" && from.name === "RandomStringUtils")
    return callAt(node, memberAt(node, from, "by"), args);
  const list = listed(node, from, word, args);
  if (list !== undefined) return list;
  if (/^(equals|equalsIgnoreCase|contentEquals)$/.test(word)) {
    if (second === undefined) return operationAt(node, "==", [from, first]);
    return from.kind === "name" && from.name === "Objects" ? operationAt(node, "==", args) : undefined;
  }
  if (second === undefined && /^(contains|containsKey)$/.test(word))
    return operationAt(node, "in", [first, from]);
  if (second === undefined && word === "concat") return operationAt(node, "+", [from, first]);
  if (word === "replaceAll" && second !== undefined)
    return callAt(node, memberAt(node, nameAt(node, "re"), "sub"), [first, second, from]);
  return undefined;
}

const lists = /^(List|Set|Arrays|Collections|ImmutableList|ImmutableSet|Stream)$/;

/** `List.of(a, b)`, `Map.of(key, value)`. A single variable may be a list itself. */
function listed(node: Node, from: Expr, word: string, args: readonly Expr[]): Expr | undefined {
  if (from.kind !== "name") return undefined;
  const { start, end } = node;
  if (word === "of" && /^(Map|ImmutableMap)$/.test(from.name) && args.length % 2 === 0) {
    const entries = args.flatMap((value, at) => {
      const key = at % 2 === 1 ? args[at - 1] : undefined;
      return key === undefined ? [] : [{ key, value }];
    });
    return { kind: "group", entries, start, end };
  }
  if (!lists.test(from.name) || !/^(of|asList|singletonList|singleton)$/.test(word)) return undefined;
  const [only] = args;
  const isOpen = args.length === 1 && !word.startsWith("singleton") && only?.kind !== "text";
  if (isOpen) return undefined;
  return { kind: "group", entries: args.map((value) => ({ value })), start, end };
}

/** `pattern.matcher(x).matches()` is `pattern.matches(x)`. */
function matched(
  at: Lowering,
  node: Node,
  object: Node,
  word: string,
  args: readonly Expr[],
): Expr | undefined {
  if (object.kind !== "method_invocation" || args.length > 0) return undefined;
  const inner = partsOfCall(object);
  if (inner.name === undefined || sourceOf(at.tree, inner.name) !== "matcher") return undefined;
  const pattern = lowerExpression(at, inner.object);
  const name = word === "find" ? "search" : word === "lookingAt" ? "match" : "matches";
  return callAt(node, memberAt(node, pattern, name), lowerEach(at, inner.list));
}

/** A chain of `.append(x)`, starting at its object; `undefined` if the object is not a text buffer. */
export function appendsOf(at: Lowering, node: Node): { root: Node; added: Node[] } | undefined {
  const added: Node[] = [];
  let root: Node | undefined = node;
  while (root?.kind === "method_invocation") {
    const { object, name, list } = partsOfCall(root);
    if (name === undefined || sourceOf(at.tree, name) !== "append" || object === undefined) break;
    const [value] = codeOf(list);
    if (value !== undefined) added.push(value);
    root = object;
  }
  if (root === undefined || added.length === 0) return undefined;
  const typed = root.kind === "object_creation_expression" ? part(root, "type_identifier") : undefined;
  const builds =
    (typed !== undefined && isBufferType(simpleType(sourceOf(at.tree, typed)))) ||
    at.noted.has(sourceOf(at.tree, root));
  return builds ? { root, added: added.reverse() } : undefined;
}

/** Lowers `append` on a text buffer. On other objects it is an ordinary method. */
function appended(at: Lowering, node: Node): Expr {
  const chain = appendsOf(at, node);
  if (chain !== undefined) {
    return operationAt(
      node,
      "+",
      [chain.root, ...chain.added].map((one) => lowerExpression(at, one)),
    );
  }
  const { object, list } = partsOfCall(node);
  return callAt(node, memberAt(node, lowerExpression(at, object), "append"), lowerEach(at, list));
}
