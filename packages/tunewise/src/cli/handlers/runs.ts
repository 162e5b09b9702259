/** @file `tunewise runs list`, `show` and `stop`: runs of any client in the store. */

import { shellWord } from "@tunewise/core/format";
import {
  type Bytes,
  bytesText,
  countOf,
  seconds,
  secondsText,
  type Usd,
  usdText,
} from "@tunewise/core/quantity";
import { stopText, type TrainSummary, trainingOf } from "@tunewise/core/run";
import { defaultOutput, requestRunStop } from "@tunewise/tracker";
import { type RunDetails, runFolderNamed, showRun } from "../../app/runs/index.ts";
import {
  type ListedRun,
  type ListedTrials,
  listRuns,
  listTrials,
  missingRuns,
  moveRuns,
  showTrackedRun,
  type TrackedDetails,
} from "../../app/tracking/index.ts";
import type { RunMeter } from "../../launch/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, isOn, numberFlag, textFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { commandFolders } from "../exec/adopt.ts";
import { stopCommand } from "../exec/stop.ts";
import { DONE, FAILED } from "../exit-codes.ts";
import { secondsRange, usdRange } from "../render/plan/ranges.ts";
import { sparkline } from "../render/sparkline.ts";
import { fittedTable, keyValueText } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { runtimeOf } from "./context.ts";

/** Maximum characters of a name in the table; `--json` has the whole name. */
const nameLetters = 32;

/** Lists runs. */
export async function handleList(call: Call, console: Console): Promise<number> {
  const store = textFlag(call, "store") ?? textFlag(call, "output");
  const limit = numberFlag(call, "limit");
  const runs = await listRuns(runtimeOf(console), {
    ...(textFlags(call, "project", "status", "client") as Pick<ListedRun, "project" | "status" | "client">),
    ...(store === null ? {} : { store }),
    ...(limit === null ? {} : { limit }),
    trials: isOn(call, "trials"),
  });
  const hasFilter = ["project", "client", "status"].some((name) => textFlag(call, name) !== null);
  const searches =
    isOn(call, "trials") || hasFilter ? [] : await listTrials(runtimeOf(console), store ?? undefined);
  const missing = await missingRuns(store ?? undefined, runtimeOf(console));
  if (console.json) console.document({ runs, searches, not_in_store: missing });
  else if (runs.length + searches.length === 0) console.result("no matching runs");
  else {
    if (runs.length > 0) console.result(runsText(runs, console.tableColumns));
    for (const one of searches) console.result(trialsText(one));
    console.info("\nnext: tunewise runs show latest");
  }
  if (missing.length > 0)
    console.info(
      `${missing.length} more in the folder and not in the store: tunewise store import runs ${plain(store ?? defaultOutput)}`,
    );
  return DONE;
}

/** Summary of a search in a line, since its trials are not results of their own. */
function trialsText({ search, trials, seconds: time, spentMicroUsd }: ListedTrials): string {
  const money = spentMicroUsd === 0 ? "" : `, ${usdText(spentMicroUsd as Usd)}`;
  return `search ${plain(search)}: ${countOf(trials, "trial")}, ${secondsText(seconds(time))}${money}; --trials lists them`;
}

/** Deletes runs. */
export async function handleDelete(call: Call, console: Console): Promise<number> {
  return move(call, console, "deleted");
}

/** Restores deleted runs. */
export async function handleRestore(call: Call, console: Console): Promise<number> {
  return move(call, console, "active");
}

async function move(call: Call, console: Console, stage: "active" | "deleted"): Promise<number> {
  const store = textFlag(call, "store") ?? textFlag(call, "output") ?? undefined;
  const ids = await moveRuns(call.words, stage, store, runtimeOf(console));
  if (console.json) console.document({ runs: ids, stage });
  else {
    const named = ids.map(plain).join(", ");
    console.result(
      stage === "deleted" ? `deleted ${named}; what they cost still counts` : `restored ${named}`,
    );
    const back = stage === "deleted" ? "tunewise runs restore" : "tunewise runs show";
    console.info(
      `\nnext: ${back} ${ids.map(plain).join(" ")}${store === undefined ? "" : ` --store ${shellWord(store)}`}`,
    );
  }
  return DONE;
}

