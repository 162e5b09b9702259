/** @file Shared parts of the readers of public price lists: cells, rows before validation, and rejected rows. */
import { type Finding, findingOf, type ProblemCode, problem, type Severity } from "../../../problem/index.ts";
import { readTableText } from "../../table-text.ts";
import type { MachineOffer, PriceSource } from "../book.ts";
import { numberOf, shownText } from "../record.ts";

/** Max. characters of a public list; AWS's has about 8 million. */
export const maxListLength: number = 64 * 2 ** 20;

/** Machines of a list, and findings about rejected rows. */
export interface MachineList {
  readonly machines: readonly MachineOffer[];
  readonly findings: readonly Finding[];
}

/** A row of a list before validation: one instance in one zone. */
export interface MachineDraft {
  readonly provider: string;
  readonly instance: string;
  /** Candidate names of the device, the most specific first. */
  readonly deviceWords: readonly string[];
  readonly deviceCount: number;
  /** Candidate memory sizes of a device in GiB, the most likely first. */
  readonly deviceGib: readonly number[];
  readonly vcpus: number | null;
  readonly memoryGib: number | null;
  readonly region: string;
  /** Dollars per hour; `null`: not listed. */
  readonly onDemand: number | null;
  readonly spot: number | null;
  readonly source: PriceSource;
}

/** Rejected rows, counted by code and reason, with the first of each. */
export class RejectedRows {
  readonly #kinds = new Map<
    string,
    { code: ProblemCode; severity: Severity; reason: string; first: string; rows: number }
  >();

  /** Counts one row. */
  add(code: ProblemCode, reason: string, row: string, severity: Severity = "warning"): void {
    const key = `${code} ${reason}`;
    const kind = this.#kinds.get(key);
    if (kind === undefined)
      this.#kinds.set(key, { code, severity, reason, first: shownText(row, 80), rows: 1 });
    else kind.rows++;
  }

  /** Returns one finding per code and reason. */
  findings(source: string): Finding[] {
    return [...this.#kinds.values()].map(({ code, severity, reason, first, rows }) => {
      const counted = rows === 1 ? "1 row" : `${rows.toLocaleString("en-US")} rows`;
      return findingOf(code, severity, { source, rows: counted, reason, first }, [], rows);
    });
  }
}

/**
 * Reads the rows of a list; broken ones are rejected.
 *
 * @throws {TunewiseError} `PRICES_CATALOG_UNREADABLE` if the text is too large or lacks columns
 */
export function readListRows(
  text: string,
  needed: readonly string[],
  source: string,
  rejected: RejectedRows,
): ListRow[] {
  const fail = (reason: string): Error => problem("PRICES_CATALOG_UNREADABLE", { source, reason });
  if (text.length > maxListLength) throw fail("it is too large");
  const { columns, rows } = readTableText(text);
  const missing = needed.filter((name) => !columns.includes(name));
  if (missing.length > 0) throw fail(`it has no column ${missing.join(", ")}`);
  return [...rows].flatMap(({ line, record }): ListRow[] => {
    if (record === null) rejected.add("PRICE_ROWS_REFUSED", "the row is broken", `line ${line}`);
    return record === null ? [] : [record];
  });
}

/** A row of a list by column. */
export type ListRow = Readonly<Record<string, string>>;

/** Returns a trimmed cell, or "" if there is no such column. */
export function cell(row: ListRow, column: string): string {
  return (row[column] ?? "").trim();
}

/** Returns a number; `null` for an empty cell, `NaN` for an invalid one. */
export function numberCell(row: ListRow, column: string): number | null {
  const text = cell(row, column);
  return text === "" ? null : (numberOf(text) ?? Number.NaN);
}

/** Returns a positive size, or `null`. */
export function sizeCell(row: ListRow, column: string): number | null {
  const value = numberCell(row, column);
  return value !== null && value > 0 && value < 1e6 ? value : null;
}

/** Returns a positive device count, or `null`. */
export function countCell(row: ListRow, column: string): number | null {
  const value = numberCell(row, column);
  return value !== null && Number.isInteger(value) && value >= 1 && value <= 1_024 ? value : null;
}
