/** @file A run's console and logged rows, by range, with texts of bounded size. */
import { readConsole, readLoggedRows, type TrackedRun } from "@tunewise/tracker";
import { type ShownText, shownText } from "./bounds.ts";
import type { DashboardContext } from "./dashboard-context.ts";

/** A part of something long. */
export interface LineRange {
  readonly from: number;
  readonly limit: number;
}

/** Lines of a console. */
export interface ConsoleLines {
  readonly lines: readonly (ShownText & { readonly line: number })[];
  /** Lines that there are; those of a live run grow. */
  readonly total: number;
}

const lineChars = 4_000;
const rowChars = 100_000;

/** Lines that a run printed; only W&B's clients send them. */
export async function readConsoleLines(
  { database }: DashboardContext,
  { number }: TrackedRun,
  range: LineRange,
): Promise<ConsoleLines> {
  const { lines, total } = await readConsole(database, number, range);
  return { lines: lines.map(({ line, text }) => ({ line, ...shownText(text, lineChars) })), total };
}

/** A row of what is no number, as JSON. */
export interface ShownRow {
  readonly line: number;
  readonly step: number;
  readonly content: ShownText;
}

/** Rows of tables, media and texts that a run logged. */
export async function readRows(
  { database }: DashboardContext,
  { number }: TrackedRun,
  range: LineRange,
): Promise<ShownRow[]> {
  return (await readLoggedRows(database, number, range)).map(({ line, step, content }) => ({
    ...{ line, step },
    content: shownText(content, rowChars),
  }));
}
