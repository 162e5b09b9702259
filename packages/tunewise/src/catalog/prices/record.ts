/** @file Validated access to the fields of a price row: issues are collected, not thrown. */
import { nearest } from "../../problem/index.ts";
import { isIsoDate } from "./age.ts";

/** An unvalidated row from YAML, JSON or text tables. */
export type PriceRecord = Readonly<Record<string, unknown>>;

/** A problem with a field of a row. */
export type FieldIssue =
  | { readonly kind: "value"; readonly key: string; readonly expected: string; readonly found: string }
  | { readonly kind: "key"; readonly key: string; readonly near: string | undefined }
  | {
      readonly kind: "device";
      readonly key: string;
      readonly name: string;
      readonly suggestions: readonly string[];
    }
  | { readonly kind: "rate"; readonly key: string; readonly currency: string };

/** Max. characters of a name. */
export const maxNameLength = 120;
/** Limits beyond any current machine or model; larger values are invalid. */
const limits = { usd: 100_000, count: 1_024, gib: 1_000_000, parameters: 1e14 };

/** Reads the fields of a row; invalid ones are recorded in `issues`. */
export class RecordReader {
  readonly issues: FieldIssue[] = [];
  readonly #record: PriceRecord;

  constructor(record: PriceRecord, keys: readonly string[]) {
    this.#record = record;
    for (const key of Object.keys(record)) {
      if (!keys.includes(key))
        this.issues.push({ kind: "key", key: shownText(key), near: nearest(key, keys) });
    }
  }

  /** Whether the row has a value for this key. */
  has(key: string): boolean {
    const value = this.#record[key];
    return value !== undefined && value !== null && value !== "";
  }

  /** A name; required unless there is a fallback. */
  text(key: string, fallback?: string): string {
    const value = this.#record[key];
    if (!this.has(key) && fallback !== undefined) return fallback;
    const text = typeof value === "number" ? String(value) : value;
    if (
      typeof text === "string" &&
      text.trim() !== "" &&
      text.length <= maxNameLength &&
      !/\p{Cc}/u.test(text)
    ) {
      return text.trim();
    }
    return this.#wrong(key, `a name of at most ${maxNameLength} characters`, "");
  }

  /** One of the allowed words. */
  word<Word extends string>(key: string, words: readonly Word[], fallback: Word): Word {
    if (!this.has(key)) return fallback;
    const found = words.find((word) => word === this.#record[key]);
    return found ?? this.#wrong(key, `one of ${words.join(", ")}`, fallback);
  }

  /** true or false, also as text. */
  flag(key: string): boolean {
    const value = this.#record[key];
    if (!this.has(key) || value === false || /^false$/i.test(String(value))) return false;
    return value === true || /^true$/i.test(String(value)) || this.#wrong(key, "true or false", false);
  }

  /** A positive price. */
  price(key: string): number {
    return this.#number(
      key,
      (value) => value > 0 && value <= limits.usd,
      `a price above 0 and up to ${limits.usd}`,
    );
  }

  /** A positive integer. */
  count(key: string, fallback: number): number {
    if (!this.has(key)) return fallback;
    return this.#number(
      key,
      (value) => Number.isInteger(value) && value >= 1 && value <= limits.count,
      "a count from 1",
    );
  }

  /** An optional positive size. */
  sizeOrNull(key: string): number | null {
    if (!this.has(key)) return null;
    return this.#number(key, (value) => value > 0 && value <= limits.gib, "a number above 0");
  }

  /** An optional number of parameters. */
  parametersOrNull(key: string): number | null {
    if (!this.has(key)) return null;
    return this.#number(key, (value) => value >= 0 && value <= limits.parameters, "a number of parameters");
  }

  /** An optional date. */
  dateOrNull(key: string): string | null {
    if (!this.has(key)) return null;
    const value = String(this.#record[key]);
    return isIsoDate(value) ? value : this.#wrong(key, "a date such as 2026-11-25", null);
  }

  #number(key: string, isRight: (value: number) => boolean, expected: string): number {
    const value = numberOf(this.#record[key]);
    return value !== null && isRight(value) ? value : this.#wrong(key, expected, 1);
  }

  #wrong<Value>(key: string, expected: string, instead: Value): Value {
    this.issues.push({
      kind: "value",
      key,
      expected,
      found: this.has(key) ? shownText(this.#record[key]) : "nothing",
    });
    return instead;
  }
}

/** Parses a finite decimal number, also from text; `null` for anything else, including `1e400`, `0x10` and `1,000`. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (
    typeof value !== "string" ||
    !/^[+-]?(?:\d{1,15}(?:\.\d{0,20})?|\.\d{1,20})(?:e[+-]?\d{1,3})?$/i.test(value.trim())
  ) {
    return null;
  }
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Truncates text from a file to one line without control characters, so that it is safe for a terminal. */
export function shownText(value: unknown, limit = 60): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  const plain = text.replace(/\p{Cc}/gu, " ");
  return plain.length <= limit ? plain : `${plain.slice(0, limit - 1)}…`;
}
