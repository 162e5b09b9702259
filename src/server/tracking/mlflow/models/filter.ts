/**
 * @file The language of MLflow's filters: comparisons joined by AND.
 *
 *     name LIKE 'tickets%' AND tags.`team name` = 'search' AND metrics.acc > 0.9 AND run_id IN ('a', 'b')
 *
 * @source mlflow/mlflow mlflow/utils/search_utils.py
 */
import type { Comparator } from "../../../../track/index.ts";
import { MlflowError } from "../refuse.ts";

/** One comparison, as it is written. */
export interface Clause {
  /** The word before the point, such as `tags`; empty where there is none. */
  readonly entity: string;
  readonly key: string;
  readonly comparison: Comparator;
  readonly values: readonly (string | number)[];
}

const lettersMost = 20_000;
const clausesMost = 100;

const identifier = /\s*(?:([A-Za-z_]+)\.)?(?:`([^`]+)`|"([^"]+)"|([\w][\w.\-/]*))/y;
const operator = /\s*(!=|<>|<=|>=|=|<|>|NOT\s+IN\b|IN\b|ILIKE\b|LIKE\b)/iy;
const literal = /\s*(?:'((?:[^']|'')*)'|"([^"]*)"|([+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?))/iy;

/** Reads a filter. An empty one has no clauses. */
export function readFilter(text: string): Clause[] {
  if (text.length > lettersMost || text.includes("\0")) throw wrong("it is too long, or has a NUL in it");
  const clauses: Clause[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const rest = (): string => text.slice(at, at + 60);
  const value = (): string | number => {
    const found = take(literal);
    if (!found) throw wrong(`a quoted text or a number is expected at '${rest()}'`);
    if (found[3] !== undefined) return Number(found[3]);
    return found[1]?.replaceAll("''", "'") ?? found[2] ?? "";
  };
  while (text.slice(at).trim() !== "") {
    if (clauses.length > 0 && !take(/\s+AND\b/iy)) throw wrong(`AND is expected at '${rest()}'`);
    if (clauses.length >= clausesMost) throw wrong(`it has more than ${clausesMost} comparisons`);
    const name = take(identifier);
    if (!name) throw wrong(`a name is expected at '${rest()}'`);
    const found = take(operator);
    if (!found?.[1]) throw wrong(`a comparison is expected at '${rest()}'`);
    const comparison = comparatorOf(found[1]);
    const values = isList(comparison) ? listOf(take, value, rest) : [value()];
    clauses.push({
      ...{ entity: name[1] ?? "", key: name[2] ?? name[3] ?? name[4] ?? "", comparison, values },
    });
  }
  return clauses;
}

function listOf(
  take: (pattern: RegExp) => RegExpExecArray | null,
  value: () => string | number,
  rest: () => string,
): (string | number)[] {
  if (!take(/\s*\(/y)) throw wrong(`a list in parentheses is expected at '${rest()}'`);
  const values = [value()];
  while (take(/\s*,/y)) {
    if (take(/\s*\)/y)) return values;
    values.push(value());
  }
  if (!take(/\s*\)/y)) throw wrong(`the end of a list is expected at '${rest()}'`);
  return values;
}

function comparatorOf(text: string): Comparator {
  const upper = text.toUpperCase().replace(/\s+/g, " ");
  return (upper === "<>" ? "!=" : upper) as Comparator;
}

function isList(comparison: Comparator): boolean {
  return comparison === "IN" || comparison === "NOT IN";
}

/** The comparison as one of texts. */
export function textClause(clause: Clause): Clause {
  const { comparison, values, key } = clause;
  if (["<", "<=", ">", ">="].includes(comparison)) {
    throw wrong(`${comparison} does not compare texts, such as ${key.slice(0, 100)}`);
  }
  if (values.some((value) => typeof value === "number")) {
    throw wrong(`a quoted text is expected for ${key.slice(0, 100)}`);
  }
  return clause;
}

/** The comparison as one of numbers, whole ones where `whole` says so. A quoted number will do. */
export function numberClause(clause: Clause, whole: boolean): Clause {
  const { comparison, values, key } = clause;
  if (isList(comparison) || comparison.endsWith("LIKE")) {
    throw wrong(`${comparison} does not compare numbers, such as ${key.slice(0, 100)}`);
  }
  const numbers = values.map((value) => (value === "" ? Number.NaN : Number(value)));
  if (!numbers.every(whole ? Number.isSafeInteger : Number.isFinite)) {
    throw wrong(`a ${whole ? "whole " : ""}number is expected for ${key.slice(0, 100)}`);
  }
  return { ...clause, values: numbers };
}

/** The error for a filter that is not understood. */
export function wrong(detail: string): MlflowError {
  return new MlflowError("INVALID_PARAMETER_VALUE", `Invalid filter string: ${detail}.`);
}
