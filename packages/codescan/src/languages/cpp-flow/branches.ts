/** @file What a test says of the values it asks about, on either way. */
import type { Span } from "../../engine/syntax.ts";
import { type Node, parts } from "../../engine/tree.ts";
import { operatorOf } from "../chain.ts";
import { keyOf, valueAt } from "./evaluate.ts";
import { neverMade } from "./memory.ts";
import { fault, forked, type Run } from "./run.ts";
import { any, exactly, joined, merged, type State, type Value, wild } from "./state.ts";
import { int } from "./types.ts";

/** The state where a test is met, and where it is not; `undefined` where that cannot be. */
export type Ways = readonly [met: State | undefined, otherwise: State | undefined];

/** Asks a test; the given state is used up. */
export function decide(run: Run, state: State | undefined, node: Node | undefined): Ways {
  if (state === undefined) return [undefined, undefined];
  if (node === undefined) return [state, undefined];
  const inner = parts(node);
  if (/^(parenthesized_expression|condition_clause)$/.test(node.kind)) {
    for (const one of inner.slice(0, -1)) valueAt(run, state, one);
    return decide(run, state, inner.at(-1));
  }
  const operator =
    node.kind === "binary_expression" || node.kind === "unary_expression" ? operatorOf(node) : "";
  if (operator === "!") {
    const [met, otherwise] = decide(run, state, inner[0]);
    return [otherwise, met];
  }
  if (operator === "&&" || operator === "||") return both(run, state, operator, inner);
  const [left, right] = inner;
  if (/^([<>]=?|[=!]=)$/.test(operator) && left !== undefined && right !== undefined) {
    const [a, b] = [valueAt(run, state, left), valueAt(run, state, right)];
    if (operator === ">" && b.lo === 0 && b.hi === 0) ofDifference(run, state, left, a);
    const isNever = /^(<|>=)$/.test(operator) && right.kind === "number_literal" && b.lo === 0 && b.hi === 0;
    if (isNever && isUnsigned(a) && left.kind === "identifier") fault(run, "!never_below", node);
    return compare(run, state, operator, [left, a], [right, b]);
  }
  if (node.kind === "call_expression" && isHint(run, node)) return decide(run, state, hinted(node));
  if (node.kind === "assignment_expression" && operatorOf(node) === "=" && isLiteral(right))
    fault(run, "!assigned_test", node);
  const value = valueAt(run, state, node);
  if (value.type.label === "result") fault(run, "!truth_of_result", node);
  return compare(run, state, "!=", [node, value], [undefined, exactly(0, int)]);
}

function isUnsigned({ type }: Value): boolean {
  return type.kind === "number" && !type.signed && (type.bytes ?? 0) >= 4;
}

function isLiteral(node: Node | undefined): boolean {
  return node !== undefined && /^(number_literal|char_literal|true|false|null)$/.test(node.kind);
}

/** `a - b > 0` is met by every two unsigned numbers that differ, unless something says which is larger. */
function ofDifference(run: Run, state: State, node: Node, { type }: Value): void {
  let here: Node | undefined = node;
  for (let depth = 0; here?.kind === "parenthesized_expression" && depth < 5; depth++) here = parts(here)[0];
  if (here?.kind !== "binary_expression" || operatorOf(here) !== "-" || type.kind !== "number" || type.signed)
    return;
  const [a, b] = parts(here);
  if (a === undefined || b === undefined || a.kind === "number_literal" || b.kind === "number_literal")
    return;
  if (!state.values.has(orderOf(run, a, b))) fault(run, "!unsigned_difference", here);
}

function orderOf({ tree }: Run, larger: Node | undefined, smaller: Node | undefined): string {
  const name = ({ start, end }: Span = { start: 0, end: 0 }): string =>
    tree.text.slice(start, Math.min(end, start + 60));
  return `?${name(larger)} ${name(smaller)}`;
}

/** `a >= b` is remembered until either is given another value. */
function noteOrder(run: Run, state: State, operator: string, left?: Node, right?: Node): undefined {
  if (left === undefined || right === undefined) return;
  if (operator.startsWith(">")) state.values.set(orderOf(run, left, right), any());
  else if (operator.startsWith("<")) state.values.set(orderOf(run, right, left), any());
}

