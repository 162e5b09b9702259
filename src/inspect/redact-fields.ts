/** @file Redacts every string of a JSON value, whatever its shape. */

/** Replaces what a text must not contain. */
export type Redact = (text: string) => { readonly text: string; readonly replaced: number };

/** Copies a JSON value with redacted strings; keys and everything else stay. */
export function redactFields(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value).text;
  if (Array.isArray(value)) return value.map((item) => redactFields(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactFields(item, redact)]));
}
