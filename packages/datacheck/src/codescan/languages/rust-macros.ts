/**
 * @file Lowers Rust's macros to the common syntax. The parser leaves their arguments as tokens, so this file parses the
 * common forms of expressions: paths, fields, calls, references, sums.
 */
import type { Argument, Expr, Span } from "../engine/syntax.ts";
import { type Node, sourceOf } from "../engine/tree.ts";
import { callAt, child, type Lowering, lowerExpression, memberAt, nameAt, operationAt } from "./make.ts";
import { methodOf } from "./rust-calls.ts";
import { shortPath } from "./rust-names.ts";

const templates = new Set(
  (
    "format print println eprint eprintln panic write writeln format_args bail anyhow ensure todo unreachable " +
    "info warn error debug trace log event eyre sql"
  ).split(" "),
);
const maxTokens = 400;

/** Lowers a macro call. */
export function rustMacro(at: Lowering, node: Node): Expr {
  const [called] = node.children;
  const path = called === undefined ? "" : shortPath(sourceOf(at.tree, called));
  const word = path.split(".").at(-1) ?? "";
  const args = argumentsIn(at, child(node, "token_tree"));
  const values = args.map(({ value }) => value);
  if (word === "vec" || word === "array") return list(at, node, values);
  if (word === "concat") return operationAt(node, "+", values);
  if (word === "dbg") return values[0] ?? callAt(node, nameAt(node, path), []);
  if (!templates.has(word))
    return { kind: "call", callee: nameAt(node, `${path}!`), args, start: node.start, end: node.end };
  // `write!(out, "...")`, `ensure!(test, "...")` and `error!(target: "x", "...")` have arguments before the template
  const first = args.findIndex(({ value, name }) => name === undefined && value.kind === "text");
  if (first < 0) return callAt(node, nameAt(node, `${path}!`), values);
  const text = placed(node, values[first], args.slice(first + 1));
  if (word === "format" || word === "format_args" || word === "sql") return text;
  return callAt(node, nameAt(node, `${path}!`), [text, ...values.slice(0, first)]);
}

/** `vec![0; n]` is a call with its size; `vec![a, b]` is a list. */
function list(at: Lowering, node: Node, values: readonly Expr[]): Expr {
  const isRepeated = child(node, "token_tree").children.some(({ kind }) => kind === ";");
  const { start, end } = node;
  if (!isRepeated) return { kind: "group", entries: values.map((value) => ({ value })), start, end };
  const parts = child(node, "token_tree").children;
  const mark = parts.findIndex(({ kind }) => kind === ";");
  const size = expressionOf(at, parts.slice(mark + 1, -1), node);
  return callAt(node, nameAt(node, "vec!"), size === undefined ? [] : [size]);
}

const places = /\{\{|\}\}|\{([\w.]{0,60})(?::[^{}]{0,40})?\}/g;

/** Fills `{}`, `{0}`, `{name:?}` with their values. */
export function placed(span: Span, template: Expr | undefined, args: readonly Argument[]): Expr {
  const { start, end } = span;
  if (template?.kind !== "text" || !template.pieces.every((one) => typeof one === "string"))
    return { kind: "other", parts: args.map(({ value }) => value), start, end };
  const text = template.pieces.join("");
  const named = new Map(
    args.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value] as const])),
  );
  const plain = args.filter(({ name }) => name === undefined).map(({ value }) => value);
  const pieces: (string | Expr)[] = [];
  let from = 0;
  let next = 0;
  for (const found of text.matchAll(places)) {
    pieces.push(text.slice(from, found.index));
    from = found.index + found[0].length;
    const [whole, key] = found;
    if (key === undefined) pieces.push(whole.slice(1));
    else if (key === "") pieces.push(plain[next++] ?? whole);
    else if (/^\d{1,2}$/.test(key)) pieces.push(plain[Number(key)] ?? whole);
    else pieces.push(named.get(key) ?? nameAt(span, key));
  }
  pieces.push(text.slice(from));
  return { kind: "text", pieces: pieces.filter((one) => one !== ""), start, end };
}

