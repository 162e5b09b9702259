/**
 * @file Estimates training times at the site of a search. The plan's own times are those of the engine on this machine.
 * For the worker they are scaled to the plan's estimate for its GPUs, or to a finished run of the worker.
 */
import { resolve } from "node:path";
import { type Range, range, type Seconds, seconds } from "@tunewise/core/quantity";
import type { Plan } from "../../plan/index.ts";
import { type Finding, findingOf } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { finishedSeconds, type PlannedRecipe, type WorkerSite } from "../plan/index.ts";
import { siteFlags } from "./search-site.ts";

/** Training times of a search, and their source. */
export interface SiteTime {
  /**
   * Source of the times:
   * - `engine`: the plan, which the engine computes
   * - `cards`: the plan's estimate for the GPUs
   * - `runs`: a finished run of the worker
   * - `assumed`: the engine's plan, although the worker computes
   */
  readonly basis: "engine" | "cards" | "runs" | "assumed";
  /** Returns a plan with the times of the site. */
  readonly timed: (plan: Plan) => Plan;
  /** Maximum seconds of a segment after its last step, in addition to saving. */
  readonly endSeconds: number;
}

/**
 * Assumed seconds until a worker opens the model, because Python imports PyTorch, transformers and PEFT. Ranges from an
 * idle machine to a busy one with a cold disk. Every segment needs this time.
 */
const startSeconds = range(seconds(3), seconds(9), seconds(60));
/** Assumed seconds until the worker's process has ended, and until checkpoints of another machine have arrived. */
const endSeconds = { here: 5, there: 60 } as const;

/** Determines the times of a site. @param whole the recipe, planned for the whole site */
export async function siteTime(
  site: WorkerSite | null,
  { plan, prepared: { loaded, recipe } }: PlannedRecipe,
  runtime: Runtime,
): Promise<SiteTime> {
  if (site === null) return { basis: "engine", timed: (same) => same, endSeconds: 0 };
  const end = { endSeconds: site.address === "here" ? endSeconds.here : endSeconds.there };
  if (ownSeconds(plan) !== null) {
    const timed = (other: Plan): Plan => scaledTo(other, ownSeconds(other) ?? other.time.seconds);
    return { basis: "cards", timed, ...end };
  }
  const output = resolve(loaded.folder, recipe.output);
  const taken = await finishedSeconds(plan, output, site.placement, runtime);
  const factor = taken === null ? 1 : taken / plan.time.seconds.expected;
  const timed = (other: Plan): Plan => {
    const { low, expected, high } = other.time.seconds;
    return scaledTo(other, range(seconds(factor * low), seconds(factor * expected), seconds(factor * high)));
  };
  return { basis: taken === null ? "assumed" : "runs", timed, ...end };
}

/** `SEARCH_TIME_ASSUMED`: the plan of the budget assumes the engine's speed, although the worker trains. */
export function assumedTime({ basis }: SiteTime, site: WorkerSite | null): Finding[] {
  if (basis !== "assumed" || site === null) return [];
  return [findingOf("SEARCH_TIME_ASSUMED", "warning", { flags: siteFlags(site) }, [], 1)];
}

function ownSeconds({ places }: Plan): Range<Seconds> | null {
  return places.find(({ kind }) => kind === "own")?.seconds ?? null;
}

/** Scales a plan's parts to a total, and adds the worker's start. */
export function scaledTo(plan: Plan, total: Range<Seconds>): Plan {
  const { time } = plan;
  const parts = time.parts.map((part) => {
    const share = part.seconds.expected / time.seconds.expected;
    const [low, expected, high] = [total.low, total.expected, total.high].map((one) => seconds(share * one));
    return { ...part, seconds: range(low as Seconds, expected as Seconds, high as Seconds) };
  });
  const start = { name: "start", seconds: startSeconds, reason: "Python imports PyTorch" } as const;
  return { ...plan, time: { ...time, parts: [...parts, start], seconds: total } };
}
