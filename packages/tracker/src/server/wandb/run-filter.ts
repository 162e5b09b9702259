/**
 * @file Filters of runs in MongoDB's syntax, as W&B's clients send them: parsed within limits, and applied to one run
 * after another. Unknown operators are refused, since ignoring them would return runs that the filter excludes.
 *
 * @source docs.wandb.ai, "Query runs with the public API"; mongodb.com/docs/manual/reference/operator/query
 */
import { DeadlinePassed, parseJson, withDeadline } from "@tunewise/core/untrusted";
import type { HttpError } from "../../http/index.ts";
import { type Fields, isFields } from "./fields.ts";
import { wandbRefusal } from "./refuse.ts";
import { type RunField, type RunValues, readRunField, valuesOf } from "./run-values.ts";

/** Maximum characters of a filter. */
const maxLetters = 200_000;
/** Maximum nesting of conditions. */
const maxDepth = 32;
/** Maximum conditions in total. */
const maxConditions = 2_000;
/** Maximum characters of a pattern. */
const maxPattern = 1_000;
/** Maximum time for a filter's patterns on one batch of runs, and on all of them, in seconds. */
const patternSeconds = 0.1;
const maxPatternSeconds = 1;

/** A filter: the fields that it reads, and a test of a run's values. */
export interface RunFilter {
  readonly fields: readonly RunField[];
  readonly fits: (run: RunValues) => boolean;
  /** Time left for its patterns, in seconds; `null` if it has no patterns. */
  readonly patternTime: { left: number } | null;
}

type Test = (value: unknown) => boolean;

/**
 * Parses a filter.
 *
 * @throws {HttpError} for a filter that is invalid, too large, or has unknown operators or fields
 */
export function readRunFilter(text: string | null): RunFilter {
  const reader = new FilterReader();
  const fits = text === null ? () => true : reader.conditions(jsonOf(text), 0);
  const patternTime = reader.hasPatterns ? { left: maxPatternSeconds } : null;
  return { fields: reader.fields, fits, patternTime };
}

/**
 * Returns the runs that match a filter.
 *
 * @throws {HttpError} if the patterns of the filter take too long
 */
export function fittingRuns<Run extends RunValues>(
  { fits, patternTime }: RunFilter,
  runs: readonly Run[],
): Run[] {
  if (patternTime === null) return runs.filter(fits);
  const started = performance.now();
  try {
    if (patternTime.left <= 0) throw new DeadlinePassed(maxPatternSeconds);
    return withDeadline(Math.min(patternSeconds, patternTime.left), () => runs.filter(fits));
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    throw wandbRefusal(
      `The patterns of this filter take too long: they passed their deadline of ${error.seconds} s. ` +
        "Use simpler ones, without repeated repetitions; if they are simple, the server is busy: try again.",
    );
  } finally {
    patternTime.left -= (performance.now() - started) / 1000;
  }
}

