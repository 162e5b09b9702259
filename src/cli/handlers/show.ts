/** @file `tunewise runs show RUN`: everything about one run. */

import { type RunDetails, runFolderNamed, showRun } from "../../app/runs/index.ts";
import { showTrackedRun, type TrackedDetails } from "../../app/tracking/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { bytesText, countOf, seconds, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { factsText } from "../render/fitted-table.ts";
import { plain } from "../render/place.ts";
import { secondsRange, usdRange } from "../render/plan/ranges.ts";
import { sparkline } from "../render/sparkline.ts";
import { trackedText } from "../render/tracked-run.ts";
import { hostOf } from "./surroundings.ts";

/** Columns of a loss curve. */
const curveColumns = 32;

/** Shows a run. */
export async function handle(call: Call, console: Console): Promise<number> {
  const [word, runtime] = [call.words[0] ?? "latest", hostOf(console)];
  const [store, output] = [textFlag(call, "store") ?? undefined, textFlag(call, "output") ?? undefined];
  const isFolder = store === undefined && runFolderNamed(word, runtime) !== null;
  const tracked = isFolder ? null : await inStore(word, store, output, runtime);
  // A run of this engine has a folder beside the store, which tells more.
  if (tracked !== null && (store !== undefined || tracked.client !== "tunewise")) {
    if (console.json) console.document({ ...tracked });
    else console.result(trackedText(tracked, console.tableColumns));
    return DONE;
  }
  const details = await showRun(tracked?.id ?? word, runtime, output);
  if (console.json) console.document({ ...details });
  else if (textFlag(call, "format") === "markdown")
    console.result(details.report ?? "there is no report yet");
  else console.result(detailsText(details, console.tableColumns));
  return DONE;
}

/** The run as the store has it; `null`: it does not, and a folder of runs may. */
async function inStore(
  word: string,
  store: string | undefined,
  output: string | undefined,
  runtime: Runtime,
): Promise<TrackedDetails | null> {
  try {
    return await showTrackedRun(word, store ?? output, runtime);
  } catch (error) {
    if (store === undefined && TunewiseError.is(error) && error.code === "RUN_NOT_FOUND") return null;
    throw error;
  }
}

/** What the record's summary says of forgetting; nothing where it was not measured. */
function forgettingRows(summary: string): string[][] {
  const { forgetting } = JSON.parse(summary) as { forgetting?: Record<string, number | string | null> };
  if (!forgetting) return [];
  const percent = (value: number | string | null | undefined): string =>
    typeof value === "number" ? `${(100 * value).toFixed(1)} %` : "-";
  const { verdict, perplexity_rise, task_base, task_tuned, must_still_works, must_worked_before } =
    forgetting;
  const parts = [
    `general perplexity ${percent(perplexity_rise)} up`,
    ...(task_base === undefined
      ? []
      : [`right answers ${percent(task_base)} before, ${percent(task_tuned)} after`]),
    ...(must_worked_before === undefined
      ? []
      : [`${must_still_works} of ${must_worked_before} prompts still work`]),
  ];
  return [["forgetting", `${plain(String(verdict))}: ${parts.join("; ")}`]];
}

/** Answers that are no label, where any is. */
function noLabelRows(summary: string): string[][] {
  const { no_label: found } = JSON.parse(summary) as { no_label?: Record<string, number | null> };
  const { tuned = 0, base = 0, rows } = found ?? {};
  if (!tuned && !base) return [];
  return [["no label", `${tuned} of ${rows} answers of the tuned model, ${base ?? "-"} of the base model`]];
}

/** What the report says first; nothing of runs that were recorded without it. */
function judgementRows(summary: string): string[][] {
  const { judgement } = JSON.parse(summary) as { judgement?: { title?: unknown; sentence?: unknown } };
  if (typeof judgement?.title !== "string") return [];
  return [["result", `${plain(judgement.title)}: ${plain(String(judgement.sentence))}`]];
}

function detailsText(details: RunDetails, columns: number): string {
  const { run, plan, scores, tags, trainLoss, validationLoss, artifacts, folder } = details;
  const curve = (points: readonly { readonly value: number }[]): string => {
    const values = points.map(({ value }) => value);
    const [first, last] = [values[0], values.at(-1)];
    if (first === undefined || last === undefined) return "none";
    return `${first.toPrecision(4)} ${sparkline(values, curveColumns)} ${last.toPrecision(4)}`;
  };
  const time = secondsText(seconds(run.wallSeconds));
  const money = usdText(run.spentMicroUsd as Usd);
  const rows = [
    ...judgementRows(run.summary),
    ["run", `${plain(run.id)} (${run.status})`],
    ["model", `${plain(run.model)} @ ${plain(run.modelRevision)}`],
    ["data", run.dataFingerprint.slice(0, 16)],
    ["started", run.createdAt],
    ["time", plan ? `${time}, planned ${secondsRange(plan.time.seconds)}` : time],
    ["cost", plan ? `${money}, planned ${usdRange(plan.cost.usd)}` : money],
    ["train loss", curve(trainLoss)],
    ["validation", curve(validationLoss)],
    ...scores.map(({ arm, metric, value, low, high, rows: count }) => [
      `${arm} ${metric}`,
      `${Number.isFinite(value) ? value.toPrecision(4) : "void"}${low === null || high === null ? "" : ` (${low.toPrecision(4)} to ${high.toPrecision(4)})`}, ${countOf(count, "row")}`,
    ]),
    ...noLabelRows(run.summary),
    ...forgettingRows(run.summary),
    ...Object.entries(tags).map(([key, value]) => [`tag ${plain(key)}`, plain(value)]),
    ...artifacts.map(({ path, bytes }) => ["file", `${plain(path)}, ${bytesText(bytes)}`]),
    ["folder", plain(folder)],
  ];
  return factsText(rows, columns);
}
