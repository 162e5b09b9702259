/**
 * @file `curves.jsonl` of a checkpoint: the losses so far, one per line. Their number grows with the steps, so they are
 * not part of the manifest.
 */

import type { Curves } from "@tunewise/core/run";
import { piecesOf, readLines, writeWholeFile } from "@tunewise/tracker";

/** Name of the file in a checkpoint. */
export const curvesName = "curves.jsonl";

/** Maximum characters of a line: a name and two numbers. */
const lineCharsMax = 200;
/** Losses that JSON cannot represent as numbers. */
const oddLosses = new Set<unknown>(["NaN", "Infinity", "-Infinity"]);

/** Writes the curves into a folder. */
export async function writeCurves(path: string, curves: Curves): Promise<void> {
  await writeWholeFile(path, piecesOf(linesOf(curves)));
}

function* linesOf({ train, validation }: Curves): Generator<string> {
  for (const [step, loss] of train) yield lineOf("train", step, loss);
  for (const [step, loss] of validation) yield lineOf("validation", step, loss);
}

function lineOf(curve: keyof Curves, step: number, loss: number): string {
  return JSON.stringify([curve, step, Number.isFinite(loss) ? loss : String(loss)]);
}

/**
 * Reads the curves; `null` if a line is invalid.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readCurves(path: string): Promise<Curves | null> {
  const curves = { train: [] as [number, number][], validation: [] as [number, number][] };
  for await (const lines of readLines(path, lineCharsMax)) {
    for (const { text, isWhole } of lines) {
      const point = text === null || !isWhole ? null : readLine(text);
      if (point === null) return null;
      curves[point.curve].push([point.step, point.loss]);
    }
  }
  return curves;
}

function readLine(text: string): { curve: keyof Curves; step: number; loss: number } | null {
  try {
    const [curve, step, value] = JSON.parse(text) as unknown[];
    const loss = oddLosses.has(value) ? Number(value) : value;
    if (curve !== "train" && curve !== "validation") return null;
    return Number.isSafeInteger(step) && typeof loss === "number"
      ? { curve, step: step as number, loss }
      : null;
  } catch {
    return null;
  }
}
