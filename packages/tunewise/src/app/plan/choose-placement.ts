/**
 * @file `run --on here`: chooses the engine or the PyTorch worker by what is installed, what fits and what is faster.
 */
import { join } from "node:path";
import { bytes, bytesText, type Seconds, seconds, secondsText } from "@tunewise/core/quantity";
import type { Placement, TorchPlacement } from "@tunewise/core/run";
import { executedSpec, type WorkerHere } from "../../executors/index.ts";
import type { Plan } from "../../plan/index.ts";
import { workerKeys } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { decodingFor, isStructured } from "../../scoring/index.ts";
import { engineProblem } from "./engine-family.ts";
import { completedRuns, methodOf, readPlanAndPeak } from "./finished-runs.ts";
import type { PlannedRecipe } from "./plan-recipe.ts";

/** Facts for the choice. */
export interface PlaceFacts {
  /** `model_type` of a model that the engine does not support; `null` if it does. */
  readonly unknownFamily: string | null;
  /** Settings that only the worker supports. */
  readonly workerKeys: readonly string[];
  /** Whether answers are structured output, which only the engine supports. */
  readonly isStructured: boolean;
  readonly isWorkerInstalled: boolean;
  /** Description of this machine's GPUs, and whether the worker can compute on one. */
  readonly card: { readonly text: string; readonly isUsable: boolean } | null;
  /** Why the run cannot fit into the GPU, as a clause; `null` if it may fit. */
  readonly misfit: string | null;
  /** Planned time of this run with the engine. */
  readonly engineSeconds: Seconds;
  /** Time of this run with the worker on the CPU, from recorded runs; `null` if there are none. */
  readonly workerSeconds: Seconds | null;
}

/** What computes a run here, with the reason as a clause. */
export interface ChosenPlace {
  readonly by: Placement["kind"];
  readonly reason: string;
}

/**
 * Chooses what computes a run on this machine. A run that may fit into the GPU is given to the worker, which tries the
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

/** Collects the facts for the choice. @param output folder of the record */
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
    isStructured: isStructured(decodingFor(prepared)),
    isWorkerInstalled: isInstalled,
    card: text === null ? null : { text, isUsable: device !== "cpu" },
    misfit: misfitOf(plan),
    engineSeconds: plan.time.seconds.expected,
    workerSeconds: await finishedSeconds(plan, output, { device: "cpu", processes: 1 }, runtime),
  };
}

/**
 * Estimates this plan's time from the worker's newest finished run of the same model and method on such a device,
 * scaled by the number of training tokens.
 */
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

/** Why the available GPUs are too small even at the low end of the plan's range; `null` if they may suffice. */
export function misfitOf({ places }: Plan): string | null {
  const own = places.find(({ kind }) => kind === "own");
  if (!own?.memory || own.memory.bytes.low <= own.memory.usableBytes) return null;
  const [needed, usable] = [own.memory.bytes.low, own.memory.usableBytes].map((one) => bytesText(bytes(one)));
  return `a step needs at least ${needed} on each GPU of ${own.name}, which has ${usable} free`;
}
