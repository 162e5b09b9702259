/** @file Lowers PHP's calls to the common syntax. Tests and string building get common forms. */
import type { Argument, Expr, Statement } from "../engine/syntax.ts";
import { type Node, sourceOf } from "../engine/tree.ts";
import {
  assignAt,
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
import { numberPlace, printed } from "./printf.ts";

/** Lowers a call of a function or method whose arguments are lowered already. */
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
  const mark = markOf(name, values);
  if (mark !== undefined) {
    const call: Expr = { kind: "call", callee: nameAt(node, name), args, start, end };
    return { kind: "text", pieces: [call, mark], start, end };
  }
  return known(node, name, values) ?? { kind: "call", callee: nameAt(node, name), args, start, end };
}

/** Shape mark after text in which only quotes are escaped. Such text is safe only between quotes. */
export const quotesEscaped = "\u0004";
/** Shape mark after text in which markup is escaped. */
export const markupEscaped = "\u0002";
/** Shape mark after text in which markup is escaped except single quotes. */
export const markupHalfEscaped = "\u0003";

const quoteEscapes =
  /^(addslashes|(mysqli?|pg|sqlite)_(real_)?escape_string|mysqli_escape_string|esc_sql|db_escape)$/;
const markupEscapes = /^(htmlspecialchars|htmlentities|esc_html|esc_attr|esc_textarea)$/;

function markOf(name: string, args: readonly Expr[]): string | undefined {
  if (quoteEscapes.test(name)) return quotesEscaped;
  if (!markupEscapes.test(name)) return undefined;
  const flags = args[1]?.kind === "name" ? args[1].name : "";
  return /ENT_(COMPAT|NOQUOTES)/.test(flags) ? markupHalfEscaped : markupEscaped;
}

/** Whether a replacement keeps only letters and digits: `preg_replace("/\\W/", "", $x)`. */
function keepsWords(pattern: Expr, by: Expr | undefined): boolean {
  const text = constantText(bare(pattern));
  return text !== undefined && /^\(?\[?(\\W|\\D)\]?\+?\)?$/.test(text) && constantText(by) === "";
}

/**
 * Arguments that a call writes to: the position, and the function whose result is written; "" means the call's first
 * argument.
 */
const written: Readonly<Record<string, readonly (readonly [position: number, gives: string])[]>> = {
  exec: [[1, "shell_exec"]],
  proc_open: [[2, "shell_exec"]],
  settype: [[0, "!settype"]],
  parse_str: [[1, ""]],
  mb_parse_str: [[1, ""]],
  preg_match: [[2, "preg_split"]],
  preg_match_all: [[2, "preg_split"]],
  openssl_sign: [[1, ""]],
  curl_multi_exec: [],
};

/** Assignments to the arguments that a call writes to: `exec($command, $lines)`. */
export function writtenBy(call: Expr): Statement[] {
  if (call.kind !== "call" || call.callee.kind !== "name") return [];
  const { name } = call.callee;
  const rows =
    name === "search" ? written["preg_match"] : Object.hasOwn(written, name) ? written[name] : undefined;
  return (rows ?? []).flatMap(([position, gives]) => {
    const target = call.args[position]?.value;
    const [first, second] = call.args;
    if (target === undefined || first === undefined) return [];
    if (gives === "!settype") {
      const type = constantText(second?.value) ?? "";
      const isNumber = /^(int|integer|float|double|bool|boolean)$/i.test(type);
      return isNumber ? [assignAt(call, target, callAt(call, nameAt(call, "intval"), [target]))] : [];
    }
    const from = name === "search" ? (second?.value ?? first.value) : first.value;
    return [assignAt(call, target, gives === "" ? from : callAt(call, nameAt(call, gives), [from]))];
  });
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
      return second === undefined ? undefined : operationAt(node, "in", [orNothing(first), second]);
    case "str_contains":
      return second === undefined ? undefined : operationAt(node, "in", [second, first]);
    case "str_starts_with":
      return second === undefined ? undefined : callAt(node, memberAt(node, first, "startsWith"), [second]);
    case "str_ends_with":
      return second === undefined ? undefined : callAt(node, memberAt(node, first, "endsWith"), [second]);
    case "isset":
      return first.kind === "index" ? operationAt(node, "in", [first.index, first.object]) : undefined;
    case "preg_match":
      return second === undefined
        ? undefined
        : callAt(node, nameAt(node, "search"), [
            bare(first),
            second,
            ...(third === undefined ? [] : [third]),
          ]);
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
    case "preg_replace":
      return keepsWords(first, second) && third !== undefined
        ? callAt(node, nameAt(node, numberPlace), [third])
        : undefined;
    case "strcmp":
    case "strcasecmp":
      return second === undefined ? undefined : operationAt(node, "!=", [first, second]);
    default:
      return undefined;
  }
}

