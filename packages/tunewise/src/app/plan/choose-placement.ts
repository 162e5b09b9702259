/** @file `run --on here`: the engine or the worker on PyTorch, by what is installed, what fits and what is quicker. */
import { join } from "node:path";
import { bytes, bytesText, type Seconds, seconds, secondsText } from "@tunewise/core/quantity";
import type { Placement, TorchPlacement } from "@tunewise/core/run";
import { executedSpec, type WorkerHere } from "../../executors/index.ts";
import type { Plan } from "../../plan/index.ts";
import { workerKeys } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { decodingFor } from "../../scoring/index.ts";
import { engineProblem } from "./engine-family.ts";
import { completedRuns, methodOf, readPlanAndPeak } from "./finished-runs.ts";
import type { PlannedRecipe } from "./plan-recipe.ts";

/** What the choice rests on. */
export interface PlaceFacts {
  /** `model_type` of a model that the engine does not compute; `null`: it does. */
  readonly unknownFamily: string | null;
  /** Settings that the worker alone computes. */
  readonly workerKeys: readonly string[];
  /** Whether answers are structured output, which the engine alone has. */
  readonly isStructured: boolean;
  readonly isWorkerInstalled: boolean;
  /** The cards of this machine in words, and whether the worker can compute on one. */
  readonly card: { readonly text: string; readonly isUsable: boolean } | null;
  /** Why the run cannot fit into the card, in a clause; `null`: it may. */
  readonly misfit: string | null;
  /** What this run takes by the engine, as planned. */
  readonly engineSeconds: Seconds;
  /** What this run takes by the worker on the processor, as runs in the record did; `null`: there is none. */
  readonly workerSeconds: Seconds | null;
}

/** What is to compute a run here, and why, in a clause. */
export interface ChosenPlace {
  readonly by: Placement["kind"];
  readonly reason: string;
}

/**
 * Chooses what computes a run on this machine. A run that may fit into the card is given to it: the worker tries its
 * longest batch before the first step.
 */
export function choosePlace(facts: PlaceFacts): ChosenPlace {
  const { unknownFamily, isWorkerInstalled, card, misfit, engineSeconds, workerSeconds } = facts;
  if (unknownFamily !== null)
    return { by: "torch", reason: `the engine does not compute the family ${unknownFamily}` };
  if (facts.workerKeys.length > 0)
    return { by: "torch", reason: `the engine does not compute ${facts.workerKeys.join(", ")}` };
  if (facts.isStructured)
    return { by: "this-machine", reason: "the worker on PyTorch has no structured output" };
  if (!isWorkerInstalled) {
    const hint = card?.isUsable ? `; to use ${card.text}: tunewise worker install` : "";
    return { by: "this-machine", reason: `the worker on PyTorch is not installed${hint}` };
  }
  if (card?.isUsable && misfit !== null) return { by: "this-machine", reason: misfit };
  if (card?.isUsable) return { by: "torch", reason: `a card is there: ${card.text}` };
  const idle = card === null ? "" : `${card.text}; `;
  const planned = `the engine's plan says ${secondsText(engineSeconds)}`;
  if (workerSeconds === null) {
    const unknown = "the worker's speed on this processor is not known before a run of this model and method";
    return { by: "this-machine", reason: `${idle}${planned}, and ${unknown}` };
  }
  const measured = `the worker needs ${secondsText(workerSeconds)} by its finished runs`;
  const by = workerSeconds < engineSeconds ? "torch" : "this-machine";
  return { by, reason: `${idle}${planned}, and ${measured}` };
}

/** Collects what the choice rests on. @param output folder of the record */
export async function placeFacts(
  { plan, prepared }: PlannedRecipe,
  output: string,
  { isInstalled, device, cards }: WorkerHere,
  runtime: Runtime,
): Promise<PlaceFacts> {
  const { config } = prepared.model;
  const isUnknown = engineProblem(prepared.model, []) !== null;
  const text = cards ?? (device === "mps" ? "Apple's graphics processor" : null);
  return {
    unknownFamily: isUnknown ? String(config["model_type"] ?? "missing") : null,
    workerKeys: workerKeys(prepared.recipe),
    isStructured: decodingFor(prepared).kind === "json",
    isWorkerInstalled: isInstalled,
    card: text === null ? null : { text, isUsable: device !== "cpu" },
    misfit: misfitOf(plan),
    engineSeconds: plan.time.seconds.expected,
    workerSeconds: await finishedSeconds(plan, output, { device: "cpu", processes: 1 }, runtime),
  };
}

/** The time of the worker's newest finished run of this model and method at such a place, per token of training. */
export async function finishedSeconds(
  plan: Plan,
  output: string,
  { device, processes, host }: Pick<TorchPlacement, "device" | "processes" | "host">,
  runtime: Runtime,
): Promise<Seconds | null> {
  for (const run of await completedRuns(runtime, output)) {
    if (run.model !== plan.model.source || methodOf(run) !== plan.model.method) continue;
    const placement = (await executedSpec(join(output, run.folder)))?.placement;
    if (placement?.kind !== "torch" || placement.host?.address !== host?.address) continue;
    if (placement.device !== device || placement.processes !== processes) continue;
    const tokens = (await readPlanAndPeak(run, output))?.plan.schedule.tokens ?? 0;
    if (tokens > 0) return seconds((run.wallSeconds * plan.schedule.tokens) / tokens);
  }
  return null;
}

/** Why the cards at hand are too small, whichever end of the plan's range is right; `null`: they may do. */
export function misfitOf({ places }: Plan): string | null {
  const own = places.find(({ kind }) => kind === "own");
  if (!own?.memory || own.memory.bytes.low <= own.memory.usableBytes) return null;
  const [needed, usable] = [own.memory.bytes.low, own.memory.usableBytes].map((one) => bytesText(bytes(one)));
  return `a step takes at least ${needed} of each card of ${own.name}, which has ${usable} free`;
}
