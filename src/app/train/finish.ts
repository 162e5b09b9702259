/** @file The end of a sitting: the result chosen and written, base and tuned judged, the report made. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { AnswerCache, findState, selectCheckpoint } from "../../executors/index.ts";
import { forgettingGate, safetyGate } from "../../guard/index.ts";
import { resultFiles, resultFolder } from "../../prepare/index.ts";
import {
  judgeRun,
  type LabelFacts,
  type RunReport,
  reportHtml,
  reportMarkdown,
  type SafetyOutcome,
} from "../../report/index.ts";
import type { Metric, RunStatus, Verdict } from "../../run/index.ts";
import {
  type ForgettingOutcome,
  forgettingSummary,
  type Judgement,
  safetySummary,
  writeAnswers,
} from "../../scoring/index.ts";
import {
  type Artifact,
  hashOf,
  removeDrafts,
  resultFigures,
  type ScoreEntry,
  writeWholeFile,
} from "../../track/index.ts";
import { type EvaluationContext, evaluateModels, rowsToEvaluate } from "./evaluate-models.ts";
import type { LiveLogEnd } from "./live/tracker.ts";
import { measureMemorization } from "./measure-memorization.ts";
import { measureSafety } from "./measure-safety.ts";
import { type Judged, reportFacts, standingOf } from "./report-facts.ts";
import { type RunSession, secondsLeft } from "./session.ts";
import type { TrainingEnd } from "./train.ts";

/** What a run gives back. */
export interface RunOutcome {
  readonly runId: string;
  readonly status: RunStatus;
  readonly folder: string;
  readonly report: RunReport | null;
  /** Servers that it was logged to besides. */
  readonly liveLogs: readonly LiveLogEnd[];
  /** How far it came, with or without a report. */
  readonly standing: Pick<RunReport, "figures" | "budget" | "guards">;
  /** Why the store lacks the run's latest entries, which lie in its folder; `null`: it has them all. */
  readonly storeBehind: string | null;
}

/** Finishes a sitting. An interrupted run is left as it stands, to be gone on with. */
export async function finish(session: RunSession, end: TrainingEnd): Promise<RunOutcome> {
  const { runId, folder, runtime } = session;
  if (end.status === "interrupted" || end.info.step === 0) {
    const standing = standingOf(session, end);
    const nothing = { judgement: null, forgotten: null, safety: null, byHeart: null };
    const about = { liveLogs: await close(session, end, nothing), standing, ...behindOf(session) };
    return { runId, status: end.status, folder: folder.path, report: null, ...about };
  }
  await session.demandFolder();
  await session.trainer.release();
  const keptStep = await takeResult(session, end);
  const judgement = end.status === "failed" ? null : await judgeInTime(session);
  const forgotten = end.status === "failed" ? null : await judgeForgotten(session, keptStep);
  const safety = end.status === "failed" ? null : await judgeSafe(session, keptStep);
  const byHeart = end.status === "failed" ? null : await measureMemorization(session, end.info, keptStep);
  const status = runtime.signal.aborted ? "interrupted" : end.status;
  const guards = [
    ...end.guards,
    ...(forgotten?.guards ?? []),
    ...(safety?.guards ?? []),
    ...(await spoken(session, keptStep, byHeart?.verdict)),
  ];
  const ended: TrainingEnd = { ...end, status, guards };
  const judged: Judged = {
    judgement,
    forgotten: forgotten?.outcome ?? null,
    safety: safety?.outcome ?? null,
    byHeart,
  };
  await session.recorder.closeMeter();
  const report = reportFacts(session, ended, judged, keptStep, runtime.now().toISOString());
  await writeWholeFile(folder.reportMarkdown, reportMarkdown(report));
  await writeWholeFile(folder.reportHtml, reportHtml(report));
  await session.demandFolder();
  const liveLogs = await close(session, ended, judged, report);
  const about = { liveLogs, standing: report, ...behindOf(session) };
  return { runId, status, folder: folder.path, report, ...about };
}

function behindOf({ recorder }: RunSession): Pick<RunOutcome, "storeBehind"> {
  return { storeBehind: recorder.behind };
}

/** Loads the chosen checkpoint into the adapter and writes the result; gives the checkpoint's step. */
async function takeResult(session: RunSession, end: TrainingEnd): Promise<number> {
  const { recipe, folder, owner, adapter, trainer } = session;
  const wanted =
    recipe.training.keep === "last" ? undefined : (selectCheckpoint(end.info, recipe) ?? undefined);
  let step = trainer.step;
  if (end.status === "failed" || (wanted !== undefined && wanted !== step)) {
    const choice = { owner, restore: (path: string) => adapter.restore(path) };
    const found = await findState(folder, wanted === undefined ? choice : { ...choice, step: wanted });
    if (found) step = found.checkpoint.step;
  }
  await session.model.saveResult(adapter, resultFolder(recipe, folder));
  await removeDrafts(folder);
  return step;
}