/** Drops the default of `$_GET["page"] ?? ""` for a lookup in a list. */
function orNothing(value: Expr): Expr {
  const [first, second] = value.kind === "operation" && value.operator === "??" ? value.operands : [];
  return first !== undefined && constantText(second) !== undefined ? first : value;
}

/** A pattern without delimiters and flags: `#^a$#i` is `^a$`. */
function bare(pattern: Expr): Expr {
  const text = constantText(pattern);
  const found =
    text === undefined ? null : /^\s{0,9}([^\w\s\\])([\s\S]{0,2000})([^\w\s\\])[a-zA-Z]{0,8}$/.exec(text);
  return found === null ? pattern : textAt(pattern, found[2] ?? "");
}

/** For a list of search texts: a line break if all of them are line breaks. */
function oneOf(what: Expr): Expr {
  if (what.kind !== "group") return what;
  const texts = what.entries.map(({ value }) => constantText(value) ?? "");
  const [only] = what.entries;
  if (only !== undefined && texts.every((text) => /^[\r\n\0]+$|^%0[ad]$/i.test(text)))
    return textAt(what, "\n");
  return what;
}

/** An email address contains no `<` and no line breaks, but may contain quotes. */
function emailOr(node: Node, subject: Expr): Expr {
  const { start, end } = node;
  const lacks = (mark: string): Expr => operationAt(node, "not in", [textAt(node, mark), subject]);
  const test = operationAt(node, "and", [lacks("<"), lacks("\n")]);
  const met = callAt(node, nameAt(node, "email_address"), [subject]);
  return { kind: "choice", test, met, otherwise: { kind: "constant", value: false, start, end }, start, end };
}

/** The result of a filter: a number, text escaped for a page, or the original value. */
function filtered(node: Node, name: string, args: readonly Expr[]): Expr | undefined {
  const subject = name === "filter_var" ? args[0] : nameAt(node, "$_GET");
  const filter = name === "filter_var" ? args[1] : args[2];
  const word = filter?.kind === "name" ? filter.name : "";
  if (subject === undefined) return undefined;
  if (/VALIDATE_EMAIL/.test(word)) return emailOr(node, subject);
  if (/SANITIZE_(MAGIC_QUOTES|ADD_SLASHES)/.test(word))
    return {
      kind: "text",
      pieces: [callAt(node, nameAt(node, "addslashes"), [subject]), quotesEscaped],
      start: node.start,
      end: node.end,
    };
  if (/VALIDATE_(INT|FLOAT|BOOL\w{0,4}|IP|DOMAIN|MAC)|SANITIZE_NUMBER/.test(word))
    return callAt(node, nameAt(node, "is_valid_filter"), [subject]);
  if (/SANITIZE_(STRING|SPECIAL_CHARS|FULL_SPECIAL_CHARS|ENCODED)/.test(word))
    return {
      kind: "text",
      pieces: [callAt(node, nameAt(node, "htmlspecialchars"), [subject]), markupEscaped],
      start: node.start,
      end: node.end,
    };
  return subject;
}
