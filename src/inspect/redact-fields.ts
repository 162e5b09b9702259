/**
 * @file Redacts every text of a record, whatever its shape.
 */

/** Replaces what must not be in a text. */
export type Redact = (text: string) => { readonly text: string; readonly replaced: number };

/** A copy of a JSON value whose texts are redacted; keys and everything else stay. */
export function redactFields(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value).text;
  if (Array.isArray(value)) return value.map((item) => redactFields(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactFields(item, redact)]));
}
