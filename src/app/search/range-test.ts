/**
 * @file The range test of a search: before the first trial, one short run whose learning rate rises from end to end of
 * its knob. Trials keep to the rates at which the loss fell.
 */

import type { LoadedRecipe } from "../../prepare/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { Usd } from "../../quantity/index.ts";
import type { RangeOutcome, RateEnds, SearchRate } from "../../report/index.ts";
import type { Host } from "../../runtime/index.ts";
import { narrowSpace, type RangeStep, type RangeTest, readRangeTest } from "../../search/index.ts";
import { writeWholeFile } from "../../track/index.ts";
import { beginRun, type RunSession, secondsLeft, withSession } from "../train/index.ts";
import type { SearchOptions } from "./at-work.ts";
import { prepareTrial, type TrialSource } from "./prepare-trial.ts";
import { endsOf, learningRateKey } from "./range-outcome.ts";
import type { SearchFolder } from "./search-folder.ts";
import type { RecipeSpace } from "./space.ts";
import { capOf } from "./train-stretch.ts";
import type { TrialRuns } from "./trial-runs.ts";
import { variantOf } from "./variant.ts";

/** The number under which its run is kept: trials count from 1. */
const rangeTrial = 0;
/** A loss so many times the first one, at rates above the one that was lowest, ends the test: it has diverged. */
const diverged = 4;

/** What the test works with. */
export interface RangeWork {
  readonly source: TrialSource;
  readonly rate: SearchRate;
  readonly folder: SearchFolder;
  readonly runs: TrialRuns;
  readonly host: Host;
  readonly options: Pick<SearchOptions, "watch" | "onNews">;
}

/** The rate of a step: from end to end by equal factors. @param step counts from 1 */
export function rateAt({ low, high }: RateEnds, step: number, steps: number): number {
  return low * (high / low) ** ((step - 1) / Math.max(1, steps - 1));
}

/**
 * Makes the test, as a run of its own on the ledger; `null`: it was interrupted. A kill begins it again with
 * what is left of its money.
 *
 * @param space as the recipe gives it, with two ends for the rate
 * @param capUsd what it may cost
 * @throws {TunewiseError} `SEARCH_VALUE_REFUSED` where the recipe cannot stand with a rising rate, `SEARCH_HALTED`
 */
export async function testRange(
  { source, rate, folder, runs, host, options }: RangeWork,
  { space }: RecipeSpace,
  steps: number,
  capUsd: Usd,
): Promise<RangeOutcome | null> {
  const given = endsOf(space);
  const loaded = risingRecipe(source, given, steps);
  const { prepared, plan } = await prepareTrial(source, loaded, [learningRateKey]);
  const recipe = { ...prepared.recipe, budget: capOf(capUsd, rate) };
  const summary = { kind: "trial", search: folder.id, trial: rangeTrial };
  const force = `range test of search ${folder.id}`;
  options.onNews({ kind: "range-start", steps, ends: given, usd: capUsd, rate });
  const place = await runs.of(rangeTrial, null, () =>
    beginRun({ prepared, plan, force, summary }, host).catch(async (error: unknown) => {
      await prepared.model.weights.close();
      throw error;
    }),
  );
  await runs.takeWhole(rangeTrial);
  const request = { ...place, prepared: { ...prepared, forgetting: null, recipe }, plan, host };
  const seen = await withSession(
    { ...request, watch: (event) => options.watch(event, null) },
    async (session) => {
      const found = await rise(session, given);
      const status = found === null ? ("interrupted" as const) : ("stopped" as const);
      const endedAt = host.now().toISOString();
      await session.recorder.write({ status, endedAt, summary: JSON.stringify(summary) });
      return found;
    },
  );
  if (seen === null) return null;
  const test = readRates(seen);
  const outcome: RangeOutcome = {
    run: place.runId,
    steps: seen.map(({ rate: at, loss }) => ({ rate: at, loss: Number.isFinite(loss) ? loss : null })),
    ...{ test, given, kept: keptOf(space, test), microUsd: await runs.paidFor(rangeTrial) },
  };
  await writeWholeFile(folder.rangeTest, `${JSON.stringify(outcome)}\n`);
  options.onNews({ kind: "range-end", outcome, rate });
  return outcome;
}

/** Steps with a rising rate, until the last, the cap, or a loss that has run away; `null`: interrupted. */
async function rise(
  { runId, trainer, recorder, recipe, host, meter }: RunSession,
  ends: RateEnds,
): Promise<RangeStep[] | null> {
  const seen: RangeStep[] = [];
  let longest = 0;
  while (trainer.step < trainer.steps) {
    if (host.signal.aborted) return null;
    if (recorder.verdict.act === "stop") throw halted(runId, recorder.verdict.sentence);
    if (secondsLeft({ recipe, meter }) < longest) return seen;
    const start = host.elapsedSeconds();
    const rate = rateAt(ends, trainer.step + 1, trainer.steps);
    trainer.rateScale = rate / recipe.training.learningRate;
    try {
      const outcome = await trainer.next();
      const wallSeconds = host.elapsedSeconds() - start;
      longest = Math.max(longest, wallSeconds);
      seen.push({ rate, loss: outcome.loss });
      const spentMicroUsd = meter.spentUsd;
      await recorder.tell({ kind: "step-end", ...outcome, steps: trainer.steps, wallSeconds, spentMicroUsd });
      if (outcome.loss > diverged * (seen[0]?.loss as number)) return seen;
    } catch (error) {
      if (!TunewiseError.is(error) || error.code !== "ENGINE_LOSS_NOT_FINITE") throw error;
      return [...seen, { rate, loss: Number.NaN }];
    }
  }
  return seen;
}

function halted(run: string, sentence: string): TunewiseError {
  return problem("SEARCH_HALTED", { trial: "0, the range test,", run, sentence });
}

/** Ends in four figures, as proposals have them, and never beyond the given ones. */
function keptOf(space: RecipeSpace["space"], test: RangeTest): RateEnds {
  const given = endsOf(space);
  const { low, high } = endsOf(narrowSpace(space, learningRateKey, test));
  const short = (rate: number): number => Number(rate.toPrecision(4));
  return { low: Math.max(given.low, short(low)), high: Math.min(given.high, short(high)) };
}

/** A cap may have come before there was enough to see. */
function readRates(seen: readonly RangeStep[]): RangeTest {
  const fewest = 10;
  return seen.length < fewest ? { usable: null, steepest: null, diverges: null } : readRangeTest(seen);
}

/** The recipe with a constant rate, which the test itself raises. */
function risingRecipe({ planned }: TrialSource, { high }: RateEnds, steps: number): LoadedRecipe {
  const point = {
    ...{ [learningRateKey]: high, "training.steps": steps },
    ...{ "training.schedule": "constant", "training.warmup": 0 },
  };
  const { loaded, problems } = variantOf(planned.prepared.loaded, { space: {}, defaults: {} }, point);
  if (loaded !== null) return loaded;
  const [fault] = problems;
  throw problem("SEARCH_VALUE_REFUSED", {
    ...{ key: learningRateKey, value: String(high), detail: fault?.detail ?? "it cannot be read" },
    fix: fault?.fix ?? "leave `search.range_test` out",
  });
}
