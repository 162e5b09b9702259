/** @file PHP's calls as the small syntax: tests and the building of text get their common forms. */
import type { Argument, Expr } from "../engine/syntax.ts";
import { type Node, sourceOf } from "../engine/tree.ts";
import {
  callAt,
  codeOf,
  constantText,
  type Lowering,
  lowerExpression,
  memberAt,
  nameAt,
  operationAt,
  textAt,
} from "./make.ts";
import { printed } from "./printf.ts";

/** A call of a function or method; its arguments are lowered. */
export function phpCall(at: Lowering, node: Node, args: readonly Argument[]): Expr {
  const { start, end } = node;
  const before = codeOf(node).filter(({ kind }) => kind !== "arguments");
  const [first, second] = before;
  if (node.kind !== "function_call_expression") {
    const name = second === undefined ? "" : sourceOf(at.tree, second).slice(0, 200);
    const callee = memberAt(node, lowerExpression(at, first), name);
    return { kind: "call", callee, args, start, end };
  }
  const callee = lowerExpression(at, first);
  if (callee.kind !== "name" || callee.name.startsWith("$"))
    return { kind: "call", callee, args, start, end };
  const name = callee.name.toLowerCase();
  const values = args.map(({ value }) => value);
  return known(node, name, values) ?? { kind: "call", callee: nameAt(node, name), args, start, end };
}

function known(node: Node, name: string, args: readonly Expr[]): Expr | undefined {
  const [first, second, third] = args;
  if (first === undefined) return undefined;
  switch (name) {
    case "sprintf":
      return printed(node, first, args.slice(1));
    case "vsprintf":
      return printed(
        node,
        first,
        second?.kind === "group" ? second.entries.map(({ value }) => value) : args.slice(1),
      );
    case "printf":
      return callAt(node, nameAt(node, "echo"), [printed(node, first, args.slice(1))]);
    case "in_array":
    case "array_key_exists":
      return second === undefined ? undefined : operationAt(node, "in", [first, second]);
    case "str_contains":
      return second === undefined ? undefined : operationAt(node, "in", [second, first]);
    case "str_starts_with":
      return second === undefined ? undefined : callAt(node, memberAt(node, first, "startsWith"), [second]);
    case "str_ends_with":
      return second === undefined ? undefined : callAt(node, memberAt(node, first, "endsWith"), [second]);
    case "isset":
      return first.kind === "index" ? operationAt(node, "in", [first.index, first.object]) : undefined;
    case "preg_match":
      return second === undefined ? undefined : callAt(node, nameAt(node, "search"), [bare(first), second]);
    case "str_replace":
    case "str_ireplace":
      return third === undefined
        ? undefined
        : callAt(node, memberAt(node, third, "replace"), [oneOf(first), second ?? first]);
    case "file_get_contents":
      return constantText(first) === "php://input" ? nameAt(node, "php_input") : undefined;
    case "filter_var":
    case "filter_input":
      return filtered(node, name, args);
    case "call_user_func":
    case "call_user_func_array":
      return undefined;
    case "strcmp":
    case "strcasecmp":
      return second === undefined ? undefined : operationAt(node, "!=", [first, second]);
    default:
      return undefined;
  }
}

/** A pattern without its marks: `#^a$#i` is `^a$`. */
function bare(pattern: Expr): Expr {
  const text = constantText(pattern);
  const found =
    text === undefined ? null : /^\s{0,9}([^\w\s\\])([\s\S]{0,2000})([^\w\s\\])[a-zA-Z]{0,8}$/.exec(text);
  return found === null ? pattern : textAt(pattern, found[2] ?? "");
}

/** Of several texts that are replaced: line breaks where all are. */
function oneOf(what: Expr): Expr {
  if (what.kind !== "group") return what;
  const texts = what.entries.map(({ value }) => constantText(value) ?? "");
  const [only] = what.entries;
  if (only !== undefined && texts.every((text) => /^[\r\n\0]+$|^%0[ad]$/i.test(text)))
    return textAt(what, "\n");
  return what;
}

/** What the filter lets through: a number, text for a page, or what it was. */
function filtered(node: Node, name: string, args: readonly Expr[]): Expr | undefined {
  const subject = name === "filter_var" ? args[0] : nameAt(node, "$_GET");
  const filter = name === "filter_var" ? args[1] : args[2];
  const word = filter?.kind === "name" ? filter.name : "";
  if (subject === undefined) return undefined;
  if (/VALIDATE_(INT|FLOAT|BOOL\w{0,4}|IP|EMAIL|DOMAIN|MAC)|SANITIZE_NUMBER/.test(word))
    return callAt(node, nameAt(node, "is_valid_filter"), [subject]);
  if (/SANITIZE_(STRING|SPECIAL_CHARS|FULL_SPECIAL_CHARS|ENCODED)/.test(word))
    return callAt(node, nameAt(node, "htmlspecialchars"), [subject]);
  return subject;
}
