/**
 * @file `tunewise compare RUN...`: runs side by side.
 */
import { type ComparedRun, compareRuns } from "../../flow/index.ts";
import { bytes, bytesText, seconds, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import { type Call, textFlag } from "../command.ts";
import { DONE } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { plain } from "../render/place.ts";
import { tableText } from "../render/table.ts";
import { hostOf } from "./surroundings.ts";

/** Shows runs as lines of one table. */
export async function handle(call: Call, face: Face): Promise<number> {
  const runs = await compareRuns(call.words, hostOf(face), textFlag(call, "output") ?? undefined);
  if (face.json) face.document({ runs });
  else face.result(textFlag(call, "format") === "markdown" ? markdownText(runs) : comparisonText(runs));
  return DONE;
}

const heads = (metric: string): string[] => [
  ...["run", "method", metric, "(95 %)", "base"],
  ...["perplexity of old text", "right answers", "forgot", "memory", "time", "cost"],
];

function comparisonText(runs: readonly ComparedRun[]): string {
  const columns = heads(metricOf(runs)).map((head, at) =>
    at < 2 || at === 7 ? { head } : ({ head, align: "right" } as const),
  );
  return [tableText(columns, runs.map(cellsOf)), ...notes(runs)].join("\n");
}

function markdownText(runs: readonly ComparedRun[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const head = heads(metricOf(runs));
  const rule = line(head.map(() => "---"));
  return [line(head), rule, ...runs.map((run) => line(cellsOf(run))), "", ...notes(runs)].join("\n");
}

function metricOf([first]: readonly ComparedRun[]): string {
  return first?.metric ?? "score";
}

function cellsOf(run: ComparedRun): string[] {
  const { tuned, base, perplexityRise, taskDrop, memoryBytesPeak } = run;
  const score = (value: number | null | undefined): string => (value == null ? "" : value.toPrecision(4));
  const range =
    tuned?.low == null || tuned.high === null ? "" : `${score(tuned.low)} to ${score(tuned.high)}`;
  const signed = (value: number | null, unit: string): string =>
    value === null ? "" : `${value >= 0 ? "+" : ""}${(100 * value).toFixed(1)} ${unit}`;
  return [
    plain(run.id) + (run.unlike.length > 0 ? " *" : ""),
    run.method + (run.status === "completed" ? "" : ` (${run.status})`),
    score(tuned?.value ?? null),
    range,
    score(base),
    signed(perplexityRise, "%"),
    signed(taskDrop === null ? null : -taskDrop, "points"),
    run.forgetting ?? "",
    memoryBytesPeak === null ? "" : bytesText(bytes(memoryBytesPeak)),
    secondsText(seconds(run.wallSeconds)),
    usdText(run.spentMicroUsd as Usd),
  ];
}

/** Runs that are not comparable with the first one. */
function notes(runs: readonly ComparedRun[]): string[] {
  const unlike = runs.filter((run) => run.unlike.length > 0);
  return unlike.map(
    (run) => `* ${plain(run.id)}: another ${run.unlike.join(", another ")} than the first run`,
  );
}
