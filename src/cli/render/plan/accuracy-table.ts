/** @file Planned beside actual for earlier runs, as a table with its sum. */
import type { AccuracyReport, ErrorSummary } from "../../../app/plan/index.ts";
import { bytesText, countOf, secondsText } from "../../../quantity/index.ts";
import { plain } from "../place.ts";
import { tableText } from "../table.ts";
import { secondsRange } from "./ranges.ts";

/** The table, newest run first, and a line for each quantity. */
export function accuracyText({ runs, wall, memory }: AccuracyReport): string {
  if (runs.length === 0)
    return "no run here has ended by itself in one sitting, so there is nothing to compare";
  const heads = ["run", "time planned", "took", "off by", "memory planned", "took", "off by", ""];
  const table = tableText(
    heads.map((head) => ({ head })),
    runs.map((run) => [
      plain(run.runId),
      secondsRange(run.wall.planned),
      secondsText(run.wall.actual),
      `${percent(run.wall.error)}${run.wall.isInside ? "" : " outside"}`,
      run.memory ? bytesText(run.memory.planned.expected) : "",
      run.memory ? bytesText(run.memory.actual) : "",
      run.memory ? `${percent(run.memory.error)}${run.memory.isInside ? "" : " outside"}` : "",
      run.isProbed ? "probed" : "",
    ]),
  );
  return [table, "", sentence("time", wall), sentence("memory", memory)]
    .filter((line) => line !== null)
    .join("\n");
}

function percent(error: number): string {
  return `${error > 0 ? "+" : ""}${Math.round(100 * error)} %`;
}

function sentence(name: string, all: ErrorSummary | null): string | null {
  if (all === null) return null;
  const size = (error: number): string => `${Math.round(100 * error)} %`;
  const errors = `median error ${size(all.median)}, worst ${size(all.worst)}`;
  return `${name}: ${errors}, ${size(all.inside)} of ${countOf(all.count, "run")} inside their range`;
}
