/** @file Masks secrets and personal data in a row before it reaches the disk. */
import { parseJson } from "@tunewise/core/untrusted";
import { isCardNumber, type Redact, redactor } from "@tunewise/datacheck";
import type { CallRow } from "./row-of-call.ts";

/** What can be masked: personal data, and secrets such as keys and passwords. */
export const maskKinds = ["pii", "secrets"] as const;
/** A kind of data that can be masked. */
export type MaskKind = (typeof maskKinds)[number];

/** Seed of placeholders, as in `tunewise check --fix`: equal values get equal placeholders in all files. */
const seed = 1;

/** Masks the texts of a row. What the recorder itself writes, such as times and hashes, is unchanged. */
export type RowMask = (row: CallRow) => CallRow;

/** Creates the mask of a file's rows. */
export function rowMask(kinds: readonly MaskKind[]): RowMask {
  const mask = valueMask(kinds);
  return (row) => {
    const { messages, parameters, tools } = row;
    const masked = mask({ messages, parameters, tools: tools ?? [] });
    return {
      ...row,
      messages: masked.messages,
      ...(tools !== undefined && { tools: masked.tools }),
      parameters: masked.parameters,
    };
  };
}

/**
 * Creates a function that masks all texts of a JSON value, including names of fields.
 *
 * A value is found by its form or by the name before it, as in `"password": "..."`. So a text is searched as it is
 * and,
 * if it is JSON, with its escapes resolved, and a list or object also as its JSON text, in which names stand
 * before values.
 */
export function valueMask(kinds: readonly MaskKind[]): <Value>(value: Value) => Value {
  if (kinds.length === 0) return (value) => value;
  const takes = ({ personal }: { readonly personal: boolean }): boolean =>
    kinds.includes(personal ? "pii" : "secrets");
  return <Value>(value: Value): Value => {
    // a redactor remembers its values, and a recorder runs for months
    const scan = redactor(seed, false, takes);
    const redact = kinds.includes("pii") ? withCards(scan) : scan;
    return maskWhole(maskTexts(value, redact), redact) as Value;
  };
}

/** Digits that may be a card number, which no word or number continues. */
const cardDigits = /(?<![\w.-])\d{15,16}(?![\w-]|\.\d)/g;

/** The name before a card number by which the redactor accepts any. */
const cardName = "card number ";

/**
 * Also masks card numbers that nothing around them gives away, such as values of JSON. A check would report too
 * many ids
 * that way; here a masked id costs less than a card number on the disk.
 */
function withCards(redact: Redact): Redact {
  return (text) => {
    const masked = text.replace(cardDigits, (digits, at: number) => {
      if (!isCardNumber(digits)) return digits;
      const placeholder = redact(cardName + digits).text.slice(cardName.length);
      const isBare = /(?:["']\s?:|\[|,)\s?$/.test(text.slice(Math.max(0, at - 4), at));
      return isBare && /^\s?[,\]}]/.test(text.slice(at + digits.length, at + digits.length + 2))
        ? `"${placeholder}"`
        : placeholder;
    });
    return redact(masked);
  };
}

/** Masks each text alone. */
function maskTexts(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return maskText(value, redact);
  if (Array.isArray(value)) return value.map((item) => maskTexts(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [redact(name).text, maskTexts(item, redact)]),
  );
}

/** Masks a text. If it is JSON with escapes, values that only the resolved text shows are masked too. */
function maskText(text: string, redact: Redact): string {
  const masked = redact(text).text;
  if (!/^\s*[[{]/.test(masked) || !masked.includes("\\")) return masked;
  const value = jsonIn(masked);
  if (value === undefined) return masked;
  const resolved = JSON.stringify(maskTexts(value, redact));
  return resolved === JSON.stringify(value) ? masked : resolved;
}

/** Masks the JSON text of a list or object. Keeps the value where masking would break the JSON. */
function maskWhole(value: unknown, redact: Redact): unknown {
  const text = JSON.stringify(value);
  const masked = redact(text).text;
  if (masked === text) return value;
  return jsonIn(masked) ?? value;
}

function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