/** `likely(x)`, `unlikely(x)`. */
function isHint(run: Run, node: Node): boolean {
  const [callee] = parts(node);
  const name =
    callee === undefined ? "" : run.tree.text.slice(callee.start, Math.min(callee.end, callee.start + 30));
  return /^(un)?likely$|^__builtin_expect$|^G_(UN)?LIKELY$/.test(name);
}

function hinted(node: Node): Node | undefined {
  const list = parts(node)[1];
  return list === undefined ? undefined : parts(list)[0];
}

function both(run: Run, state: State, operator: string, inner: readonly Node[]): Ways {
  const [met, otherwise] = decide(run, state, inner[0]);
  if (operator === "&&") {
    const [met2, otherwise2] = decide(run, met, inner[1]);
    return [met2, joined(otherwise, otherwise2)];
  }
  const [met2, otherwise2] = decide(run, otherwise, inner[1]);
  return [joined(met, met2), otherwise2];
}

const turned: Readonly<Record<string, string>> = {
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
  "==": "!=",
  "!=": "==",
};
const mirrored: Readonly<Record<string, string>> = {
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
  "==": "==",
  "!=": "!=",
};

type Side = readonly [node: Node | undefined, value: Value];

function compare(run: Run, state: State, operator: string, left: Side, right: Side): Ways {
  const met = forked(run, state);
  const ways = [met, state].map((one, index): State | undefined => {
    const asked = index === 0 ? operator : (turned[operator] ?? "!=");
    const isPossible =
      narrow(run, one, asked, left, right[1]) && narrow(run, one, mirrored[asked] ?? asked, right, left[1]);
    if (isPossible) noteOrder(run, one, asked, left[0], right[0]);
    return isPossible ? one : undefined;
  });
  return [ways[0], ways[1]];
}

/** Notes what a comparison says of its left side; false where it cannot come out so. */
function narrow(run: Run, state: State, operator: string, [node, value]: Side, than: Value): boolean {
  const isPointer = value.places.length > 0 || value.type.to !== undefined;
  const isNull = than.nothing === "yes" && than.lo === 0 && than.hi === 0 && than.places.length === 0;
  if (isPointer && isNull && (operator === "==" || operator === "!="))
    return narrowPointer(run, state, operator, node, value);
  if (
    value.type.kind === "number" &&
    than.hi <= 0 &&
    (operator === "<" || than.hi < 0) &&
    /^[<=]/.test(operator)
  )
    neverMade(state, value);
  if (value.places.length > 0 || than.places.length > 0)
    return notThere(run, state, operator, [node, value], than);
  let { lo, hi, wild: bits } = value;
  if (operator === "<" || operator === "<=")
    hi = Math.min(hi, operator === "<" ? less(than.hi, value) : than.hi);
  else if (operator === ">" || operator === ">=")
    lo = Math.max(lo, operator === ">" ? more(than.lo, value) : than.lo);
  else if (operator === "==") [lo, hi] = [Math.max(lo, than.lo), Math.min(hi, than.hi)];
  else if (than.lo === than.hi) {
    if (lo === than.lo) lo = more(lo, value);
    if (hi === than.hi) hi = less(hi, value);
  }
  if (lo > hi) return false;
  if (/^(<=?|==)$/.test(operator) && (than.wild & wild.above) === 0) bits &= ~wild.above;
  if (/^(>=?|==)$/.test(operator) && (than.wild & wild.below) === 0) bits &= ~wild.below;
  if (lo > 0 || hi < 0 || (operator === "!=" && than.lo === 0 && than.hi === 0)) bits &= ~wild.zero;
  const target = comparedName(node);
  const key = keyOf(run, target);
  if (target === undefined || key === undefined) return true;
  const held = state.values.get(key);
  if (target === node || target.kind === "identifier" || held !== undefined)
    noteNumber(state, key, value, { lo, hi, bits }, target === node, held);
  return true;
}

