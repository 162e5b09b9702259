/** @file Line-based data of a W&B run: its console, and rows of non-numeric data. */
import type { Reader } from "../database/database.ts";

/** A line with its number. */
export interface NumberedLine {
  readonly line: number;
  readonly text: string;
}

/** Lines of a console, starting at a line number. */
export async function readConsole(
  reader: Reader,
  run: number,
  { from, limit }: { readonly from: number; readonly limit: number },
): Promise<{ readonly lines: NumberedLine[]; readonly total: number }> {
  const [count] = await reader.all("SELECT max(line) AS last FROM console_lines WHERE run = ?", run);
  const sql = "SELECT line, content FROM console_lines WHERE run = ? AND line >= ? ORDER BY line LIMIT ?";
  const rows = await reader.all(sql, run, from, limit);
  return {
    lines: rows.map(({ line, content }) => ({ line: Number(line), text: String(content) })),
    total: count?.["last"] == null ? 0 : Number(count["last"]) + 1,
  };
}

/** The non-numeric part of a history row, as JSON. */
export interface LoggedRow {
  readonly line: number;
  readonly step: number;
  readonly content: string;
}

/** Rows starting at a line number: histograms, tables, media, texts. */
export async function readLoggedRows(
  reader: Reader,
  run: number,
  { from, limit }: { readonly from: number; readonly limit: number },
): Promise<LoggedRow[]> {
  const sql = `SELECT line, step, content FROM wandb_rows WHERE run = ? AND kind = 'history' AND line >= ?
    ORDER BY line LIMIT ?`;
  return (await reader.all(sql, run, from, limit)).map(({ line, step, content }) => ({
    line: Number(line),
    step: Number(step),
    content: String(content),
  }));
}