function jsonOf(text: string): unknown {
  if (text.length > maxLetters) throw wandbRefusal(`A filter has at most ${maxLetters} letters.`);
  try {
    return parseJson(text);
  } catch {
    throw wandbRefusal("The filters are no JSON, or nest too deep.");
  }
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

class FilterReader {
  readonly fields: RunField[] = [];
  hasPatterns = false;
  private count = 0;

  /** Parses an object whose conditions must all hold. */
  conditions(value: unknown, depth: number): (run: RunValues) => boolean {
    if (depth > maxDepth) throw wandbRefusal(`A filter has at most ${maxDepth} levels.`);
    if (!isFields(value)) throw wandbRefusal("A filter is an object of conditions.");
    const all = Object.entries(value).map(([key, condition]) => this.condition(key, condition, depth));
    return (run) => all.every((fits) => fits(run));
  }

  private condition(key: string, condition: unknown, depth: number): (run: RunValues) => boolean {
    if (++this.count > maxConditions) throw wandbRefusal(`A filter has at most ${maxConditions} conditions.`);
    if (key === "$and" || key === "$or" || key === "$nor") {
      const parts = listOf(key, condition).map((part) => this.conditions(part, depth + 1));
      if (key === "$and") return (run) => parts.every((fits) => fits(run));
      return (run) => parts.some((fits) => fits(run)) === (key === "$or");
    }
    if (key === "$not") {
      const inner = this.conditions(condition, depth + 1);
      return (run) => !inner(run);
    }
    if (key.startsWith("$")) throw wandbRefusal(`tunewise does not know ${shown(key)} in a filter.`);
    const field = readRunField(key);
    this.fields.push(field);
    const test = this.testOf(condition, depth + 1);
    return (run) => test(valuesOf(run, field));
  }

  /** Parses the test of a field: a value to equal, or operators that must all hold. */
  private testOf(condition: unknown, depth: number): Test {
    if (depth > maxDepth) throw wandbRefusal(`A filter has at most ${maxDepth} levels.`);
    const names = isFields(condition) ? Object.keys(condition) : [];
    if (!isFields(condition) || !names.some((name) => name.startsWith("$"))) return equals(condition);
    const tests = names.map((name) => this.operator(name, condition, depth));
    return (value) => tests.every((test) => test(value));
  }

  private operator(name: string, condition: Fields, depth: number): Test {
    if (++this.count > maxConditions) throw wandbRefusal(`A filter has at most ${maxConditions} conditions.`);
    const wanted = condition[name];
    const compare = comparisons[name];
    if (compare) {
      return anyOf((value) => {
        const order = orderOf(value, wanted);
        return order !== null && compare(order);
      });
    }
    switch (name) {
      case "$eq":
        return equals(wanted);
      case "$ne":
        return not(equals(wanted));
      case "$in":
        return isOneOf(listOf(name, wanted));
      case "$nin":
        return not(isOneOf(listOf(name, wanted)));
      case "$exists":
        return (value) => (value !== undefined) === (wanted !== false && wanted !== 0);
      case "$not":
        return not(this.testOf(wanted, depth + 1));
      case "$all": {
        const tests = listOf(name, wanted).map(equals);
        return (value) => tests.every((test) => test(value));
      }
      case "$regex":
        return this.pattern(wanted, condition["$options"]);
      case "$options":
        return () => true;
      default:
        throw wandbRefusal(`tunewise does not know ${shown(name)} in a filter.`);
    }
  }

  private pattern(source: unknown, options: unknown): Test {
    if (typeof source !== "string" || source.length > maxPattern)
      throw wandbRefusal(`A pattern is a text of at most ${maxPattern} letters.`);
    const flags =
      typeof options === "string" ? [...new Set(options)].filter((flag) => "ims".includes(flag)) : [];
    this.hasPatterns = true;
    const pattern = compile(source, flags.join(""));
    return anyOf((value) => typeof value === "string" && pattern.test(value));
  }
}

/** Compiles a pattern under a deadline. It also runs under one, see `fittingRuns`. */
function compile(source: string, flags: string): RegExp {
  // inline flags at the start, as in Python and PCRE
  const [, inline = "", rest = source] = /^\(\?([ims]{1,3})\)(.*)$/s.exec(source) ?? [];
  try {
    return withDeadline(patternSeconds, () => new RegExp(rest, [...new Set(flags + inline)].join("")));
  } catch (error) {
    throw patternRefusal(source, error);
  }
}

/** The refusal for a pattern that was not compiled. A passed deadline may only mean that the machine is busy. */
export function patternRefusal(source: string, error: unknown): HttpError {
  if (!(error instanceof DeadlinePassed))
    return wandbRefusal(`The pattern ${shown(source)} is not a regular expression: ${reasonIn(error)}.`);
  return wandbRefusal(
    `Compiling the pattern ${shown(source)} passed its deadline of ${error.seconds} s. The server is busy, or the ` +
      "pattern is too large: try again.",
  );
}

function reasonIn(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split(": ").at(-1) ?? "";
}

function listOf(name: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wandbRefusal(`${name} takes a list.`);
  if (value.length > maxConditions) throw wandbRefusal(`${name} takes at most ${maxConditions} values.`);
  return value;
}

/** Applies a test to a list: it matches if one of its items does. */
function anyOf(test: Test): Test {
  return (value) => test(value) || (Array.isArray(value) && value.some(test));
}

function not(test: Test): Test {
  return (value) => !test(value);
}

/** A missing value equals `null`, as in MongoDB. */
function equals(wanted: unknown): Test {
  if (wanted === null) return (value) => value === undefined || value === null;
  if (typeof wanted !== "object") return anyOf((value) => value === wanted);
  const text = JSON.stringify(wanted);
  return anyOf((value) => typeof value === "object" && JSON.stringify(value) === text);
}

function isOneOf(wanted: readonly unknown[]): Test {
  const plain = new Set(wanted.filter((item) => item === null || typeof item !== "object"));
  const others = wanted.filter((item) => typeof item === "object" && item !== null).map(equals);
  return anyOf(
    (value) =>
      plain.has(value) || (value === undefined && plain.has(null)) || others.some((test) => test(value)),
  );
}

/** Orders two numbers or two texts; other values have no order. */
function orderOf(value: unknown, wanted: unknown): number | null {
  if (typeof value === "number" && typeof wanted === "number") return value - wanted;
  if (typeof value === "string" && typeof wanted === "string")
    return value < wanted ? -1 : Number(value > wanted);
  return null;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
