/** @file Facts about the tuned model: size, cost of its training, speed and price of this machine. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cost, type Range, type Seconds, type Usd, usd, usdText } from "@tunewise/core/quantity";
import { tryOf } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import { runFolderAt } from "@tunewise/tracker";
import { type Plan, readPlan } from "../../plan/index.ts";
import { loadRecipe, readMachinePrice } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { DecisionSection, PlanSection } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { planWithoutWeights } from "../plan/index.ts";
import { findRun, readTryDocument, recipeOfRun, withStore } from "../runs/index.ts";
import type { MoveRequest } from "./request.ts";

/** Facts about the tuned model; `null` where nothing is known. */
export interface TunedModel {
  readonly name: string | null;
  readonly run: string | null;
  readonly parameters: number | null;
  readonly activeParameters: number | null;
  /** First training, as measured or planned, and a repetition. */
  readonly trainingUsd: Range<Usd>;
  readonly retrainingUsd: Range<Usd>;
  readonly trainingSource: string;
  /** Hourly price of this machine. */
  readonly machine: { readonly usdPerHour: Usd; readonly source: string } | null;
  /** Output tokens per second on this machine. */
  readonly speed: { readonly tokensPerSecond: Range<number>; readonly source: string } | null;
  readonly plan: Pick<PlanSection, "retrainsPerYear"> | null;
  readonly decision: Pick<DecisionSection, "answersPerMonth" | "months"> | null;
}

/** Variation of a repeated training's cost, and of this machine's speed, as fractions. */
const variation = 0.2;
/** Maximum tries that are searched for the speed of a run. */
const maxTries = 50;

/**
 * Collects the facts.
 *
 * @throws {TunewiseError} `PAYOFF_TRAINING_UNKNOWN`; those of `findRun` and of `planWithoutWeights`
 */
export async function findTunedModel(request: MoveRequest, runtime: Runtime): Promise<TunedModel> {
  const { tuned } = request;
  const found =
    tuned === null
      ? await nothingNamed(runtime)
      : tuned.kind === "run"
        ? await ofRun(tuned.word, request.output, runtime)
        : await ofRecipe(tuned.word, runtime);
  if (request.trainingUsd !== null) {
    const { trainingUsd: stated } = request;
    const around = spread(stated);
    return { ...found, trainingUsd: exactly(stated), retrainingUsd: around, trainingSource: "as stated" };
  }
  if (tuned === null) throw problem("PAYOFF_TRAINING_UNKNOWN", {});
  return found;
}

async function nothingNamed(runtime: Runtime): Promise<TunedModel> {
  const own = await readMachinePrice(runtime);
  const source = `as stated for this machine on ${own?.saidOn ?? ""}`;
  return {
    name: null,
    run: null,
    parameters: null,
    activeParameters: null,
    trainingUsd: exactly(usd(0)),
    retrainingUsd: exactly(usd(0)),
    trainingSource: "unknown",
    machine: own === null ? null : { usdPerHour: usd(own.usdPerHour), source },
    speed: null,
    plan: null,
    decision: null,
  };
}

async function ofRun(word: string, output: string | undefined, runtime: Runtime): Promise<TunedModel> {
  const found = await findRun(word, runtime, output);
  const { run, folder } = found;
  const { recipe, isPriced } = await recipeOfRun(found);
  const text = existsSync(folder.plan) ? await readTextFile(folder.plan) : null;
  const plan = text === null ? null : readPlan(text).plan;
  const spent = run.spentMicroUsd as Usd;
  return {
    name: run.model,
    run: run.id,
    parameters: plan?.model.parameters ?? null,
    activeParameters: plan?.model.activeParameters ?? null,
    trainingUsd: exactly(spent),
    retrainingUsd: spread(spent),
    trainingSource: `measured by run ${run.id}${spent === 0 ? ", whose machine had no price" : ""}`,
    machine: await machineOf(recipe.machine, isPriced, runtime),
    speed: await speedOf(run.id, found.output, runtime),
    plan: recipe.plan,
    decision: recipe.decision,
  };
}

async function ofRecipe(path: string, runtime: Runtime): Promise<TunedModel> {
  const loaded = await loadRecipe(path, runtime);
  const { plan } = await planWithoutWeights(loaded, runtime);
  const machine = await machineOf(loaded.recipe.machine, loaded.isPriced, runtime);
  const { usd: trainingUsd, source } = plannedCost(plan, machine);
  return {
    name: plan.model.source,
    run: null,
    parameters: plan.model.parameters,
    activeParameters: plan.model.activeParameters ?? null,
    trainingUsd,
    retrainingUsd: trainingUsd,
    trainingSource: source,
    machine,
    speed: null,
    plan: loaded.recipe.plan,
    decision: loaded.recipe.decision,
  };
}

/** Cost on this machine if the run fits and the machine has a price, otherwise at the cheapest place that fits. */
function plannedCost(
  { memory, time, places }: Plan,
  machine: TunedModel["machine"],
): { readonly usd: Range<Usd>; readonly source: string } {
  const { low, expected, high } = time.seconds;
  if (memory.fits !== "no" && machine !== null) {
    const costOf = (time: Seconds): Usd => cost(machine.usdPerHour, time);
    const here = { low: costOf(low), expected: costOf(expected), high: costOf(high) };
    return { usd: here, source: `planned on this machine at ${usdText(machine.usdPerHour)} an hour` };
  }
  const other = places.find(
    ({ kind, fits, runUsd }) => kind !== "here" && fits === "yes" && runUsd.expected > 0,
  );
  if (other === undefined) throw problem("PAYOFF_TRAINING_UNKNOWN", {});
  return { usd: other.runUsd, source: `planned on ${other.name}, ${other.provider} (${other.price.name})` };
}

/** Price of this machine: the recipe's, otherwise the one that was entered for it. */
async function machineOf(
  { usdPerHour, source }: { readonly usdPerHour: number; readonly source: string },
  isPriced: boolean | undefined,
  runtime: Runtime,
): Promise<TunedModel["machine"]> {
  if (isPriced ?? usdPerHour > 0) return { usdPerHour: usd(usdPerHour), source };
  return (await nothingNamed(runtime)).machine;
}

/** Speed of a run's answers in the latest comparison that has them. */
async function speedOf(run: string, output: string, runtime: Runtime): Promise<TunedModel["speed"]> {
  return withStore(runtime, output, async (store, absolute) => {
    const runs = await store.listRuns({ status: "completed", limit: maxTries });
    for (const { id } of runs.filter((one) => tryOf(one) !== null)) {
      const document = await readTryDocument(runFolderAt(join(absolute, "runs", id))).catch(() => null);
      const arm = document?.arms.find((one) => one.run === run && one.answerTokens > 0 && one.seconds > 0);
      if (arm === undefined) continue;
      const measured = arm.answerTokens / arm.seconds;
      const tokensPerSecond = {
        low: measured / (1 + variation),
        expected: measured,
        high: measured * (1 + variation),
      };
      return { tokensPerSecond, source: `measured by ${id}, one batch at a time` };
    }
    return null;
  });
}

function exactly(money: Usd): Range<Usd> {
  return { low: money, expected: money, high: money };
}

function spread(money: Usd): Range<Usd> {
  return {
    low: Math.round(money / (1 + variation)) as Usd,
    expected: money,
    high: Math.round(money * (1 + variation)) as Usd,
  };
}
