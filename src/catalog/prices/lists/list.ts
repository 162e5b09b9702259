/**
 * @file What readers of public price lists share: rows before they are believed, and the count of those refused.
 */
import type { Finding, ProblemCode, Severity } from "../../../problem/index.ts";
import type { MachineOffer, PriceSource } from "../book.ts";
import { priceFinding, shownText } from "../finding.ts";

/** Largest text of a public list, in characters; AWS's has about 8 million. */
export const maxListLength: number = 64 * 2 ** 20;

/** Machines of a list with what was left out of it. */
export interface MachineList {
  readonly machines: readonly MachineOffer[];
  readonly findings: readonly Finding[];
}

/** A row of a list: one instance in one zone, prices as the list states them. */
export interface MachineDraft {
  readonly provider: string;
  readonly instance: string;
  /** Words for the device, the most telling first. */
  readonly deviceWords: readonly string[];
  readonly deviceCount: number;
  /** What the list may mean by its memory, in GiB of one device, the likeliest first. */
  readonly deviceGib: readonly number[];
  readonly vcpus: number | null;
  readonly memoryGib: number | null;
  readonly region: string;
  /** Dollars per hour; `null`: the list gives none. */
  readonly onDemand: number | null;
  readonly spot: number | null;
  readonly source: PriceSource;
}

/** Rows left out, counted by code and reason; the first of each is named. */
export class Refusals {
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

  /** One finding per code and reason. */
  findings(source: string): Finding[] {
    return [...this.#kinds.values()].map(({ code, severity, reason, first, rows }) => {
      const counted = rows === 1 ? "1 row" : `${rows.toLocaleString("en-US")} rows`;
      return priceFinding(code, { source, rows: counted, reason, first }, [], severity, rows);
    });
  }
}
