/** @file Values of a spreadsheet's cells. */

/** A cell as it is stored. */
export interface StoredCell {
  /** Column from 0. */
  readonly column: number;
  /** `s`: number of a shared string · `str`, `inlineStr`: text · `b` · `e`: an error · `d`: a date as text · `n` */
  readonly type: string;
  readonly style: number;
  readonly value: string;
  readonly hasFormula: boolean;
}

/** What cells refer to. */
export interface CellContext {
  readonly strings: readonly string[];
  readonly dateStyles: readonly boolean[];
  readonly isFrom1904: boolean;
}

/** Returns the value of a cell, `null` if it is empty, or the reason why it has none. */
export function cellValue(
  { type, style, value, hasFormula }: StoredCell,
  { strings, dateStyles, isFrom1904 }: CellContext,
): string | number | boolean | null | { readonly reason: string } {
  if (value === "" && hasFormula) return { reason: "holds a formula whose result was not saved" };
  switch (type) {
    case "s": {
      const text = /^\d{1,9}$/.test(value) ? strings[Number(value)] : undefined;
      return text ?? { reason: `refers to the missing string ${value.slice(0, 12)}` };
    }
    case "str":
    case "inlineStr":
      return value === "" ? null : plainText(value);
    case "d":
      return value === "" ? null : value;
    case "b":
      return value === "1" || value === "true";
    case "e":
      return { reason: `holds the error ${value.slice(0, 40)}` };
    default: {
      if (value === "") return null;
      const number = Number(value);
      if (!Number.isFinite(number)) return { reason: "holds a number that cannot be read" };
      return dateStyles[style] === true ? dateText(number, isFrom1904) : number;
    }
  }
}

const secondsPerDay = 86_400;

/**
 * A date as text, such as `2024-03-01` or `2024-03-01T09:30:00Z`, or the number if it is not one.
 *
 * Days count from 1899-12-30, which allows for the 29 February 1900 that spreadsheets have and the calendar has not.
 *
 * @source ECMA-376 part 1, section 18.17.4.1
 */
function dateText(days: number, isFrom1904: boolean): string | number {
  const start = isFrom1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const date = new Date(start + Math.round(days * secondsPerDay) * 1000);
  if (days < 0 || Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999) return days;
  const text = date.toISOString();
  return Number.isInteger(days) ? text.slice(0, 10) : `${text.slice(0, 19)}Z`;
}

/** Text without the escapes of characters that XML cannot hold, such as `_x000D_`. */
export function plainText(text: string): string {
  if (!text.includes("_x")) return text;
  return text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Column of a reference such as `AB12`, from 0; -1 if it has none. */
export function columnOf(reference: string): number {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0] ?? "";
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

/** Name of a column, such as `AB`. */
export function columnName(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnName(Math.floor(column / 26) - 1) + last;
}
