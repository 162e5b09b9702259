/** @file Sums, products and conversions of numbers of which a range is known. */
import type { Node } from "../../engine/tree.ts";
import { fault, type Run } from "./run.ts";
import { any, exactly, type Value, wild } from "./state.ts";
import { int, rangeOf, type Type } from "./types.ts";

const wildNumber = wild.above | wild.below;

/** What an operator makes of two numbers. */
export function arithmetic(run: Run, operator: string, a: Value, b: Value, node: Node): Value {
  const type = commonType(a.type, b.type);
  switch (operator) {
    case "+":
    case "++":
      return sum(run, a, b, type, node);
    case "-":
    case "--":
      return difference(run, a, b, type, node);
    case "*":
      return product(run, a, b, type, node);
    case "/":
      divided(run, b, type, node);
      return quotient(a, b, type);
    case "%":
      divided(run, b, type, node);
      return remainder(a, b, type);
    case "&":
      return masked(a, b, type);
    case "<<":
      return b.lo === b.hi && b.lo >= 0 && b.lo < 63
        ? inRange({ ...any(type), lo: a.lo * 2 ** b.lo, hi: a.hi * 2 ** b.lo, wild: a.wild & wildNumber })
        : { ...any(type), wild: a.wild & wildNumber };
    case ">>":
      return b.lo === b.hi && b.lo >= 0 && b.lo < 63
        ? {
            ...any(type),
            lo: Math.floor(a.lo / 2 ** b.lo),
            hi: Math.floor(a.hi / 2 ** b.lo),
            wild: a.wild & wildNumber,
          }
        : any(type);
    case "|":
    case "^":
      return a.lo >= 0 && b.lo >= 0
        ? { ...any(type), lo: 0, wild: (a.wild | b.wild) & wildNumber }
        : any(type);
    default:
      return compared(operator, a, b);
  }
}

/** C's promotions: at least `int`, the longer, the unsigned. */
function commonType(a: Type, b: Type): Type {
  if (a.kind === "float" || b.kind === "float") return a.kind === "float" ? a : b;
  if (a.kind !== "number" || b.kind !== "number") return a.kind === "number" ? b : a;
  const [first, second] = [promoted(a), promoted(b)];
  const bytes = Math.max(first.bytes ?? 4, second.bytes ?? 4);
  const longer = first.bytes === bytes ? first : second;
  const isUnsigned = [first, second].some((one) => one.bytes === bytes && !one.signed);
  return isUnsigned ? { ...longer, signed: false } : longer;
}

function promoted(type: Type): Type {
  return (type.bytes ?? 4) < 4 ? int : type;
}

/** A range that leaves the type's says nothing any more. */
function inRange(value: Value): Value {
  const [least, most] = rangeOf(value.type);
  const isOut = (value.hi !== Infinity && value.hi > most) || (value.lo !== -Infinity && value.lo < least);
  return isOut ? { ...any(value.type), wild: value.wild } : value;
}

function sum(run: Run, a: Value, b: Value, type: Type, node: Node): Value {
  const [, most] = rangeOf(type);
  const isWild = ((a.wild | b.wild) & wild.above) !== 0 && !isTiny(a, b) && a.hi + b.hi > most;
  // the largest number of 64 bits is one of 2 ** 63 here
  const isBeyond = a.lo + b.lo > most || (most >= 2 ** 53 && a.lo >= most && b.lo > 0);
  if (type.kind === "number" && (isWild || isBeyond)) fault(run, "!wild_sum", node);
  return inRange({ ...any(type), lo: a.lo + b.lo, hi: a.hi + b.hi, wild: (a.wild | b.wild) & wildNumber });
}

/** Small types are computed as `int`, which has room for their sum. */
function isTiny(a: Value, b: Value): boolean {
  const isWide = (one: Value): boolean => (one.wild & wildNumber) !== 0 && (one.type.bytes ?? 4) >= 4;
  return !isWide(a) && !isWide(b);
}

