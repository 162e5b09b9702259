/**
 * @file Statistics of each column's values: count, length, repetition. Nested fields are columns too, named by path.
 */
import { isTurnList } from "../messages.ts";
import { type Fields, isFields } from "../record.ts";

/** Statistics of a column over the sampled rows. */
export interface ColumnValues {
  /** Name, or path such as `answers.text.0`. */
  readonly path: string;
  /** Rows with a non-empty value, and all rows. */
  readonly filled: number;
  readonly of: number;
  /** Distinct values, up to a limit. */
  readonly distinct: number;
  /** Mean and max. length in characters. */
  readonly meanLength: number;
  readonly maxLength: number;
  readonly meanWords: number;
  /** Shares of the non-empty values. */
  readonly numbers: number;
  readonly booleans: number;
  readonly turns: number;
  /** The first few values. */
  readonly samples: readonly string[];
}

/** Max. fields and depth of a row, so that a row with a million fields takes little time. */
const maxPaths = 200;
const maxDepth = 7;
/** Max. distinct values counted. */
const maxDistinct = 20_000;
/** Longer values are identified by their beginning and length. */
const sampleLength = 200;

interface Gathered {
  filled: number;
  length: number;
  maxLength: number;
  words: number;
  numbers: number;
  booleans: number;
  turns: number;
  readonly values: Set<string>;
  readonly samples: string[];
}

/** Measures all columns, in order of first occurrence. */
export function measureColumns(rows: readonly Fields[]): ColumnValues[] {
  const columns = new Map<string, Gathered>();
  for (const row of rows)
    for (const [path, value] of leavesOf(row)) if (!isEarlierTurn(path)) add(columns, path, value);
  return [...columns].map(([path, one]) => {
    const filled = Math.max(1, one.filled);
    return {
      path,
      filled: one.filled,
      of: rows.length,
      distinct: one.values.size,
      samples: one.samples,
      meanLength: one.length / filled,
      maxLength: one.maxLength,
      meanWords: one.words / filled,
      numbers: one.numbers / filled,
      booleans: one.booleans / filled,
      turns: one.turns / filled,
    };
  });
}

/** A text of earlier turns, which belong to the question whatever its column. */
function isEarlierTurn(path: string): boolean {
  return /^history\.\d/.test(path);
}

function add(columns: Map<string, Gathered>, path: string, value: unknown): void {
  let one = columns.get(path);
  if (one === undefined) {
    if (columns.size >= maxPaths) return;
    const none = { filled: 0, length: 0, maxLength: 0, words: 0, numbers: 0, booleans: 0, turns: 0 };
    one = { ...none, values: new Set(), samples: [] };
    columns.set(path, one);
  }
  const isTurns = isTurnList(value);
  const text = isTurns ? "turns" : textOf(value);
  if (text === "") return;
  one.filled++;
  one.length += text.length;
  one.maxLength = Math.max(one.maxLength, text.length);
  one.words += wordsIn(text);
  if (isTurns) one.turns++;
  if (typeof value === "boolean" || /^(?:true|false)$/i.test(text)) one.booleans++;
  else if (isNumber(value, text)) one.numbers++;
  if (one.values.size < maxDistinct)
    one.values.add(text.length > sampleLength ? `${text.slice(0, sampleLength)}${text.length}` : text);
  if (one.samples.length < 8) one.samples.push(text.slice(0, sampleLength));
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value.trim();
  return value === null || value === undefined || typeof value === "object" ? "" : String(value);
}

function isNumber(value: unknown, text: string): boolean {
  return typeof value === "number" || typeof value === "bigint" || /^-?\d{1,18}(?:\.\d{1,18})?$/.test(text);
}

/** Estimated number of words, extrapolated from the beginning for long texts. */
function wordsIn(text: string): number {
  const head = text.slice(0, 2_000);
  return (head.match(/\S{1,2000}/g) ?? []).length * (text.length / head.length);
}

/** Leaf values of a row and their paths; a list is represented by its first element. */
function leavesOf(row: Fields): [string, unknown][] {
  const leaves: [string, unknown][] = [];
  const visit = (value: unknown, path: string, depth: number): void => {
    if (leaves.length >= maxPaths) return;
    const inner = depth < maxDepth && !isTurnList(value) ? childrenOf(value) : null;
    if (inner === null) leaves.push([path, value]);
    else for (const [name, child] of inner) visit(child, `${path}.${name}`, depth + 1);
  };
  for (const [name, value] of Object.entries(row)) visit(value, name, 1);
  return leaves;
}

function childrenOf(value: unknown): [string, unknown][] | null {
  if (Array.isArray(value)) return value.length === 0 ? null : [["0", value[0]]];
  return isFields(value) ? Object.entries(value) : null;
}