/** The arguments, separated by commas; `name = value` is a named argument. */
export function argumentsIn(at: Lowering, tree: Node): Argument[] {
  return splitAt(tree.children.slice(1, -1), ",").flatMap((tokens): Argument[] => {
    const [first, second] = tokens;
    const isNamed = first?.kind === "identifier" && (second?.kind === "=" || second?.kind === ":");
    const value = expressionOf(at, isNamed ? tokens.slice(2) : tokens, tree);
    if (value === undefined) return [];
    return [isNamed ? { name: sourceOf(at.tree, first), value } : { value }];
  });
}

function splitAt(tokens: readonly Node[], mark: string): Node[][] {
  const parts: Node[][] = [[]];
  for (const token of tokens.slice(0, maxTokens)) {
    if (token.kind === mark) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((one) => one.length > 0);
}

/** Parses tokens to an expression. Uncommon forms become a value composed of their parts. */
export function expressionOf(at: Lowering, tokens: readonly Node[], span: Span): Expr | undefined {
  const code = tokens.filter(
    ({ kind }) => kind !== "&" && kind !== "*" && kind !== "mutable_specifier" && kind !== "mut",
  );
  if (code.length === 0) return undefined;
  const sums = splitAt(code, "+");
  if (sums.length > 1 && at.depth < 200)
    return operationAt(
      span,
      "+",
      sums.flatMap((one) => expressionOf(at, one, span) ?? []),
    );
  const [first, ...rest] = code;
  if (first === undefined) return undefined;
  let value: Expr | undefined;
  let path = "";
  let position = 0;
  if (first.kind === "identifier" || first.kind === "self" || first.kind === "crate") {
    path = sourceOf(at.tree, first);
    while (rest[position]?.kind === "::" && rest[position + 1] !== undefined) {
      const next = rest[position + 1];
      path += `::${next === undefined ? "" : sourceOf(at.tree, next)}`;
      position += 2;
    }
    value = nameOfPath(first, path);
  } else value = first.kind === "token_tree" ? insideOf(at, first) : lowerExpression(at, first);
  return postfix(at, value, rest.slice(position), span);
}

function nameOfPath(span: Span, path: string): Expr {
  const [object, ...names] = shortPath(path).split(".");
  const base = nameAt(span, object === "" || object === undefined ? path : object);
  return names.reduce<Expr>((held, name) => memberAt(span, held, name), base);
}

function insideOf(at: Lowering, tree: Node): Expr {
  const { start, end } = tree;
  const parts = at.depth > 200 ? [] : deeper(at, () => argumentsIn(at, tree).map(({ value }) => value));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: "other", parts, start, end };
}

function deeper<Made>(at: Lowering, make: () => Made): Made {
  at.depth += 1;
  const made = make();
  at.depth -= 1;
  return made;
}

/** Parses `.name`, `.name(...)`, `(...)`, `[...]` and `?`. Other tokens that follow become further parts. */
function postfix(at: Lowering, object: Expr, tokens: readonly Node[], span: Span): Expr {
  let value = object;
  for (let position = 0; position < tokens.length; position++) {
    const token = tokens[position];
    if (token === undefined) break;
    const next = tokens[position + 1];
    if (token.kind === "." && next !== undefined) {
      const name = sourceOf(at.tree, next);
      const list = tokens[position + 2];
      position += 1;
      if (list?.kind === "token_tree" && at.tree.text[list.start] === "(") {
        position += 1;
        const args = at.depth > 200 ? [] : deeper(at, () => argumentsIn(at, list));
        value = methodOf(
          span,
          value,
          name,
          args.map((one) => one.value),
        );
      } else if (name !== "await") value = memberAt(span, value, name);
    } else if (token.kind === "token_tree" && at.tree.text[token.start] === "(") {
      const args = at.depth > 200 ? [] : deeper(at, () => argumentsIn(at, token));
      value = { kind: "call", callee: value, args, start: span.start, end: span.end };
    } else if (token.kind !== "?" && token.kind !== "!") {
      const more =
        token.named && at.depth < 200 ? deeper(at, () => expressionOf(at, [token], span)) : undefined;
      value = {
        kind: "other",
        parts: more === undefined ? [value] : [value, more],
        start: span.start,
        end: span.end,
      };
    }
  }
  return value;
}
