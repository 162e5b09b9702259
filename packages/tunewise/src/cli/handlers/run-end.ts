/** @file Shows the result of a run: planned and actual figures, base and tuned scores, tracking servers, next step. */

import { shellWord } from "@tunewise/core/format";
import { usd } from "@tunewise/core/quantity";
import { type EventBody, stopText } from "@tunewise/core/run";
import type { LiveLogEnd, RunOutcome } from "../../app/train/index.ts";
import { bestTrivial, coverageText } from "../../evaluate/index.ts";
import { curveGuards } from "../../guard/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import {
  type Action,
  actionOf,
  figureTable,
  forgettingBrief,
  judgeRun,
  labelSentence,
  type RunReport,
  scannerSentences,
} from "../../report/index.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE, FAILED, INTERRUPTED } from "../exit-codes.ts";
import { blocksText } from "../render/document.ts";
import { outputFlag, outputOfRun, raisedCaps, storeFlag } from "../render/next-command.ts";
import { createProgress } from "../render/progress.ts";
import { fittedTable, reportTable } from "../render/table.ts";
import { plain } from "../render/terminal.ts";

/** Creates the progress display of a run, with its caps. */
export function watchRun(
  console: Console,
  recipe: Recipe,
): { show: (event: EventBody) => void; close: () => void } {
  const cap = recipe.budget.usd;
  return createProgress(console, { usd: cap === null ? null : usd(cap) });
}

/**
 * Prints how a run ended and returns the exit code.
 *
 * @param provider of the rented machine that computed it, which no longer exists
 */
export function endRun(outcome: RunOutcome, console: Console, close: () => void, provider?: string): number {
  close();
  const { runId, status, stop, folder, report, storeBehind, liveLogs } = outcome;
  const store = storeFlag(outputOfRun(folder), console.io.cwd);
  if (console.json) {
    console.event({
      kind: "run-result",
      run_id: runId,
      status,
      stopped_by: stop?.by ?? null,
      folder,
      stop: stop && { ...stop, sentence: `${stopText(stop)}.` },
      judgement: report && judgeRun(report),
      action: report && actionOf(report, judgeRun(report)),
      labels: report?.labels ?? null,
      seen: report?.seen ?? null,
      scores: report?.scores ?? [],
      judged: report?.judged ?? null,
      forgetting: report?.forgetting ?? null,
      safety: report?.safety ?? null,
      budget: report?.budget ?? null,
      guards: report?.guards ?? [],
      store_behind: storeBehind,
      tracking: liveLogs[0] ?? null,
      trackers: liveLogs.map((end) => liveDocument(runId, store, end)),
    });
  } else {
    if (report) console.result(`\n${resultText(report, console.tableColumns)}`);
    for (const { verdict } of report?.guards.filter(isActed) ?? [])
      console.result(`\n${plain(verdict.sentence)}`);
    console.result(
      `\n${runId}: ${endText(outcome)}; ${report ? `report ${folder}/report.html` : `folder ${folder}`}`,
    );
    if (liveLogs.length > 0)
      console.info(`\n${liveLogs.map((end) => liveText(runId, store, end)).join("\n")}`);
    if (storeBehind !== null) console.error(behindText(folder, storeBehind));
    const action = report && actionOf(report, judgeRun(report));
    if (action) console.result(`\n${plain(`${action.title}: ${action.sentence}`)}`);
    const next = action ? commandOf(action, outcome, console.io.cwd) : nextLine(outcome, console.io.cwd);
    const place =
      provider !== undefined && next.startsWith("tunewise resume") ? ` --on ${plain(provider)}` : "";
    console.info(`${action ? "" : "\n"}next: ${next}${place}`);
  }
  const isClosed =
    report?.forgetting?.isGateClosed || report?.safety?.isGateClosed || report?.scores[0]?.tuned.isInvalid;
  if (status === "completed" && isClosed) return CHECK_SAID_NO;
  return {
    completed: DONE,
    stopped: CHECK_SAID_NO,
    interrupted: INTERRUPTED,
    failed: FAILED,
    running: FAILED,
  }[status];
}

/** `completed`, or why it ended early. */
function endText({ status, stop }: RunOutcome): string {
  if (stop === null) return status;
  const words = stopText(stop);
  return plain(`${words.charAt(0).toLowerCase()}${words.slice(1)}`);
}

/** Text on a store that cannot be written, which does not stop a run: the run's folder has all entries. */
function behindText(folder: string, reason: string): string {
  return (
    `\nwarning: the store lacks the latest entries of this run (${plain(reason)}). They lie in its folder, and ` +
    `come in with: tunewise store import runs ${plain(folder)}`
  );
}

/** Whether a guard acted on the run, rather than only warned. */
function isActed({ verdict }: RunReport["guards"][number]): boolean {
  return verdict.act !== "warn";
}