function difference(run: Run, a: Value, b: Value, type: Type, node: Node): Value {
  const [least] = rangeOf(type);
  const isWild = (a.wild & wild.below) !== 0 || (b.wild & wild.above) !== 0;
  if (type.kind === "number" && ((isWild && !isTiny(a, b)) || a.hi - b.hi < least))
    fault(run, "!wild_difference", node);
  return inRange({ ...any(type), lo: a.lo - b.hi, hi: a.hi - b.lo, wild: (a.wild | b.wild) & wildNumber });
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

function product(run: Run, a: Value, b: Value, type: Type, node: Node): Value {
  const all = [times(a.lo, b.lo), times(a.lo, b.hi), times(a.hi, b.lo), times(a.hi, b.hi)];
  const [, most] = rangeOf(type);
  const isWild = ((a.wild | b.wild) & wild.above) !== 0 && !isTiny(a, b);
  const isSure = a.lo === a.hi && b.lo === b.hi && a.lo * b.lo > most;
  if (type.kind === "number" && (isWild || isSure)) fault(run, "!wild_sum", node);
  return inRange({
    ...any(type),
    lo: Math.min(...all),
    hi: Math.max(...all),
    wild: (a.wild | b.wild) & wildNumber,
  });
}

/** By a number that somebody outside chose and nobody compared with zero, or by zero itself. */
function divided(run: Run, b: Value, type: Type, node: Node): undefined {
  if (type.kind === "float" || b.type.kind === "float" || b.places.length > 0 || b.lo > 0 || b.hi < 0) return;
  if ((b.wild & wild.zero) !== 0 || (b.lo === 0 && b.hi === 0)) fault(run, "!wild_divisor", node);
}

function quotient(a: Value, b: Value, type: Type): Value {
  if (b.lo !== b.hi || b.lo <= 0) return { ...any(type), wild: a.wild & wildNumber };
  const rounded = (one: number): number => (type.kind === "float" ? one / b.lo : Math.trunc(one / b.lo));
  return { ...any(type), lo: rounded(a.lo), hi: rounded(a.hi), wild: a.wild & wildNumber };
}

function remainder(a: Value, b: Value, type: Type): Value {
  const hi = b.hi === Infinity ? Infinity : b.hi - 1;
  if (a.lo >= 0 || !type.signed) return { ...any(type), lo: 0, hi: Math.min(hi, a.hi) };
  return { ...any(type), hi, wild: a.wild & wild.below };
}

function masked(a: Value, b: Value, type: Type): Value {
  const mask = b.lo === b.hi && b.lo >= 0 ? b.lo : a.lo === a.hi && a.lo >= 0 ? a.lo : undefined;
  return mask === undefined ? any(type) : { ...any(type), lo: 0, hi: mask };
}

/** 1 or 0 where the ranges decide it. */
function compared(operator: string, a: Value, b: Value): Value {
  if (a.places.length > 0 || b.places.length > 0) return { ...any(int), lo: 0, hi: 1 };
  const always: Readonly<Record<string, boolean>> = {
    "<": a.hi < b.lo,
    "<=": a.hi <= b.lo,
    ">": a.lo > b.hi,
    ">=": a.lo >= b.hi,
    "==": a.lo === a.hi && b.lo === b.hi && a.lo === b.lo,
    "!=": a.hi < b.lo || a.lo > b.hi,
  };
  const never: Readonly<Record<string, boolean>> = {
    "<": a.lo >= b.hi,
    "<=": a.lo > b.hi,
    ">": a.hi <= b.lo,
    ">=": a.hi < b.lo,
    "==": a.hi < b.lo || a.lo > b.hi,
    "!=": a.lo === a.hi && b.lo === b.hi && a.lo === b.lo,
  };
  if (always[operator] === undefined) return any(int);
  if (always[operator]) return exactly(1, int);
  return never[operator] ? exactly(0, int) : { ...any(int), lo: 0, hi: 1 };
}

/** The value as another type: by a cast or by being stored. */
export function converted(value: Value, type: Type): Value {
  if (type.kind === "other") return value.type.kind === "other" ? value : { ...value, type };
  if (type.kind !== "number") return { ...value, type: type.kind === "array" ? value.type : type };
  const [least, most] = rangeOf(type);
  const fits = (value.lo >= least || value.lo === -Infinity) && (value.hi <= most || value.hi === Infinity);
  const kept = { ...value, type };
  if (fits && (type.signed || value.lo >= 0)) return kept;
  // a negative number becomes a huge one
  const turned = !type.signed && (value.wild & wild.below) !== 0 ? wild.above : 0;
  return { ...any(type), wild: (value.wild | turned) & ~(type.signed ? 0 : wild.below), unset: value.unset };
}

/** A number stored where fewer bytes are. */
export function narrowed(run: Run, value: Value, type: Type, node: Node): undefined {
  if (type.kind !== "number" || value.type.kind !== "number") return;
  const [bytes, given] = [type.bytes ?? 8, value.type.bytes ?? 0];
  const [least, most] = rangeOf(type);
  const isInside = value.lo >= least && value.hi <= most;
  const isWild = (value.wild & wildNumber) !== 0 && !isInside;
  // what was computed is longer than what it was computed from
  const isOutside =
    bytes < 4 && (value.lo > most || value.hi < least) && Number.isFinite(value.lo + value.hi);
  if ((bytes < given && bytes < 4 && isWild) || (isOutside && node.kind !== "cast_expression"))
    fault(run, "!narrowed", node);
  const isTurned = bytes === given && type.signed && !value.type.signed && (value.wild & wild.above) !== 0;
  if (isTurned && value.hi > most && bytes >= 4) fault(run, "!sign_lost", node);
}
