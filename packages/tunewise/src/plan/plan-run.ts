/** @file Plans a run: estimates memory, time and cost. Pure: equal inputs yield equal plans. */

import { largest, sum } from "@tunewise/core/math";
import { cost, countOf, seconds, tokens, usd } from "@tunewise/core/quantity";
import { type PlannedAdapter, planAdapter } from "./adapter.ts";
import { advise, type BarePlan } from "./advice.ts";
import { listAssumptions, spendAssumptions } from "./assumptions.ts";
import { checkPlannedBudget } from "./budget.ts";
import { calibratedTime, calibrationsOf, recordOf } from "./calibration/apply.ts";
import { floatBytes } from "./constants.ts";
import { sealPlan } from "./document.ts";
import type { PlanInput, RowLength } from "./input.ts";
import { planBatches, planSchedule } from "./local/batches.ts";
import { chooseMemory, sharedInTraining } from "./local/choose-memory.ts";
import { workOf } from "./local/first-batches.ts";
import { countMeasurements, forgettingSeconds, forgettingTokens } from "./local/forgetting.ts";
import { type ProbedWork, withProbe } from "./local/probed.ts";
import { estimateTime, speedsOf } from "./local/time.ts";
import { trainFlops } from "./local/work.ts";
import { priceBaselines } from "./money/baselines.ts";
import { drawOutcomes } from "./money/draws.ts";
import { simulateSpend } from "./money/simulate.ts";
import { jobOf, stackOf } from "./place/job.ts";
import { rankPlaces } from "./place/rank.ts";
import type { Patience } from "./place/recommend.ts";
import { type Plan, type PlannedData, planFormatVersion, type Schedule, type TimeEstimate } from "./plan.ts";
import { rangeOf, sumRanges } from "./range-arithmetic.ts";
import { searchOutlook } from "./search-outlook.ts";
import { activeParameters } from "./stack/states.ts";
import { placeHere, runHere } from "./this-machine.ts";

/**
 * Plans a run with the local engine, and compares it with other placements.
 *
 * @returns the plan with its advice as findings; with an `error` among them the run should not start
 */
export function planRun(input: PlanInput): Plan {
  const { recipe, model, lengths } = input;
  const adapter = planAdapter(model, recipe.method, stackOf(recipe));
  const shared = sharedInTraining(input);
  const batches = planBatches(lengths.train, recipe.training, recipe.data.maxLength, shared);
  const byRuns = calibrationsOf(input);
  const memory = chooseMemory({ ...input, calibration: byRuns.bytes }, adapter);
  const data = describeData(input);
  const schedule = withKnownTokens(
    planSchedule(recipe.training, batches, data.tokensPerEpoch, lengths.validation.length > 0, memory),
    memory.known,
  );
  const work = memory.known ? workOf(memory.known, shared) : batches;
  const passes = memory.known ? 1 : schedule.epochs;
  const flopsTrain = trainFlops(model, adapter, work, schedule, recipe) * passes;
  const bare = estimateTime({ input, adapter, schedule, flopsTrain });
  const formula = withForgetting(bare, input, adapter, schedule);
  const { probe } = input.machine;
  const estimated = probe === null ? formula : withProbe(formula, probe, probedWork(input, schedule));
  const time = calibratedTime(estimated, byRuns.seconds);
  const usdPerHour = usd(recipe.machine.usdPerHour);
  const money = rangeOf(time.seconds, (length) => cost(usdPerHour, length as typeof time.seconds.expected));
  const testRows = lengths.test.slice(0, recipe.evaluation.rows ?? lengths.test.length);
  const baselines = priceBaselines(testRows, input.market.answers);
  const assumed = spendAssumptions(recipe, baselines, storedBytes(adapter, schedule));
  const spending = { assumed, draws: drawOutcomes(assumed) };
  const total = simulateSpend(runHere(usdPerHour, time, schedule.steps, recipe), assumed, spending.draws);
  const here = placeHere({ recipe, memory: memory.estimate, time, schedule, usdPerHour, money, total });
  const job = jobOf({ ...input, schedule });
  const patience = { epochs: schedule.epochs, ...patienceOf(recipe) };
  const ranked = rankPlaces({ here, own: input.own ?? null }, job, input.market, spending, patience);
  const own = ranked.places.find(({ kind }) => kind === "own");
  const plan: BarePlan = {
    formatVersion: planFormatVersion,
    name: recipe.name,
    basis: input.basis,
    model: {
      source: recipe.model.source,
      family: model.family,
      parameters: model.parameters.total,
      ...activeOf(model),
      trainedParameters: adapter.parameters,
      method: recipe.method.kind,
      rank: adapter.rank,
      targets: adapter.targets,
    },
    data,
    settings: input.derived,
    schedule,
    ...precisionOf(input),
    memory: memory.estimate,
    work: {
      flopsPerToken: schedule.tokens > 0 ? flopsTrain / schedule.tokens : 0,
      flopsTrain,
      paddedShare: work.attentionCells > 0 ? 1 - work.usefulCells / work.attentionCells : 0,
    },
    time,
    calibration: recordOf(byRuns, estimated, memory),
    cost: { usdPerHour, priceSource: recipe.machine.source, usd: money },
    budget: checkPlannedBudget(recipe.budget, usdPerHour, own?.seconds ?? time.seconds),
    total,
    ...ranked,
    searchOutlook: searchOutlook(time, schedule, usdPerHour, input.isSearched ?? true),
    baselines,
    assumptions: listAssumptions(recipe),
  };
  return sealPlan({ ...plan, findings: advise(plan, input) });
}