/** The command of an action, adapted to the working directory. */
function commandOf({ command }: Action, { runId, folder, standing }: RunOutcome, cwd: string): string {
  if (!command.includes(runId)) return command;
  const caps = command.startsWith("tunewise resume") ? raisedCaps(standing) : "";
  return `${command}${outputFlag(outputOfRun(folder), cwd)}${caps}`;
}

function nextLine({ runId, status, folder, standing }: RunOutcome, cwd: string): string {
  const where = outputFlag(outputOfRun(folder), cwd);
  if (status === "completed") return `tunewise model generate ${runId}${where} "..."`;
  const by = standing.guards.findLast(({ verdict }) => verdict.act === "stop")?.verdict.guard;
  if (status === "stopped" && curveGuards.some((guard) => guard === by))
    return `tunewise model generate ${runId}${where} "..."`;
  if (status === "stopped") return `tunewise resume ${runId}${where}${raisedCaps(standing)}`;
  return `tunewise resume ${runId}${where}`;
}

/** Annotation of a score: its verdict and the number of excluded rows. */
export function besideScore(verdict: string, score: Parameters<typeof coverageText>[0]): string {
  const left = coverageText(score);
  // an invalid score has no verdict
  return score.isInvalid ? left : [verdict, left].filter((part) => part !== "").join(", ");
}

/** Text of a score; an invalid one has no number. */
export function numberText(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : "-";
}

/** Note on a cap or an interrupt during the evaluation. */
function cutText({ judged }: RunReport): string {
  if (judged === undefined || judged.rows >= judged.of) return "";
  return `\n\nevaluated on ${judged.rows} of ${judged.of} rows: a cap or an interrupt came first`;
}

function resultText(report: RunReport, columns: number): string {
  const forgotten = report.forgetting ? `\n\n${blocksText(forgettingBrief(report.forgetting), columns)}` : "";
  const safety = report.safety ? `\n\n${safetyLines(report.safety)}` : "";
  const { title, sentence } = judgeRun(report);
  const { labels } = report;
  const unknown = labels?.tuned.unknown || labels?.base?.unknown ? `\n\n${plain(labelSentence(labels))}` : "";
  return `${plain(title)}: ${plain(sentence)}\n\n${scoresText(report, columns)}${cutText(report)}${unknown}${forgotten}${safety}`;
}

/** The verdict, and below it which scanners were used and which failed. */
function safetyLines(safety: NonNullable<RunReport["safety"]>): string {
  const lines = [`safety: ${safety.judgement.sentence}`, ...scannerSentences(safety)];
  return lines.map(plain).join("\n");
}

function scoresText(report: RunReport, columns: number): string {
  const { scores } = report;
  const card = reportTable(figureTable(report), columns);
  if (scores.length === 0) return card;
  const number = (value: number | undefined): string => (value === undefined ? "-" : numberText(value));
  const judged = fittedTable(
    ["", "#base", "#tuned", "#no model", "difference to base (95 %)", ""],
    scores.map(({ metric, base, tuned, comparison, trivial = [] }) => [
      metric,
      number(base?.value),
      number(tuned.value),
      number(bestTrivial(metric, trivial)?.value),
      comparison?.interval
        ? `${number(comparison.difference)} (${number(comparison.interval.low)} to ${number(comparison.interval.high)})`
        : number(comparison?.difference),
      besideScore(comparison?.verdict ?? "", tuned),
    ]),
    columns,
  );
  return `${card}\n\n${judged}`;
}

/** W&B's own server, the default of its client. */
const wandbDefault = "https://api.wandb.ai";

/** Outcome of live logging to a tracking server, for `--json`. */
export function liveDocument(run: string, store: string, end: LiveLogEnd): object {
  const { tracker, place, experiment, entity, reason } = end;
  const command = reason === null ? null : sendRest(run, store, end);
  return { tracker, place, experiment, entity, reason, send_rest: command };
}

/** Outcome of live logging to a tracking server, as a line of text. */
export function liveText(run: string, store: string, end: LiveLogEnd): string {
  const place = plain(end.place);
  if (end.reason === null) return `logged to ${place}`;
  return `warning: ${place} does not have all of the run (${plain(end.reason)}): ${sendRest(run, store, end)}`;
}

/** @param store ` --store PLACE` if the runs are not in the default folder, otherwise `""` */
function sendRest(run: string, store: string, { tracker, place, experiment, entity }: LiveLogEnd): string {
  if (tracker === "mlflow") {
    const to = `-o ${shellWord(plain(place))} --experiment ${shellWord(plain(experiment))}`;
    return `tunewise store export mlflow ${run} ${to}${store}`;
  }
  const folder = `wandb-${run}`;
  const server = place === wandbDefault ? "" : `WANDB_BASE_URL=${shellWord(plain(place))} `;
  const names = `${entity === null ? "" : ` --entity ${shellWord(plain(entity))}`} --project ${shellWord(plain(experiment))}`;
  return (
    `tunewise store export wandb ${run} -o ${folder}${store} && ` +
    `${server}wandb sync${names} ${folder}/offline-run-*`
  );
}