/** `if (p != buffer)`: from here on it points elsewhere; false where it cannot. */
function notThere(run: Run, state: State, operator: string, [node, value]: Side, than: Value): boolean {
  const [only] = than.places;
  const isOne = than.places.length === 1 && only !== undefined && /^(stack|static)$/.test(only.block.kind);
  if (operator !== "!=" || !isOne || only.from !== only.to) return true;
  const left = value.places.filter(
    ({ block, from, to }) => block !== only.block || from !== to || from !== only.from,
  );
  if (left.length === value.places.length) return true;
  const key = keyOf(run, comparedName(node));
  const held = key === undefined ? undefined : state.values.get(key);
  if (key !== undefined && held !== undefined) state.values.set(key, { ...held, places: left });
  return left.length > 0;
}

function noteNumber(
  state: State,
  key: string,
  value: Value,
  { lo, hi, bits }: { lo: number; hi: number; bits: number },
  isWhole: boolean,
  held: Value | undefined,
): void {
  // `length + 4 > limit` compares the length, too, though not what it is
  if (isWhole)
    state.values.set(key, { ...(held ?? value), lo, hi, wild: bits, nothing: lo > 0 ? "no" : value.nothing });
  else if (held !== undefined)
    state.values.set(key, { ...held, wild: held.wild & (bits | ~(wild.above | wild.below)) });
}

function less(limit: number, { type }: Value): number {
  return type.kind === "float" ? limit : limit - 1;
}

function more(limit: number, { type }: Value): number {
  return type.kind === "float" ? limit : limit + 1;
}

/** The variable that a comparison is about: through casts, sums and products. */
function comparedName(node: Node | undefined): Node | undefined {
  let here: Node | undefined = node;
  for (let depth = 0; here !== undefined && depth < 6; depth++) {
    if (here.kind === "identifier" || here.kind === "field_expression") return here;
    const inner: Node[] = parts(here);
    if (here.kind === "cast_expression") here = inner.at(-1);
    else if (/^(parenthesized_expression|update_expression|assignment_expression)$/.test(here.kind))
      here = inner[0];
    else if (here.kind === "binary_expression")
      here = inner.find(({ kind }) => kind !== "number_literal" && kind !== "sizeof_expression");
    else return undefined;
  }
  return undefined;
}

function narrowPointer(
  run: Run,
  state: State,
  operator: string,
  node: Node | undefined,
  value: Value,
): boolean {
  const isNone = operator === "==";
  if (value.followed === true && node !== undefined) fault(run, "!late_check", node);
  if (isNone && value.nothing === "no") return false;
  if (!isNone && value.nothing === "yes" && value.places.length === 0) return false;
  const key = keyOf(run, comparedName(node));
  if (isNone) neverMade(state, value);
  const held = key === undefined ? undefined : (state.values.get(key) ?? value);
  if (key === undefined || held === undefined) return true;
  state.values.set(
    key,
    isNone ? { ...held, places: [], lo: 0, hi: 0, nothing: "yes" } : { ...held, nothing: "no" },
  );
  return true;
}

/** `a ? b : c`, `a && b`: the value, with each part in the state that leads to it. */
export function chosen(run: Run, state: State, node: Node): Value {
  const inner = parts(node);
  const isChoice = node.kind === "conditional_expression";
  const [met, otherwise] = decide(run, forked(run, state), isChoice ? inner[0] : node);
  if (!isChoice) {
    adopt(state, joined(met, otherwise));
    if (met === undefined) return exactly(0, int);
    return otherwise === undefined ? exactly(1, int) : { ...any(int), lo: 0, hi: 1 };
  }
  const [first, second] = [met, otherwise].map((one, index) =>
    one === undefined ? undefined : valueAt(run, one, inner[index + 1]),
  );
  adopt(state, joined(met, otherwise));
  if (first === undefined || second === undefined) return first ?? second ?? any();
  return merged(first, second);
}

/** The state becomes another one. */
function adopt(state: State, other: State | undefined): void {
  if (other === undefined) return;
  for (const [map, from] of [
    [state.values, other.values],
    [state.lives, other.lives],
    [state.texts, other.texts],
  ] as const) {
    (map as Map<unknown, unknown>).clear();
    for (const [key, value] of from as Map<unknown, unknown>) (map as Map<unknown, unknown>).set(key, value);
  }
  for (const one of other.written) state.written.add(one);
}
