/**
 * @file The part of the machine that a trial has while several share it: threads, memory and price in equal parts.
 */
import { measureMatrixRate } from "../../engine/index.ts";
import { emptyMarket, type Plan, type PlanInput, planRun } from "../../plan/index.ts";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import { bytes, bytesText, dollars, type Range, range, type Seconds, seconds } from "../../quantity/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Host } from "../../runtime/index.ts";
import type { PlannedRecipe } from "../plan/index.ts";
import { prepareApart } from "./prepare-apart.ts";
import { rateOf, shareOf } from "./search-money.ts";

/** Seconds until a process has read its program: on a machine at rest, and on one whose disk is asleep. */
const programSeconds = range(seconds(0.1), seconds(0.4), seconds(2));

/**
 * The recipe planned for one of `search.parallel` equal parts of the machine, whose speed is measured; as it is where a
 * trial has all of it.
 *
 * @throws {TunewiseError} `SEARCH_PARALLEL_TOO_MANY`
 */
export async function planShare(given: PlannedRecipe, host: Host): Promise<PlannedRecipe> {
  const { prepared, input } = given;
  const { parallel } = prepared.recipe.search;
  if (parallel === 1) return given;
  demandRoom(input, parallel);
  const machine = machineShare(prepared.recipe, input.machine.threads);
  const shared = (recipe: Recipe): Recipe => ({
    ...recipe,
    machine,
    search: { ...recipe.search, parallel: 1 },
  });
  const recipe = shared(prepared.recipe); // which is not shared again
  const loaded = { ...prepared.loaded, recipe: shared(prepared.loaded.recipe) };
  const part = partOf({ ...input, recipe }, parallel);
  const { threads } = part.machine;
  const flopsPerSecond = await measureMatrixRate({ threads }, host.elapsedSeconds);
  const measured = { ...part, machine: { ...part.machine, flopsPerSecond } };
  return { ...given, prepared: { ...prepared, recipe, loaded }, input: measured, plan: planRun(measured) };
}

/** What a trial's process takes until it opens the model; its reading of the rows is measured by doing it once. */
export async function measureBoot(loaded: LoadedRecipe, host: Host): Promise<Range<Seconds>> {
  const begun = host.elapsedSeconds();
  const { model } = await prepareApart(loaded, host);
  const reading = host.elapsedSeconds() - begun;
  await model.weights.close();
  const { low, expected, high } = programSeconds;
  return range(seconds(low + reading / 2), seconds(expected + reading), seconds(high + 2 * reading));
}

/** Threads that each of so many trials has; what does not divide evenly stays free. */
export function threadsEach(threads: number, parallel: number): number {
  return Math.floor(threads / parallel);
}

function machineShare({ machine, search }: Recipe, threads: number): Recipe["machine"] {
  const { usdPerHour } = shareOf(rateOf({ machine }), search.parallel);
  return {
    ...machine,
    threads: threadsEach(threads, search.parallel),
    usdPerHour: machine.usdPerHour > 0 ? dollars(usdPerHour) : 0,
  };
}

/** What a plan starts from, on one of so many equal parts of the machine. */
export function partOf(input: PlanInput, parallel: number): PlanInput {
  const { machine } = input;
  const threads = threadsEach(machine.threads, parallel);
  const memoryBytes = bytes(Math.floor(machine.memoryBytes / parallel));
  return { ...input, market: emptyMarket, machine: { ...machine, threads, memoryBytes } };
}

/**
 * Refuses more trials at the same time than the machine has threads, or than the high end of the plan leaves memory
 * for.
 *
 * @throws {TunewiseError} `SEARCH_PARALLEL_TOO_MANY`
 */
export function demandRoom(input: PlanInput, parallel: number): void {
  const { threads, memoryBytes } = input.machine;
  const needs = planRun(partOf(input, Math.min(parallel, threads))).memory;
  if (parallel <= threads && needs.fits === "yes") return;
  const most = largestThatFits(input, Math.min(parallel - 1, threads));
  if (parallel > threads) {
    const reason = `each needs a thread, and the machine has ${threads}`;
    throw problem("SEARCH_PARALLEL_TOO_MANY", { parallel, most, reason });
  }
  const [peak, usable] = [needs.peakBytes.high, needs.usableBytes];
  const [all, there] = [parallel * peak, parallel * usable].map((size) => bytesText(bytes(size)));
  const reason = `they may take ${all} of memory (${bytesText(peak)} each), and ${there} of the machine's ${bytesText(memoryBytes)} are usable`;
  throw problem("SEARCH_PARALLEL_TOO_MANY", { parallel, most, reason });
}

/** One always may: whether it fits was asked before anybody thought of several. */
function largestThatFits(input: PlanInput, from: number): number {
  for (let count = from; count > 1; count--) {
    const plan: Plan = planRun(partOf(input, count));
    if (plan.memory.fits === "yes") return count;
  }
  return 1;
}
