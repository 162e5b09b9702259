/**
 * @file How long trainings take at the site of a search. The plan's own times are those of the engine on this machine:
 * for the worker they are scaled to what the plan says of its cards, or to what a finished run of the worker took.
 */
import { resolve } from "node:path";
import { type Range, range, type Seconds, seconds } from "@tunewise/core/quantity";
import type { Plan } from "../../plan/index.ts";
import { type Finding, findingOf } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { finishedSeconds, type PlannedRecipe, type WorkerSite } from "../plan/index.ts";
import { siteFlags } from "./search-site.ts";

/** What the times of a search's trainings rest on. */
export interface SiteTime {
  /** `engine`: its plan, which it computes; `assumed`: its plan, though the worker computes. */
  readonly basis: "engine" | "cards" | "runs" | "assumed";
  /** The plan with the times of the site. */
  readonly timed: (plan: Plan) => Plan;
  /** Seconds that a segment may take to end after its last step, beside saving: at the high end. */
  readonly endSeconds: number;
}

/**
 * Seconds until a worker opens the model: Python imports PyTorch, transformers and PEFT. Each segment pays them.
 * Assumed: from an idle machine to a busy one whose disk is cold.
 */
const startSeconds = range(seconds(3), seconds(9), seconds(60));
/** Until the worker's process has ended, and until checkpoints of another machine are here. Assumed. */
const endSeconds = { here: 5, there: 60 } as const;

/** Finds what the times rest on. @param whole the recipe, planned for the whole site */
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

/** `SEARCH_TIME_ASSUMED`: what the budget buys is planned as if the engine trained. */
export function assumedTime({ basis }: SiteTime, site: WorkerSite | null): Finding[] {
  if (basis !== "assumed" || site === null) return [];
  return [findingOf("SEARCH_TIME_ASSUMED", "warning", { flags: siteFlags(site) }, [], 1)];
}

function ownSeconds({ places }: Plan): Range<Seconds> | null {
  return places.find(({ kind }) => kind === "own")?.seconds ?? null;
}

/** The plan with parts that add up to a total, and the worker's start on top. */
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
