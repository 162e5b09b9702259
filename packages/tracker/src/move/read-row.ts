/** @file Fields of other programs' rows and documents, read without trust. */
import { keepable } from "../wandb/loose-json.ts";

/** A row, a YAML document of texts, or a JSON object. */
export type Loose = Readonly<Record<string, unknown>>;

/** The object, empty where it is none. */
export function looseOf(value: unknown): Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Loose) : {};
}

/** The list of objects, empty where it is none. */
export function looseList(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.map(looseOf) : [];
}

/** A text; empty where it is missing. Numbers are texts too. */
export function textIn(row: Loose, field: string): string {
  const value = row[field];
  if (typeof value === "string") return keepable(value);
  return typeof value === "number" || typeof value === "bigint" ? String(value) : "";
}

/** A text, or `null` where it is missing, empty or YAML's `null`. */
export function textOrNull(row: Loose, field: string): string | null {
  const text = textIn(row, field);
  return text === "" || text === "null" ? null : text;
}

/** A whole number, or `null`. */
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

/** What went wrong, in words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
