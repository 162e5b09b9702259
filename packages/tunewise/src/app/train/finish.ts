/** @file Ends a session: evaluates and judges the result, writes the report, and closes the record. */
import { join } from "node:path";
import { type Metric, type RunStatus, type RunStop, type SummaryFinding, stopBy } from "@tunewise/core/run";
import { type Artifact, hashOf, resultFigures, type ScoreEntry, writeWholeFile } from "@tunewise/tracker";
import { resultFiles } from "../../prepare/index.ts";
import {
  documentHtml,
  documentMarkdown,
  judgeRun,
  type LabelFacts,
  type RunReport,
  runReport,
} from "../../report/index.ts";
import { interruptCause } from "../../runtime/index.ts";
import { forgettingSummary, type Judgement, safetySummary, writeAnswers } from "../../scoring/index.ts";
import {
  evaluateResult,
  type JudgedResult,
  judgeResult,
  notJudged,
  wantedMeasurements,
} from "./judge-result.ts";
import type { LiveLogEnd } from "./live/tracker.ts";
import { reportFacts, standingOf } from "./report-facts.ts";
import type { RunSession } from "./session.ts";
import type { TrainingEnd } from "./train.ts";

/**
 * Outcome of a run.
 */
export interface RunOutcome {
  readonly runId: string;
  readonly status: RunStatus;
  /** Why the run stopped before its last step; `null` if it did not. */
  readonly stop: RunStop | null;
  readonly folder: string;
  readonly report: RunReport | null;
  /** Tracking servers to which the run was logged. */
  readonly liveLogs: readonly LiveLogEnd[];
  /** Progress and spending, even without a report. */
  readonly standing: Pick<RunReport, "figures" | "budget" | "guards">;
  /** Why the store lacks the run's latest entries, which are in the run's folder; `null` if it has them all. */
  readonly storeBehind: string | null;
}

/** Finishes a session. Leaves an interrupted run unchanged, so that it can be resumed. */
export async function finish(session: RunSession, end: TrainingEnd): Promise<RunOutcome> {
  const { runId, folder, runtime, recorder } = session;
  if (end.status === "interrupted" || end.state.step === 0) {
    const standing = standingOf(session, end);
    const liveLogs = await close(session, end, notJudged);
    return {
      runId,
      status: end.status,
      stop: end.stop,
      folder: folder.path,
      report: null,
      liveLogs,
      standing,
      storeBehind: recorder.behind,
    };
  }
  const wanted = end.status === "failed" ? [] : wantedMeasurements(session);
  const { selectedStep, measured, peakMemoryBytes } = await evaluateResult(session, wanted, end.state.step);
  const keptStep = selectedStep ?? end.state.step;
  const { judged, guards } = await judgeResult(session, end, keptStep, measured);
  const isUnmeasured = wanted.includes("forgetting") && judged.forgotten === null;
  const ended: TrainingEnd = {
    ...end,
    peakMemoryBytes,
    status: runtime.signal.aborted ? "interrupted" : end.status,
    stop: runtime.signal.aborted ? stopBy(interruptCause(runtime.signal)) : end.stop,
    guards: [...end.guards, ...guards],
    forgettingUnmeasured: isUnmeasured
      ? (end.forgettingUnmeasured ?? "a cap or an interrupt came first")
      : null,
  };
  await recorder.closeMeter();
  const report = reportFacts(session, ended, judged, keptStep, runtime.now().toISOString());
  const document = runReport(report);
  await writeWholeFile(folder.reportMarkdown, documentMarkdown(document));
  await writeWholeFile(folder.reportHtml, documentHtml(document));
  await session.requireFolder();
  const liveLogs = await close(session, ended, judged, report);
  return {
    runId,
    status: ended.status,
    stop: ended.stop,
    folder: folder.path,
    report,
    liveLogs,
    standing: report,
    storeBehind: recorder.behind,
  };
}