/** Judging is part of what the caps cover: it ends where they act, and then there is no judgement. */
async function judgeInTime(session: RunSession): Promise<Judgement | null> {
  const { prepared, recipe, model, recorder, runtime } = session;
  const rows = rowsToEvaluate(prepared.encoded.test.rows, recipe);
  if (rows.length === 0) return null;
  const left = secondsLeft(session);
  if (left <= 0) return null;
  const start = runtime.elapsedSeconds();
  const cap = new AbortController();
  const signal = AbortSignal.any([runtime.signal, cap.signal]);
  recorder.phase = "evaluate";
  try {
    return await evaluateModels(
      {
        model,
        tokenizer: prepared.tokenizer,
        recipe,
        folder: prepared.loaded.folder,
        scoring: prepared.scoring,
        node: runtime.node,
        examples: prepared.examples.test,
        rows,
        train: prepared.examples.train,
        observations: prepared.observations,
        signal,
        isCapped: Number.isFinite(left),
        earlier: await earlierAnswers(session),
        onProgress: (name, done, total) => {
          if (runtime.elapsedSeconds() - start > left) cap.abort();
          void recorder.tell({ kind: "phase", name, done, total });
        },
      },
      session.adapter,
    );
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

/** Largest result whose content is taken to know its answers again. */
const resultBytesMost = 1 << 30;

/** What models answered in earlier sittings: the base as it is held, the result by its content. */
async function earlierAnswers({
  prepared,
  plan,
  folder,
}: RunSession): Promise<NonNullable<EvaluationContext["earlier"]>> {
  const { format } = plan.schedule.base;
  const { calibrate } = prepared.recipe.method;
  const base = JSON.stringify([prepared.model.revision, format, calibrate ? prepared.dataFingerprint : null]);
  const hashes: string[] = [];
  for (const name of await resultFiles(folder)) {
    const path = join(folder.path, name);
    if ((await stat(path)).size > resultBytesMost)
      return { kept: await AnswerCache.open(folder), base, tuned: null };
    hashes.push((await hashOf(path))?.sha256 ?? "");
  }
  return { kept: await AnswerCache.open(folder), base, tuned: JSON.stringify([base, hashes]) };
}

/** What the result forgot, and what the guard says to it. */
async function judgeForgotten(
  session: RunSession,
  step: number,
): Promise<{ outcome: ForgettingOutcome; guards: TrainingEnd["guards"] } | null> {
  const { recorder } = session;
  const outcome =
    (await session.forgetting?.end(step, async (event) =>
      event.kind === "work-start" ? recorder.startWork(event) : recorder.tell(event),
    )) ?? null;
  if (outcome === null) return null;
  const verdict = forgettingGate(outcome.judgement, session.recipe.forgetting.gate);
  return { outcome, guards: await spoken(session, step, verdict) };
}

/** Whether the result is less safe than the base, and what the guard says to it. */
async function judgeSafe(
  session: RunSession,
  step: number,
): Promise<{ outcome: SafetyOutcome; guards: TrainingEnd["guards"] } | null> {
  const outcome = await measureSafety(session);
  if (outcome === null) return null;
  const verdict = safetyGate(outcome.judgement, session.recipe.safety.gate);
  return { outcome, guards: await spoken(session, step, verdict) };
}

/** A verdict that asks for something, told as it comes. */
async function spoken(
  { recorder }: RunSession,
  step: number,
  verdict: Verdict | undefined,
): Promise<TrainingEnd["guards"]> {
  if (verdict === undefined || verdict.act === "go-on") return [];
  await recorder.tell({ kind: "guard-tripped", step, verdict });
  return [{ step, verdict }];
}

async function close(
  session: RunSession,
  end: TrainingEnd,
  { judgement, forgotten, safety }: Judged,
  report: RunReport | null = null,
): Promise<LiveLogEnd[]> {
  const { recorder, runId, meter, runtime, folder, live, store } = session;
  await recorder.closeMeter();
  const { wallSeconds, spentMicroUsd } = { wallSeconds: meter.spentSeconds, spentMicroUsd: meter.spentUsd };
  await recorder.tell({ kind: "run-end", status: end.status, wallSeconds, spentMicroUsd });
  const lastOf = (curve: readonly (readonly [number, number])[]): number | null => curve.at(-1)?.[1] ?? null;
  const summary = {
    train_loss: lastOf(end.info.curves.train),
    validation_loss: lastOf(end.info.curves.validation),
    best_step: end.info.best?.step ?? null,
    memory_bytes_peak: runtime.peakMemoryBytes(),
    sessions: session.start.sessions,
    base: Object.fromEntries((judgement?.base?.scores ?? []).map(({ metric, value }) => [metric, value])),
    tuned: Object.fromEntries((judgement?.tuned.scores ?? []).map(({ metric, value }) => [metric, value])),
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
    results: finalMetrics(session, scores),
    best: end.info.best,
    points: () => store.pointCount(runId),
  });
}

/** How a run came out, as metrics for a tracker that knows no scores. */
function finalMetrics(
  { runId, meter, trainer, runtime }: RunSession,
  scores: readonly { readonly arm: string; readonly metric: string; readonly value: number }[],
): Metric[] {
  const about = { runId, step: trainer.step, time: runtime.now().toISOString() };
  const result = { scores, wallSeconds: meter.spentSeconds, spentMicroUsd: meter.spentUsd };
  return resultFigures(result).map(([key, value]) => ({ ...about, key, value }));
}

/** Scores for the record: of both models, and of answers that need no model. */
function scoreEntries(runId: string, { tuned, base, trivial }: Judgement): ScoreEntry[] {
  const models = [tuned, base].flatMap((arm) =>
    (arm?.scores ?? []).map(({ metric, value, interval, rows }) => ({
      ...{ runId, arm: arm?.arm ?? "tuned", metric, value, rows },
      ...{ low: interval?.low ?? null, high: interval?.high ?? null },
    })),
  );
  const others = trivial.flatMap((scores, at) =>
    scores.map(({ kind, value, rows }) => ({
      ...{ runId, arm: kind, metric: tuned.scores[at]?.metric ?? "", value, rows, low: null, high: null },
    })),
  );
  return [...models, ...others];
}

/** Answers that are no label, of the rows judged. */
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
