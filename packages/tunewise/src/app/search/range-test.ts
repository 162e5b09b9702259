/**
 * @file Learning rate range test. Before the first trial, a short run raises the learning rate from its lower to its
 * upper bound. Trials then use only rates at which the loss fell.
 */

import type { Usd } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import { writeWholeFile } from "@tunewise/tracker";
import { sweptRate } from "../../executors/index.ts";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { problem, type TunewiseError } from "../../problem/index.ts";
import type { RangeOutcome, RateBounds, SearchRate } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { narrowSpace, type RangeStep, type RangeTest, readRangeTest } from "../../search/index.ts";
import { beginRun, type RunSession, runApproved, secondsLeft, stopStalled } from "../train/index.ts";
import { prepareTrial, type TrialSource } from "./prepare-trial.ts";
import { learningRateKey, rateBounds } from "./range-outcome.ts";
import type { SearchOptions } from "./search-context.ts";
import type { SearchFolder } from "./search-folder.ts";
import type { RecipeSpace } from "./space.ts";
import { budgetFor } from "./train-segment.ts";
import type { TrialRuns } from "./trial-runs.ts";
import { variantOf } from "./variant.ts";

/** Trial number of the test's run. Real trials count from 1. */
const rangeTrialId = 0;
/** The test ends if the loss reaches this multiple of the first loss, because training has diverged. */
const divergenceFactor = 4;

/** Inputs of the test. */
export interface RangeTestInput {
  readonly source: TrialSource;
  readonly rate: SearchRate;
  readonly folder: SearchFolder;
  readonly runs: TrialRuns;
  readonly runtime: Runtime;
  readonly options: Pick<SearchOptions, "watch" | "onProgress">;
}

/**
 * Runs the test as a run with its own ledger. Returns `null` if it was interrupted. After a kill, the test starts over
 * with its remaining budget.
 *
 * @param space the recipe's space, with bounds for the learning rate
 * @param capUsd maximum cost
 * @throws {TunewiseError} `SEARCH_VALUE_REFUSED` if the recipe is invalid with a rising rate, `SEARCH_HALTED`
 */
export async function runRangeTest(
  { source, rate, folder, runs, runtime, options }: RangeTestInput,
  { space }: RecipeSpace,
  steps: number,
  capUsd: Usd,
): Promise<RangeOutcome | null> {
  const given = rateBounds(space);
  const loaded = rangeTestRecipe(source, given, steps);
  const trial = await prepareTrial(source, loaded, [learningRateKey]);
  const { prepared, plan } = trial;
  const recipe = { ...prepared.recipe, budget: budgetFor(capUsd, rate) };
  const summary = { kind: "trial", search: folder.id, trial: rangeTrialId };
  const force = `range test of search ${folder.id}`;
  options.onProgress({ kind: "range-start", steps, ends: given, usd: capUsd, rate });
  const place = await runs.ensureRun(rangeTrialId, null, () =>
    beginRun({ prepared, plan, force, summary }, runtime),
  );
  await runs.takeWholeMachine(rangeTrialId);
  const work = async (session: RunSession): Promise<RangeStep[] | null> => {
    const found = await sweepRates(session, given);
    const status = found === null ? ("interrupted" as const) : ("stopped" as const);
    const endedAt = runtime.now().toISOString();
    await session.recorder.write({ status, endedAt, summary: JSON.stringify(summary) });
    return found;
  };
  const onEvent = (event: EventBody): void => options.watch(event, null);
  const swept = { ...trial, prepared: { ...prepared, forgetting: null, recipe } };
  const how = { begun: place, sweep: given, stallSeconds: trial.stallSeconds, work, onEvent };
  const seen = await runApproved(swept, how, runtime);
  if (seen === null) return null;
  const test = interpretSteps(seen);
  const outcome: RangeOutcome = {
    run: place.runId,
    steps: seen.map(({ rate: at, loss }) => ({ rate: at, loss: Number.isFinite(loss) ? loss : null })),
    test,
    given,
    kept: narrowedBounds(space, test),
    microUsd: await runs.paidForTrial(rangeTrialId),
  };
  await writeWholeFile(folder.rangeTest, `${JSON.stringify(outcome)}\n`);
  options.onProgress({ kind: "range-end", outcome, rate });
  return outcome;
}

/** Trains with a rising rate until the last step, the cap, or divergence. Returns `null` if interrupted. */
async function sweepRates(session: RunSession, ends: RateBounds): Promise<RangeStep[] | null> {
  const { runId, start, execution, events, recorder, recipe, runtime, meter } = session;
  const seen: RangeStep[] = [];
  let longest = 0;
  for (;;) {
    const next = await events.next();
    if (next.done) break;
    if (next.value.kind === "silence") {
      const verdict = stopStalled(next.value, seen.length, session);
      await recorder.record({ kind: "guard-tripped", step: seen.length, verdict });
      continue;
    }
    const { seq: _, ...event } = next.value;
    if (event.kind === "training-end") return seen;
    if (event.kind === "step-start") {
      if (runtime.signal.aborted) return null;
      if (recorder.verdict.act === "stop") throw halted(runId, recorder.verdict.sentence);
      if (secondsLeft({ recipe, meter }) < longest) execution.send({ kind: "stop" });
    } else if (event.kind === "step-end") {
      const { loss, wallSeconds } = event;
      longest = Math.max(longest, wallSeconds);
      seen.push({ rate: sweptRate(ends, event.step, start.steps), loss });
      await recorder.record({ ...event, spentMicroUsd: meter.spentUsd });
      if (loss > divergenceFactor * (seen[0]?.loss as number)) execution.send({ kind: "stop" });
    } else if (event.kind === "loss-not-finite") {
      seen.push({ rate: sweptRate(ends, event.step, start.steps), loss: Number.NaN });
    }
  }
  await execution.result(); // rejects with the cause of the end
  return seen;
}

function halted(run: string, sentence: string): TunewiseError {
  return problem("SEARCH_HALTED", { trial: "0, the range test,", run, sentence });
}

/** Bounds with four significant digits, like proposals, and never outside the given ones. */
function narrowedBounds(space: RecipeSpace["space"], test: RangeTest): RateBounds {
  const given = rateBounds(space);
  const { low, high } = rateBounds(narrowSpace(space, learningRateKey, test));
  const short = (rate: number): number => Number(rate.toPrecision(4));
  return { low: Math.max(given.low, short(low)), high: Math.min(given.high, short(high)) };
}

/** Reads the test. Returns no bounds if the cap ended it after too few steps. */
function interpretSteps(seen: readonly RangeStep[]): RangeTest {
  const minSteps = 10;
  return seen.length < minSteps ? { usable: null, steepest: null, diverges: null } : readRangeTest(seen);
}

/** The recipe with a constant learning rate, which the test then raises. */
function rangeTestRecipe({ planned }: TrialSource, { high }: RateBounds, steps: number): LoadedRecipe {
  const point = {
    [learningRateKey]: high,
    "training.steps": steps,
    "training.schedule": "constant",
    "training.warmup": 0,
  };
  const { loaded, problems } = variantOf(planned.prepared.loaded, { space: {}, defaults: {} }, point);
  const own = planned.prepared;
  if (loaded !== null) return { ...loaded, runName: `${own.loaded.runName ?? own.recipe.name} range test` };
  const [fault] = problems;
  throw problem("SEARCH_VALUE_REFUSED", {
    key: learningRateKey,
    value: String(high),
    detail: fault?.detail ?? "it cannot be read",
    fix: fault?.fix ?? "remove `search.range_test`",
  });
}
