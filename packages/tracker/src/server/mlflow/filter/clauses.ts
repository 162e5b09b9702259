/**
 * @file Parses MLflow's filters: clauses that must all hold, `entity.key comparison value AND ...`, without OR and
 * nesting. `filter/clause.ts` parses a clause, for the page's filters too.
 *
 * @source mlflow.org docs, "Search Runs"
 */
import type { HttpError } from "../../../http/index.ts";
import { type Clause, maxClauses, type OrderItem, readClause, readOrder } from "../../filter/clause.ts";
import { maxFilterCharacters, readFrom } from "../../filter/tokens.ts";
import { invalidParameter } from "../refuse.ts";

export type { Clause };

/**
 * Parses a filter.
 *
 * @throws {HttpError} for an invalid one
 */
export function readClauses(text: string): Clause[] {
  const cursor = readFrom(requireShort(text), invalidFilter);
  const clauses: Clause[] = [];
  while (!cursor.isAtEnd()) {
    if (clauses.length > 0 && !cursor.words("AND")) throw cursor.expected("AND");
    clauses.push(readClause(cursor, invalidFilter));
    if (clauses.length > maxClauses) throw invalidFilter(`there are more than ${maxClauses}`);
  }
  return clauses;
}

/**
 * Parses one item of an order: a name, then `ASC` or `DESC` or nothing.
 *
 * @throws {HttpError} for an invalid one
 */
export function readOrderItem(text: string): OrderItem {
  return readOrder(requireShort(text), invalidFilter);
}

function requireShort(text: string): string {
  if (text.length <= maxFilterCharacters) return text;
  throw invalidParameter(`A filter may have ${maxFilterCharacters} letters at most.`);
}

/** The error for an invalid filter. */
export function invalidFilter(why: string): HttpError {
  return invalidParameter(`Invalid clause(s) in filter string: ${why}.`);
}

/** Requires a comparison of texts. @throws {HttpError} for another kind */
export function textClause(clause: Clause): Clause {
  const { comparison, values, key } = clause;
  if (/^([<>]|IS)/.test(comparison)) {
    throw invalidFilter(`${comparison} does not compare texts, such as ${key.slice(0, 100)}`);
  }
  if (values.every((value) => typeof value === "string")) return clause;
  throw invalidFilter(`a quoted text is expected for ${key.slice(0, 100)}`);
}

/** Requires a comparison of numbers; accepts quoted numbers. @throws {HttpError} for another kind */
export function numberClause(clause: Clause, isInteger: boolean): Clause {
  const { comparison, values, key } = clause;
  if (/IN$|LIKE$|^IS/.test(comparison)) {
    throw invalidFilter(`${comparison} does not compare numbers, such as ${key.slice(0, 100)}`);
  }
  const numbers = values.map((value) => (value === "" ? Number.NaN : Number(value)));
  if (numbers.every(isInteger ? Number.isSafeInteger : Number.isFinite))
    return { ...clause, values: numbers };
  throw invalidFilter(`a ${isInteger ? "whole " : ""}number is expected for ${key.slice(0, 100)}`);
}
