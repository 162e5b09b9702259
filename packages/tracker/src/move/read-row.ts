/** @file Reads fields of untrusted rows and documents of other programs. */
import { keepable } from "../wandb/loose-json.ts";

/** A row, a YAML document of texts, or a JSON object. */
export type Loose = Readonly<Record<string, unknown>>;

/** The value if it is an object, otherwise an empty object. */
export function looseOf(value: unknown): Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Loose) : {};
}

/** The objects of a list; empty if the value is not a list. */
export function looseList(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.map(looseOf) : [];
}

/** A text; empty if missing. Numbers are converted to text. */
export function textIn(row: Loose, field: string): string {
  const value = row[field];
  if (typeof value === "string") return keepable(value);
  return typeof value === "number" || typeof value === "bigint" ? String(value) : "";
}

/** A text, or `null` if it is missing, empty or YAML's `null`. */
export function textOrNull(row: Loose, field: string): string | null {
  const text = textIn(row, field);
  return text === "" || text === "null" ? null : text;
}

/** An integer, or `null`. */
export function wholeIn(row: Loose, field: string): number | null {
  const value = row[field];
  const number = typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}

/** An instant in milliseconds since 1970, or `null`; 0 counts as missing, as in protobuf. */
export function msIn(row: Loose, field: string): number | null {
  const ms = wholeIn(row, field);
  return ms !== null && ms > 0 ? ms : null;
}

/** An error's message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
