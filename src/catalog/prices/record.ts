/**
 * @file Fields of one row of prices, read with suspicion: every complaint is collected, none is thrown.
 */
import { nearest } from "../../problem/index.ts";
import { isIsoDate } from "./age.ts";
import { shownText } from "./finding.ts";

/** A row before it is understood; values come from YAML, JSON or text tables. */
export type PriceRecord = Readonly<Record<string, unknown>>;

/** What is wrong with one field of a row. */
export type Complaint =
  | { readonly kind: "value"; readonly key: string; readonly expected: string; readonly found: string }
  | { readonly kind: "key"; readonly key: string; readonly near: string | undefined }
  | {
      readonly kind: "device";
      readonly key: string;
      readonly name: string;
      readonly suggestions: readonly string[];
    }
  | { readonly kind: "rate"; readonly key: string; readonly currency: string };

/** Longest name in any price list. */
export const maxNameLength = 120;
/** Beyond any machine or model of today: larger is a mistake or a lie. */
const most = { usd: 100_000, count: 1_024, gib: 1_000_000, parameters: 1e14 };

/** One row's fields, asked for one by one; what could not be read is in `complaints`. */
export class RecordReader {
  readonly complaints: Complaint[] = [];
  readonly #record: PriceRecord;

  constructor(record: PriceRecord, keys: readonly string[]) {
    this.#record = record;
    for (const key of Object.keys(record)) {
      if (!keys.includes(key))
        this.complaints.push({ kind: "key", key: shownText(key), near: nearest(key, keys) });
    }
  }

  /** Whether the row says anything under this key. */
  has(key: string): boolean {
    const value = this.#record[key];
    return value !== undefined && value !== null && value !== "";
  }

  /** A name; without a fallback it must be there. */
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

  /** One of some words. */
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

  /** A price: above zero, because nothing is rented for nothing and a minus is a slip. */
  price(key: string): number {
    return this.#number(
      key,
      (value) => value > 0 && value <= most.usd,
      `a price above 0 and up to ${most.usd}`,
    );
  }

  /** A price that may be missing. */
  priceOrNull(key: string): number | null {
    return this.has(key) ? this.price(key) : null;
  }

  /** A whole number from 1. */
  count(key: string, fallback: number): number {
    if (!this.has(key)) return fallback;
    return this.#number(
      key,
      (value) => Number.isInteger(value) && value >= 1 && value <= most.count,
      "a count from 1",
    );
  }

  /** A size above zero that may be missing. */
  sizeOrNull(key: string): number | null {
    if (!this.has(key)) return null;
    return this.#number(key, (value) => value > 0 && value <= most.gib, "a number above 0");
  }

  /** A number of parameters that may be missing. */
  parametersOrNull(key: string): number | null {
    if (!this.has(key)) return null;
    return this.#number(key, (value) => value >= 0 && value <= most.parameters, "a number of parameters");
  }

  /** A day that may be missing. */
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
    this.complaints.push({
      kind: "value",
      key,
      expected,
      found: this.has(key) ? shownText(this.#record[key]) : "nothing",
    });
    return instead;
  }
}

/** A plain decimal number, also as text; `null` for anything else, `1e400`, `0x10` and `1,000` included. */
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
