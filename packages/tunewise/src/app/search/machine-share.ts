/** @file Divides the machine among parallel trials in equal shares of threads, memory and price. */
import { resolve } from "node:path";
import { bytes, bytesText, dollars, type Range, range, type Seconds, seconds } from "@tunewise/core/quantity";
import { measureMatrixRate } from "@tunewise/engine";
import { emptyMarket, type OwnMachine, type Plan, type PlanInput, planRun } from "../../plan/index.ts";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { misfitOf, ownMachine, type PlannedRecipe, type WorkerSite } from "../plan/index.ts";
import { prepareForTraining } from "./prepare-trial.ts";
import { rateOf, rateOfShare } from "./search-money.ts";

/** Seconds that a process takes to load its program, from an idle machine to one whose disk has spun down. */
const programSeconds = range(seconds(0.1), seconds(0.4), seconds(2));

/**
 * Plans the recipe for one of `search.parallel` equal shares of the machine, and measures the speed of that share.
 * Returns `given` unchanged if trials run one at a time.
 *
 * @param shares shares of the machine with the worker; `null` for the engine
 * @throws {TunewiseError} `SEARCH_PARALLEL_TOO_MANY`
 */
export async function planShare(
  given: PlannedRecipe,
  shares: readonly (WorkerSite | null)[],
  runtime: Runtime,
): Promise<PlannedRecipe> {
  const { prepared, input } = given;
  const { parallel } = prepared.recipe.search;
  if (parallel === 1) return given;
  if (shares.includes(null)) requireCapacity(input, parallel);
  const machine = machineShare(prepared.recipe, input.machine.threads);
  const shared = (recipe: Recipe): Recipe => ({
    ...recipe,
    machine,
    search: { ...recipe.search, parallel: 1 },
  });
  const recipe = shared(prepared.recipe);
  const loaded = { ...prepared.loaded, recipe: shared(prepared.loaded.recipe) };
  const part = inputOfShare({ ...input, recipe }, parallel);
  const { threads, compute } = part.machine;
  const flopsPerSecond = await measureMatrixRate({ threads, compute }, runtime.elapsedSeconds);
  const own = await fullestShare(shares, given, recipe, runtime);
  const measured = { ...part, machine: { ...part.machine, flopsPerSecond }, own };
  const plan = planRun(measured);
  const misfit = own && misfitOf(plan);
  if (misfit) throw problem("SEARCH_PARALLEL_TOO_MANY", { parallel, most: 1, reason: misfit });
  return { ...given, prepared: { ...prepared, recipe, loaded }, input: measured, plan };
}

/** The share whose GPUs have the least free memory, as a place to plan for; `null` if there are no known GPUs. */
async function fullestShare(
  shares: readonly (WorkerSite | null)[],
  { prepared }: PlannedRecipe,
  recipe: Recipe,
  runtime: Runtime,
): Promise<OwnMachine | null> {
  const free = ({ cards }: WorkerSite): number =>
    Math.min(...cards.map(({ memoryBytes, usedBytes }) => memoryBytes - usedBytes));
  const [share] = shares.flatMap((one) => (one?.cards.length ? [one] : [])).sort((a, b) => free(a) - free(b));
  return share ? ownMachine(share, recipe, resolve(prepared.loaded.folder, recipe.output), runtime) : null;
}

/**
 * Estimates the seconds from the start of a trial's process until it opens the model. Reads the rows once to measure
 * that part.
 */
export async function measureStartup(loaded: LoadedRecipe, runtime: Runtime): Promise<Range<Seconds>> {
  const begun = runtime.elapsedSeconds();
  await prepareForTraining(loaded, runtime);
  const reading = runtime.elapsedSeconds() - begun;
  const { low, expected, high } = programSeconds;
  return range(seconds(low + reading / 2), seconds(expected + reading), seconds(high + 2 * reading));
}

/** Threads of each parallel trial, at least one. Remaining threads stay unused. */
export function threadsEach(threads: number, parallel: number): number {
  return Math.max(1, Math.floor(threads / parallel));
}

function machineShare({ machine, search }: Recipe, threads: number): Recipe["machine"] {
  const { usdPerHour } = rateOfShare(rateOf({ machine }), search.parallel);
  return {
    ...machine,
    threads: threadsEach(threads, search.parallel),
    usdPerHour: machine.usdPerHour > 0 ? dollars(usdPerHour) : 0,
  };
}

/** The plan's input for one of `parallel` equal shares of the machine. */
export function inputOfShare(input: PlanInput, parallel: number): PlanInput {
  const { machine } = input;
  const threads = threadsEach(machine.threads, parallel);
  const memoryBytes = bytes(Math.floor(machine.memoryBytes / parallel));
  return { ...input, market: emptyMarket, machine: { ...machine, threads, memoryBytes } };
}

/**
 * Refuses more parallel trials than the machine has threads, or than fit into its memory at the plan's high estimate.
 *
 * @throws {TunewiseError} `SEARCH_PARALLEL_TOO_MANY`
 */
export function requireCapacity(input: PlanInput, parallel: number): void {
  const { threads, memoryBytes } = input.machine;
  const needs = planRun(inputOfShare(input, Math.min(parallel, threads))).memory;
  if (parallel <= threads && needs.fits === "yes") return;
  const most = largestThatFits(input, Math.min(parallel - 1, threads));
  if (parallel > threads) {
    const reason = `each needs a thread, and the machine has ${threads}`;
    throw problem("SEARCH_PARALLEL_TOO_MANY", { parallel, most, reason });
  }
  const [peak, usable] = [needs.peakBytes.high, needs.usableBytes];
  const [all, there] = [parallel * peak, parallel * usable].map((size) => bytesText(bytes(size)));
  const reason = `they may need ${all} of memory (${bytesText(peak)} each), and only ${there} of the machine's ${bytesText(memoryBytes)} are usable`;
  throw problem("SEARCH_PARALLEL_TOO_MANY", { parallel, most, reason });
}

/** Returns at least 1, because the caller has checked that a single trial fits. */
function largestThatFits(input: PlanInput, from: number): number {
  for (let count = from; count > 1; count--) {
    const plan: Plan = planRun(inputOfShare(input, count));
    if (plan.memory.fits === "yes") return count;
  }
  return 1;
}
