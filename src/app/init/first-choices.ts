/**
 * @file What `init` proposes where nobody says otherwise: the one place to change it. What the recipe's defaults derive
 * (rate, epochs, batch, rank) is left to them.
 */
import { bytes, bytesText, countOf } from "../../quantity/index.ts";
import type { Host } from "../../runtime/index.ts";

/** A setting with the sentence that says why. */
export interface Proposal {
  /** Path in the recipe. */
  readonly key: string;
  readonly value: string | number;
  readonly why: string;
}

/** Small enough for any laptop, and the demo's model. */
export const firstModel = "HuggingFaceTB/SmolLM2-135M-Instruct";

/** Minutes after which a first run saves and stops. */
export const firstMinutes = 60;

/** What the user said. */
export interface SaidChoices {
  readonly model: string | null;
  readonly usdPerHour: number | null;
  readonly budgetUsd: number | null;
  readonly budgetMinutes: number | null;
}

/** Model, method, machine and budget with a sentence each. */
export function firstChoices(said: SaidChoices, host: Pick<Host, "cores" | "memoryBytes">): Proposal[] {
  const { model, usdPerHour, budgetUsd, budgetMinutes } = said;
  const machine = `${countOf(host.cores, "core")}, ${bytesText(bytes(host.memoryBytes))}`;
  const asSaid = "as you said";
  return [
    {
      key: "model",
      value: model ?? firstModel,
      why:
        model === null
          ? "135 M weights: a first result on any laptop, in minutes; --model takes a larger one"
          : asSaid,
    },
    {
      key: "method.kind",
      value: "lora",
      why: "trains a small adapter and leaves the model's weights alone; the default",
    },
    {
      key: "machine.usd_per_hour",
      value: usdPerHour ?? 0,
      why: usdPerHour === null ? `this machine (${machine}) costs nothing more; --rate prices it` : asSaid,
    },
    ...(budgetUsd === null ? [] : [{ key: "budget.usd", value: budgetUsd, why: asSaid }]),
    ...(budgetUsd !== null && budgetMinutes === null
      ? []
      : [
          {
            key: "budget.minutes",
            value: budgetMinutes ?? firstMinutes,
            why: budgetMinutes === null ? "a run saves and stops there, and can be resumed" : asSaid,
          },
        ]),
  ];
}