async function close(
  session: RunSession,
  end: TrainingEnd,
  { judgement, forgotten, safety }: JudgedResult,
  report: RunReport | null = null,
): Promise<LiveLogEnd[]> {
  const { recorder, runId, meter, runtime, folder, live, store } = session;
  await recorder.closeMeter();
  const { wallSeconds, spentMicroUsd } = { wallSeconds: meter.spentSeconds, spentMicroUsd: meter.spentUsd };
  await recorder.record({ kind: "run-end", status: end.status, wallSeconds, spentMicroUsd });
  const lastOf = (curve: readonly (readonly [number, number])[]): number | null => curve.at(-1)?.[1] ?? null;
  const summary = {
    train_loss: lastOf(end.state.curves.train),
    validation_loss: lastOf(end.state.curves.validation),
    best_step: end.state.best?.step ?? null,
    memory_bytes_peak: end.peakMemoryBytes ?? runtime.peakMemoryBytes(),
    sessions: session.start.state.sessions,
    base: Object.fromEntries((judgement?.base?.scores ?? []).map(({ metric, value }) => [metric, value])),
    tuned: Object.fromEntries((judgement?.tuned.scores ?? []).map(({ metric, value }) => [metric, value])),
    findings: findingsAtStart(session),
    stop: end.stop,
    ...(report && { judgement: judgeRun(report) }),
    ...(report?.labels && { no_label: noLabelOf(report.labels) }),
    ...(report?.seen && { seen_rows: report.seen.rows }),
    ...(forgotten && { forgetting: forgettingSummary(forgotten) }),
    ...(safety && { safety: safetySummary(safety) }),
  };
  if (judgement) await writeAnswers(folder, judgement);
  const scores = judgement ? scoreEntries(runId, judgement) : [];
  await recorder.keep({ scores, artifacts: await artifactsOf(session) });
  await recorder.write({
    status: end.status,
    endedAt: runtime.now().toISOString(),
    summary: JSON.stringify(summary),
  });
  await recorder.settle();
  await recorder.flush();
  return live.end({
    status: end.status,
    endedMs: runtime.now().getTime(),
    results: finalMetrics(session, end, scores),
    best: end.state.best,
    points: () => store.pointCount(runId),
  });
}

const maxFindings = 50;
const findingChars = 2_000;

/** Errors and warnings that were known when the run began, for its page. `tunewise check` shows the full texts. */
function findingsAtStart({ prepared, plan }: RunSession): SummaryFinding[] {
  const short = (text: string): string => text.slice(0, findingChars);
  return [...prepared.findings, ...plan.findings]
    .flatMap(({ code, severity, title, detail, fix }) =>
      severity === "note"
        ? []
        : [{ code, severity, title: short(title), detail: short(detail), fix: short(fix) }],
    )
    .sort((a, b) => Number(b.severity === "error") - Number(a.severity === "error"))
    .slice(0, maxFindings);
}

/** Results as metrics, for trackers without scores. */
function finalMetrics(
  { runId, meter, runtime }: RunSession,
  { state }: TrainingEnd,
  scores: readonly { readonly arm: string; readonly metric: string; readonly value: number }[],
): Metric[] {
  const about = { runId, step: state.step, time: runtime.now().toISOString() };
  const result = { scores, wallSeconds: meter.spentSeconds, spentMicroUsd: meter.spentUsd };
  return resultFigures(result).map(([key, value]) => ({ ...about, key, value }));
}

/** Scores for the record: of both models, and of trivial baselines. */
function scoreEntries(runId: string, { tuned, base, trivial }: Judgement): ScoreEntry[] {
  const models = [tuned, base].flatMap((arm) =>
    (arm?.scores ?? []).map(({ metric, value, interval, rows }) => ({
      runId,
      arm: arm?.arm ?? "tuned",
      metric,
      value,
      rows,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
    })),
  );
  const others = trivial.flatMap((scores, at) =>
    scores.map(({ kind, value, rows }) => ({
      runId,
      arm: kind,
      metric: tuned.scores[at]?.metric ?? "",
      value,
      rows,
      low: null,
      high: null,
    })),
  );
  return [...models, ...others];
}

/** Number of answers that are not labels, among the evaluated rows. */
function noLabelOf({ tuned, base, rows }: LabelFacts): Record<string, number | null> {
  return { tuned: tuned.unknown, base: base?.unknown ?? null, rows };
}

async function artifactsOf({ folder, runId }: RunSession): Promise<Artifact[]> {
  const names = [
    ...(await resultFiles(folder)),
    "forgetting.json",
    "safety.json",
    "report.md",
    "report.html",
  ];
  const found = await Promise.all(
    names.map(async (path): Promise<Artifact | null> => {
      const known = await hashOf(join(folder.path, path));
      return known && { runId, path, ...known };
    }),
  );
  return found.filter((artifact) => artifact !== null);
}
