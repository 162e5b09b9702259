/** @file Reads a run's console and logged rows by range, with bounded texts. */
import { readConsole, readLoggedRows, type TrackedRun } from "@tunewise/tracker";
import { type ShownText, shownText } from "./bounds.ts";
import type { DashboardContext } from "./dashboard-context.ts";

/** A range of lines. */
export interface LineRange {
  readonly from: number;
  readonly limit: number;
}

/** Console lines. */
export interface ConsoleLines {
  readonly lines: readonly (ShownText & { readonly line: number })[];
  /** Total number of lines, which grows while the run is active. */
  readonly total: number;
}

const lineChars = 4_000;
const rowChars = 100_000;

/** Reads lines that a run printed. Only W&B clients send them. */
export async function readConsoleLines(
  { database }: DashboardContext,
  { number }: TrackedRun,
  range: LineRange,
): Promise<ConsoleLines> {
  const { lines, total } = await readConsole(database, number, range);
  return { lines: lines.map(({ line, text }) => ({ line, ...shownText(text, lineChars) })), total };
}

/** A logged non-numeric row, as JSON. */
export interface ShownRow {
  readonly line: number;
  readonly step: number;
  readonly content: ShownText;
}

/** Reads rows of tables, media and texts that a run logged. */
export async function readRows(
  { database }: DashboardContext,
  { number }: TrackedRun,
  range: LineRange,
): Promise<ShownRow[]> {
  return (await readLoggedRows(database, number, range)).map(({ line, step, content }) => ({
    line,
    step,
    content: shownText(content, rowChars),
  }));
}