function runsText(runs: readonly ListedRun[], columns: number): string {
  return fittedTable(
    ["run", ["name", 2], ["client", 1], ["project", 3], "status", ["base", 4], "result", "#time", "#cost"],
    runs.map((run) => [
      plain(run.id),
      plain(run.name).slice(0, nameLetters),
      run.client,
      plain(run.project),
      statusText(run),
      ...(run.comparison === null
        ? [
            scoreText(run, "base"),
            scoreText(run, "tuned") || plain(run.scores.length > 0 ? "" : (run.result ?? "")),
          ]
        : ["", comparisonText(run.comparison)]),
      secondsText(seconds(run.seconds)),
      run.spentMicroUsd === 0 ? "-" : usdText(run.spentMicroUsd as Usd),
    ]),
    columns,
  );
}

/** Status with the cause of a stop or the time without a report: `stopped (cap)`, `running, silent for 26 min`. */
function statusText({
  status,
  stoppedBy,
  silentSeconds,
}: Pick<ListedRun, "status" | "stoppedBy" | "silentSeconds">): string {
  if (silentSeconds !== null) return `${status}, silent for ${secondsText(seconds(silentSeconds))}`;
  return stoppedBy === null || stoppedBy === "search" ? status : `${status} (${stoppedBy})`;
}

/** Text of a try, whose result is the decision rather than one of the compared scores. */
function comparisonText({ title }: NonNullable<ListedRun["comparison"]>): string {
  return plain(title === "" ? "baseline comparison" : `baseline comparison: ${title}`);
}

function scoreText({ scores }: ListedRun, arm: string): string {
  const found = scores.find((one) => one.arm === arm);
  if (!found) return "";
  return `${found.metric} ${Number.isFinite(found.value) ? found.value.toPrecision(4) : "invalid"}`;
}

/** Columns of a loss curve. */
const curveColumns = 32;

/** Shows a run. */
export async function handleShow(call: Call, console: Console): Promise<number> {
  const [word, runtime] = [call.words[0] ?? "latest", runtimeOf(console)];
  const [store, output] = [textFlag(call, "store") ?? undefined, textFlag(call, "output") ?? undefined];
  const isFolder = store === undefined && runFolderNamed(word, runtime) !== null;
  const tracked = isFolder ? null : await inStore(word, store, output, runtime);
  // a run of tunewise also has a folder with more details
  if (tracked !== null && (store !== undefined || tracked.client !== "tunewise")) {
    console.output(tracked, () => trackedText(tracked, console.tableColumns));
    return DONE;
  }
  const details = await showRun(tracked?.id ?? word, runtime, output);
  if (console.json) console.document(details);
  else if (textFlag(call, "format") === "markdown")
    console.result(details.report ?? "there is no report yet");
  else console.result(detailsText(details, console.tableColumns));
  return DONE;
}

/** The run in the store; `null` if it is not there but may be in a folder of runs. */
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

/** Forgetting in the run's summary; empty if it was not measured. */
function forgettingRows({ forgetting }: TrainSummary): string[][] {
  if (forgetting === null) return [];
  const percent = (value: number | null): string => (value === null ? "-" : `${(100 * value).toFixed(1)} %`);
  const {
    verdict,
    perplexity_rise,
    task_base,
    task_tuned,
    regression_prompts_passed_after,
    regression_prompts_passed_before,
  } = forgetting;
  const parts = [
    `general perplexity ${percent(perplexity_rise)} up`,
    ...(task_base === null
      ? []
      : [`right answers ${percent(task_base)} before, ${percent(task_tuned)} after`]),
    ...(regression_prompts_passed_before === null
      ? []
      : [
          `${regression_prompts_passed_after} of ${regression_prompts_passed_before} regression prompts still pass`,
        ]),
  ];
  return [["forgetting", `${plain(String(verdict))}: ${parts.join("; ")}`]];
}

/** Number of answers that are not a label; empty if there are none. */
function noLabelRows({ no_label: found }: TrainSummary): string[][] {
  const { tuned = 0, base = 0, rows } = found ?? {};
  if (!tuned && !base) return [];
  return [["no label", `${tuned} of ${rows} answers of the tuned model, ${base ?? "-"} of the base model`]];
}

