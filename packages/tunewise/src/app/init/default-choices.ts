/**
 * @file Default choices of `init`. Settings that recipes derive (learning rate, epochs, batch size, rank) are not set.
 */

/** A proposed setting and its reason. */
export interface Proposal {
  /** Path in the recipe. */
  readonly key: string;
  readonly value: string | number;
  readonly why: string;
}

/** The default model, which is small enough for any laptop. The demo uses it too. */
export const defaultModel = "HuggingFaceTB/SmolLM2-135M-Instruct";

/** Minutes after which a first run saves and stops. */
export const defaultMinutes = 60;

/** Choices of the user; `null` selects the default. */
export interface UserChoices {
  readonly model: string | null;
  readonly usdPerHour: number | null;
  readonly budgetUsd: number | null;
  readonly budgetMinutes: number | null;
}

/** Proposes model, method, machine and budget, with reasons. */
export function defaultChoices({ model, usdPerHour, budgetUsd, budgetMinutes }: UserChoices): Proposal[] {
  const asSaid = "as you said";
  return [
    {
      key: "model",
      value: model ?? defaultModel,
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
    ...(usdPerHour === null ? [] : [{ key: "machine.usd_per_hour", value: usdPerHour, why: asSaid }]),
    ...(budgetUsd === null ? [] : [{ key: "budget.usd", value: budgetUsd, why: asSaid }]),
    ...(budgetUsd !== null && budgetMinutes === null
      ? []
      : [
          {
            key: "budget.minutes",
            value: budgetMinutes ?? defaultMinutes,
            why: budgetMinutes === null ? "a run saves and stops there, and can be resumed" : asSaid,
          },
        ]),
  ];
}
