/** @file The prompt and answer of each benchmark row, whatever the names of its fields. */

import type { RowLocation } from "@tunewise/core/rows";
import { type Fields, fieldOf } from "./record.ts";
import { readFileRows } from "./row-source.ts";

/** A benchmark row as text. */
export interface BenchmarkRow extends RowLocation {
  readonly prompt: string;
  /** Empty if the benchmark has no answers. */
  readonly answer: string;
}

const promptNames = "prompt question instruction problem query input text sentence context".split(" ");
const answerNames = "completion answer output response canonical_solution solution target".split(" ");

/**
 * Reads the rows of a benchmark. Records without text are skipped.
 *
 * @param path path to open
 * @param shown file name as written in the recipe
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function readBenchmark(path: string, shown: string): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for await (const row of readFileRows(path, shown)) {
    if (!("fields" in row)) continue;
    const prompt = promptOf(row.fields);
    if (prompt === "") continue;
    rows.push({ prompt, answer: firstText(row.fields, answerNames), file: shown, ...row.at });
  }
  return rows;
}

/**
 * All turns of a conversation except the last, otherwise a field with a common name, otherwise the record's longest
 * text.
 */
function promptOf(fields: Fields): string {
  const turns = fieldOf(fields, "messages") ?? fieldOf(fields, "conversations");
  if (Array.isArray(turns)) {
    const texts = turns.slice(0, 64).map((turn) => turnText(turn));
    return texts
      .filter((text) => text !== "")
      .slice(0, Math.max(1, texts.length - 1))
      .join("\n");
  }
  const named = firstText(fields, promptNames);
  if (named !== "") return named;
  const texts = Object.values(fields).filter((value) => typeof value === "string");
  return texts.reduce((longest, text) => (text.length > longest.length ? text : longest), "");
}

function turnText(turn: unknown): string {
  if (typeof turn !== "object" || turn === null) return "";
  const text = fieldOf(turn as Fields, "content") ?? fieldOf(turn as Fields, "value");
  return typeof text === "string" ? text : "";
}

function firstText(fields: Fields, names: readonly string[]): string {
  for (const name of names) {
    const value = fieldOf(fields, name);
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return "";
}