/** Headline of the report; empty for runs recorded without one. */
function judgementRows({ judgement }: TrainSummary): string[][] {
  if (judgement === null) return [];
  return [["result", `${plain(judgement.title)}: ${plain(judgement.sentence)}`]];
}

function detailsText(details: RunDetails, columns: number): string {
  const { run, plan, scores, tags, trainLoss, validationLoss, artifacts, folder } = details;
  const curve = (points: readonly { readonly value: number }[]): string => {
    const values = points.map(({ value }) => value);
    const [first, last] = [values[0], values.at(-1)];
    if (first === undefined || last === undefined) return "none";
    return `${first.toPrecision(4)} ${sparkline(values, curveColumns)} ${last.toPrecision(4)}`;
  };
  const training = trainingOf(run);
  const time = secondsText(seconds(run.wallSeconds));
  const money = usdText(run.spentMicroUsd as Usd);
  const rows = [
    ...(training ? judgementRows(training) : []),
    ["run", `${plain(run.id)} (${run.status})`],
    ...(training?.stop ? [["ended", `${plain(stopText(training.stop))}.`]] : []),
    ["model", `${plain(run.model)} @ ${plain(run.modelRevision)}`],
    ["data", run.dataFingerprint.slice(0, 16)],
    ["started", run.createdAt],
    ["time", plan ? `${time}, planned ${secondsRange(plan.time.seconds)}` : time],
    ...(run.spentMicroUsd === 0 && !plan?.cost.usd.high
      ? []
      : [["cost", plan ? `${money}, planned ${usdRange(plan.cost.usd)}` : money]]),
    ["train loss", curve(trainLoss)],
    ["validation", curve(validationLoss)],
    ...scores.map(({ arm, metric, value, low, high, rows: count }) => [
      `${arm} ${metric}`,
      `${Number.isFinite(value) ? value.toPrecision(4) : "invalid"}${low === null || high === null ? "" : ` (${low.toPrecision(4)} to ${high.toPrecision(4)})`}, ${countOf(count, "row")}`,
    ]),
    ...(training ? [...noLabelRows(training), ...forgettingRows(training)] : []),
    ...Object.entries(tags).map(([key, value]) => [`tag ${plain(key)}`, plain(value)]),
    ...artifacts.map(({ path, bytes }) => ["file", `${plain(path)}, ${bytesText(bytes)}`]),
    ["folder", plain(folder)],
  ];
  return keyValueText(rows, columns);
}

/** Requests that a run stop. For a command on this machine, also ends it and reports whether it has ended. */
export async function handleStop(call: Call, console: Console): Promise<number> {
  const reason = textFlag(call, "reason") ?? "asked for";
  const store = textFlag(call, "store") ?? undefined;
  const run = await requestRunStop(call.words[0] ?? "", reason, store, runtimeOf(console));
  if (run.client === "exec" && run.status === "running") {
    const { meter, hasEnded } = await stopCommand(
      ...([commandFolders(call, console.io.cwd), run.id] as const),
      (graceMs) =>
        console.info(
          `${plain(run.id)} is asked to stop; it has ${secondsText(seconds(graceMs / 1000))} to save`,
        ),
      console.io.signal,
    );
    if (meter !== null) return showStopped(run.id, reason, meter, hasEnded, console);
  }
  if (console.json) console.document({ run: run.id, status: run.status, reason });
  else if (run.status === "running") console.result(`${plain(run.id)} was asked to stop`);
  else console.result(`${plain(run.id)} is not running: it is ${run.status}`);
  return DONE;
}

/** Reports how a command on this machine ended, or that it has not. */
function showStopped(
  id: string,
  reason: string,
  meter: RunMeter,
  hasEnded: boolean,
  console: Console,
): number {
  const { status, left, spentMicroUsd, supervisor } = meter;
  const spent = usdText(spentMicroUsd);
  if (console.json)
    console.document({ run: id, status, reason, processes_left: left, spent_micro_usd: spentMicroUsd });
  else if (hasEnded) console.result(`${plain(id)} has stopped; spent ${spent}`);
  else if (status === "ended")
    console.error(
      `${plain(id)}: ${countOf(left, "process")} could not be ended; spent ${spent}, not counted any more`,
    );
  else
    console.error(
      `${plain(id)} has not ended yet; spent ${spent}. To end it: kill -USR2 ${supervisor?.pid ?? "its supervisor"}`,
    );
  return hasEnded ? DONE : FAILED;
}

