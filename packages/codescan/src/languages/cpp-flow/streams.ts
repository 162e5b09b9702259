/** @file Streams of C++: what `in >> word >> number` reads, and how long a word may be. */
import { type Node, part, parts, sourceOf } from "../../engine/tree.ts";
import { aliased } from "../cpp-aliases.ts";
import { fault, type Run } from "./run.ts";
import type { State, Value } from "./state.ts";
import { filled, outsideNumber, settled } from "./written.ts";

/** `in >> word >> number`: what is read. */
export function extracted(run: Run, state: State, node: Node): boolean {
  let left: Node | undefined = node;
  const targets: Node[] = [];
  for (let depth = 0; left?.kind === "binary_expression" && depth < 50; depth++) {
    const [first, second]: Node[] = parts(left);
    if (second !== undefined) targets.push(second);
    left = first;
  }
  while (left?.kind === "parenthesized_expression") {
    const inner: Node | undefined = parts(left)[0];
    if (inner?.kind === "binary_expression") extracted(run, state, inner);
    left = inner?.kind === "binary_expression" ? leftmost(inner) : inner;
  }
  const stream = left === undefined ? "" : nameOf(run, left);
  const kept = state.values.get(stream);
  const isInput = /^w?cin$/.test(stream) || kept?.type.label === "stream";
  const isStream =
    kept?.type.kind === "other" || /stream|^(is|iss|ss|fin|in|input|infile|ar|archive|reader)$/i.test(stream);
  if (!isInput && isStream) for (const one of targets) settled(run, state, one, false);
  if (!isInput) return isStream;
  for (const one of targets.reverse()) {
    if (one.kind === "call_expression") limited(run, state, one, stream);
    else if (one.kind === "identifier") taken(run, state, one, stream);
  }
  return true;
}

function leftmost(node: Node): Node | undefined {
  let left: Node | undefined = node;
  for (let depth = 0; left?.kind === "binary_expression" && depth < 50; depth++) left = parts(left)[0];
  return left;
}

const widthOf = (stream: string): string => `!width ${stream}`;

/** `setw(10)`: the next word is no longer. */
function limited(run: Run, state: State, node: Node, stream: string): void {
  const list = part(node, "argument_list");
  const given = list === undefined ? undefined : parts(list)[0];
  if (/\bsetw\s{0,3}\(/.test(sourceOf(run.tree, node).slice(0, 40)) && given !== undefined)
    state.values.set(widthOf(stream), run.value(run, state, given));
}

/** A word or a number is read into a variable. */
function taken(run: Run, state: State, node: Node, stream: string): void {
  const name = sourceOf(run.tree, node);
  const held = state.values.get(name);
  const width = state.values.get(widthOf(stream));
  const isWord =
    held === undefined ||
    held.type.kind === "array" ||
    held.type.to !== undefined ||
    held.type.kind === "other";
  if (isWord) state.values.delete(widthOf(stream));
  if (held === undefined) return;
  if (held.type.to !== undefined) {
    const unit = held.type.to.bytes ?? 1;
    const isOpen = held.places.some(
      ({ block, from }) =>
        block.bytes !== undefined &&
        block.kind !== "heap" &&
        (width === undefined || (width.lo !== -Infinity && width.lo * unit > block.bytes - from)),
    );
    if (isOpen) fault(run, "!word_unlimited", node);
    filled(run, state, held, true);
    return;
  }
  state.values.set(name, outsideNumber(held.type));
}

/** `cin.width(10)`. */
export function setWidth(run: Run, state: State, callee: Node, value: Value | undefined): void {
  const [object, field] = parts(callee);
  if (
    object === undefined ||
    field === undefined ||
    sourceOf(run.tree, field) !== "width" ||
    value === undefined
  )
    return;
  let left: Node | undefined = object;
  for (let depth = 0; left?.kind === "parenthesized_expression" && depth < 5; depth++) left = parts(left)[0];
  const stream = left?.kind === "binary_expression" ? leftmost(left) : left;
  if (stream !== undefined) state.values.set(widthOf(nameOf(run, stream)), value);
}

/** The name of what is called or read, without what says nothing. */
export function nameOf(run: Run, node: Node): string {
  const name = sourceOf(run.tree, node)
    .slice(0, 100)
    .replace(/^(::)?(std::)?(__builtin_(___)?)?/, "")
    .replace(/_chk$/, "");
  return aliased(run.tree, name);
}