/** Active parameters; absent if all parameters are active. */
function activeOf(model: PlanInput["model"]): Pick<Plan["model"], "activeParameters"> {
  const active = activeParameters(model);
  return active < model.parameters.total ? { activeParameters: active } : {};
}

/** Precision; absent if unknown. */
function precisionOf({ machine: { precision } }: PlanInput): Pick<Plan, "precision"> {
  return precision ? { precision } : {};
}

function patienceOf({ plan }: PlanInput["recipe"]): Omit<Patience, "runs"> {
  const { deadlineHours, costOfDelayUsdPerHour } = plan;
  return { deadlineSeconds: deadlineHours * 3600, costOfDelayUsdPerHour };
}

/** Sets the exact number of tokens if the batches are known. */
function withKnownTokens(schedule: Schedule, known: readonly (readonly RowLength[])[] | null): Schedule {
  if (known === null) return schedule;
  return { ...schedule, tokens: tokens(sum(known.flat().map((row) => row.tokens))) };
}

/** Adds the time for measuring forgetting, if any. */
function withForgetting(
  time: TimeEstimate,
  input: PlanInput,
  adapter: PlannedAdapter,
  schedule: Schedule,
): TimeEstimate {
  const { forgetting, recipe, machine } = input;
  if (forgetting === null) return time;
  const looks = countMeasurements(schedule, recipe);
  const length = rangeOf(forgettingSeconds(input, forgetting, adapter, looks, speedsOf(machine)), seconds);
  const count = Math.round(forgettingTokens(forgetting, looks));
  const reason = `${countOf(count, "token")} by base and tuned model, ${looks} looks in between`;
  const parts = [...time.parts, { name: "forgetting" as const, seconds: length, reason }];
  return { ...time, parts, seconds: rangeOf(sumRanges(parts.map((part) => part.seconds)), seconds) };
}

function probedWork({ lengths, recipe, forgetting }: PlanInput, schedule: Schedule): ProbedWork {
  const { rows, batchSize, maxNewTokens } = recipe.evaluation;
  return {
    tokens: schedule.tokens,
    evaluations: schedule.evaluations,
    validation: lengths.validation,
    // the probe did not measure answers to regression prompts
    forgettingTokens:
      forgetting === null || forgetting.regressionPrompts.length > 0
        ? null
        : forgettingTokens(forgetting, countMeasurements(schedule, recipe)),
    test: lengths.test.slice(0, rows ?? lengths.test.length),
    batchSize,
    maxNewTokens,
  };
}

/** Number of checkpoints kept: the last two and the best one. */
const checkpointsKept = 3;

/** Bytes of a run's checkpoints, with trained weights and two moments each, and of its result. */
function storedBytes(adapter: PlannedAdapter, schedule: Schedule): number {
  const kept = Math.min(schedule.checkpoints, checkpointsKept);
  return (3 * kept + 1) * floatBytes * adapter.parameters;
}

function describeData({ recipe, lengths }: PlanInput): PlannedData {
  const clipped = lengths.train.map((row) => Math.min(row.tokens, recipe.data.maxLength));
  return {
    trainRows: lengths.train.length,
    validationRows: lengths.validation.length,
    testRows: Math.min(lengths.test.length, recipe.evaluation.rows ?? lengths.test.length),
    tokensPerEpoch: tokens(sum(clipped)),
    labelledTokensPerEpoch: tokens(sum(lengths.train.map(({ labelledTokens }) => labelledTokens))),
    longestTokens: tokens(largest(clipped)),
  };
}