/** Maximum parameters, tags and metrics that are shown, since trainers log hundreds. */
const maxShown = 30;

/** All details of a run, one per line. */
function trackedText(run: TrackedDetails, columns: number): string {
  const ended = run.endedAt === null ? "" : `, ended ${run.endedAt}`;
  const rows = [
    ["run", `${plain(run.id)} (${statusText(run)})`],
    ["name", plain(run.name)],
    ["project", plain(run.project)],
    [
      "logged by",
      [run.client, run.person]
        .filter((part) => part !== "")
        .map(plain)
        .join(", "),
    ],
    ["purpose", run.purpose],
    ["started", `${run.createdAt}${ended}`],
    ["time", secondsText(seconds(run.seconds))],
    ["cost", `${usdText(run.spentMicroUsd as Usd)}${priceText(run)}`],
    ...(run.result === null ? [] : [["result", plain(run.result)]]),
    ...(run.launchedBy === null ? [] : [["command", plain(run.launchedBy)]]),
    ...(run.launched.length === 0 ? [] : [["logged runs", plain(run.launched.join(", "))]]),
    ...some(run.alerts, "alerts", (alert) => [
      `alert (${alert.severity})`,
      plain(`${alert.title}: ${alert.text} (${new Date(alert.ms).toISOString()})`).slice(0, alertLetters),
    ]),
    ...some(run.metrics, "metrics", (metric) => [plain(metric.key), curveText(metric)]),
    ...some(summaryBeside(run), "values of the summary", ([key, value]) => [
      `summary ${plain(key)}`,
      typeof value === "number" ? value.toPrecision(4) : plain(value).slice(0, summaryLetters),
    ]),
    ...some(Object.entries(run.params), "parameters", ([key, value]) => [plain(key), plain(value)]),
    ...some(Object.entries(run.tags), "tags", ([key, value]) => [`tag ${plain(key)}`, plain(value)]),
    ...some(run.artifacts, "artifacts", (name) => ["artifact", plain(name)]),
    ...some(run.files ?? [], "files", ({ path, bytes }) => [
      "file",
      `${plain(path)}, ${bytesText(bytes as Bytes)}`,
    ]),
  ];
  return keyValueText(rows, columns);
}

/** Maximum characters shown of a summary value or an alert; `--json` has all. */
const summaryLetters = 120;
const alertLetters = 400;

/** Entries of the summary other than the last values of metrics: minima, explicitly set values, media. */
function summaryBeside({ summary, metrics }: TrackedDetails): [key: string, value: number | string][] {
  const last = new Map(metrics.map((metric) => [metric.key, metric.last]));
  return Object.entries(summary).filter(([key, value]) => !Object.is(last.get(key), value));
}

/** The first items, and the number of further ones. */
function some<Item>(items: readonly Item[], what: string, row: (item: Item) => string[]): string[][] {
  const rows = items.slice(0, maxShown).map(row);
  const left = items.length - rows.length;
  return left > 0 ? [...rows, ["", `and ${left} more ${what}: --json`]] : rows;
}

function curveText({ last, points, over }: TrackedDetails["metrics"][number]): string {
  const values = points.map(({ value }) => value);
  const end = last === null ? "none" : last.toPrecision(4);
  if (values.length < 2) return end;
  const axis = over === null ? "" : ` over ${plain(over)}`;
  return `${values[0]?.toPrecision(4)} ${sparkline(values, curveColumns)} ${end}${axis}`;
}

function priceText({ spend }: TrackedDetails): string {
  const line = spend.at(-1);
  if (!line || line.priceMicroUsdPerHour === 0) return "";
  return `, at ${usdText(line.priceMicroUsdPerHour as Usd)} an hour (${plain(line.priceSource)})`;
}
