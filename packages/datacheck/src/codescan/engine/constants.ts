/** @file Evaluates operators on constants, and decides branches that depend on constants. */
import { hole, unknown, type Value } from "./value.ts";

type Constant = string | number | boolean | null;

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "//": (a, b) => Math.floor(a / b),
  "%": (a, b) => a - b * Math.floor(a / b),
  "<<": (a, b) => a * 2 ** b,
  ">>": (a, b) => Math.floor(a / 2 ** b),
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
};

const orders: Readonly<Record<string, (a: number | string, b: number | string) => boolean>> = {
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};

/** The result of an operator if all operands are constant and all languages agree on it, otherwise `undefined`. */
export function computed(operator: string, operands: readonly Value[]): Value | undefined {
  const [left, right] = operands;
  if (left === undefined) return undefined;
  const result =
    operator === "not"
      ? negated(truth(left))
      : right !== undefined && operands.length === 2
        ? ofTwo(operator, left, right)
        : ofNumbers(operator, operands);
  if (result === undefined) return undefined;
  return { ...unknown, constant: result, ...(operands.some(({ loose }) => loose) ? { loose: true } : {}) };
}

function negated(answer: boolean | undefined): boolean | undefined {
  return answer === undefined ? undefined : !answer;
}

function ofTwo(operator: string, left: Value, right: Value): Constant | undefined {
  if (operator === "in" || operator === "not in") {
    const isIn = holds(right, left.constant);
    return operator === "in" ? isIn : negated(isIn);
  }
  const [a, b] = [left.constant, right.constant];
  if (a === undefined || b === undefined) return undefined;
  if (operator === "==" || operator === "is") return same(a, b);
  if (operator === "!=" || operator === "is not") return negated(same(a, b));
  const order = Object.hasOwn(orders, operator) ? orders[operator] : undefined;
  if (order === undefined) return ofNumbers(operator, [left, right]);
  const isPair =
    (typeof a === "number" && typeof b === "number") || (typeof a === "string" && typeof b === "string");
  return isPair ? order(a, b) : undefined;
}

/** Languages disagree on comparing constants of different types, except that null equals no other constant. */
function same(a: Constant, b: Constant): boolean | undefined {
  return typeof a === typeof b || a === null || b === null ? a === b : undefined;
}

/** Whether a text contains a text, or a fully known list contains a constant. */
function holds({ constant, entries, whole }: Value, sought: Constant | undefined): boolean | undefined {
  if (sought === undefined) return undefined;
  if (typeof constant === "string" && typeof sought === "string") return constant.includes(sought);
  if (entries === undefined) return undefined;
  const values = [...entries.values()];
  if (values.some((one) => one.constant === sought)) return true;
  return whole && values.every((one) => one.constant !== undefined) ? false : undefined;
}

/** Evaluates from left to right. `undefined` for divisions with a remainder, which only some languages truncate. */
function ofNumbers(operator: string, operands: readonly Value[]): number | undefined {
  const step = Object.hasOwn(arithmetic, operator) ? arithmetic[operator] : undefined;
  if (step === undefined) return undefined;
  let sum: number | undefined;
  for (const { constant } of operands) {
    if (typeof constant !== "number") return undefined;
    sum = sum === undefined ? constant : step(sum, constant);
    if (!Number.isFinite(sum) || (operator === "/" && !Number.isInteger(sum))) return undefined;
  }
  return sum;
}

/** Whether a constant is truthy. `undefined` if it is not constant, may change, or languages differ. */
export function truth({ constant, loose }: Value): boolean | undefined {
  if (constant === undefined || constant === "0" || loose) return undefined;
  return Boolean(constant);
}

/** A slice with known bounds of a partly known text: its known start and end, with a hole in between. */
export function sliced(value: Value, from: number | undefined, to: number | undefined): Value | undefined {
  const { constant, shape } = value;
  if (typeof constant === "string") return { ...value, ...textual(constant.slice(from, to)) };
  if (shape === undefined) return undefined;
  const first = shape.indexOf(hole);
  const behind = shape.length - shape.lastIndexOf(hole) - 1;
  const start = from ?? 0;
  if (start >= 0 && to !== undefined && to >= 0 && to <= first) {
    return { ...unknown, ...textual(shape.slice(start, to)) };
  }
  if (start < 0 && -start <= behind) return { ...unknown, ...textual(shape.slice(start, to)) };
  if (start < 0 || start > first || (to !== undefined && (to > 0 || -to > behind))) return undefined;
  const { constant: _, ...rest } = value;
  return { ...rest, shape: shape.slice(start, to) };
}

function textual(text: string): Pick<Value, "constant" | "shape"> {
  return { constant: text, shape: text };
}
