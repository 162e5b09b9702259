/**
 * @file The basis of a rented machine's estimates, and the published measurements that its rules were compared with.
 */
import type { StackName } from "./stack/rules.ts";
import type { StackSetting, Trained } from "./stack/setting.ts";

/**
 * Published measurements with which a program's rules for a method were compared: on this card, on other cards only, or
 * none.
 */
export type Compared = "this-card" | "other-cards" | "nowhere";

/**
 * Basis of an estimate: a trace of the program's own step, made without a card; rules of the program; either one,
 * calibrated by finished runs on this card; or a speed stated in the recipe.
 */
export type Ground =
  | { readonly by: "rules" | "traced" | "runs"; readonly compared: Compared }
  | { readonly by: "measured"; readonly compared: null };

/** Basis of a rented machine's memory and time estimates. */
export interface Grounds {
  readonly memory: Ground;
  readonly time: Ground;
}

/** Cards with measurements, by program and method; no entry means no measurements. */
type Measured = Readonly<
  Partial<Record<StackName, Readonly<Partial<Record<Trained["kind"], readonly string[]>>>>>
>;

/**
 * Programs, methods and cards of the published measurements that rules were compared with and ranges were derived from.
 *
 * @source test/planner/ranges.test.ts compares with the rows; sources of the rows: docs/benchmarks.md, "Plans for
 *   rented machines"
 */
export const measuredCards: { readonly memory: Measured; readonly time: Measured } = {
  memory: {
    "hf-loop": { full: ["T4"], lora: ["T4"], qlora: ["T4"] },
    torchtune: {
      full: ["RTX 4090", "RTX A6000", "A100-80GB"],
      lora: ["RTX 4090", "RTX A6000", "A100-80GB"],
      qlora: ["RTX 4090", "A100-80GB"],
    },
    "llama-factory": { lora: ["A100-40GB"], qlora: ["A100-40GB"] },
    "llama-factory+unsloth": { lora: ["A100-40GB"], qlora: ["A100-40GB"] },
    litgpt: { full: ["A10G"], lora: ["A100-40GB", "A10G"], qlora: ["A100-40GB", "A10G"] },
    "fsdp-qlora": { lora: ["RTX 3090"], qlora: ["RTX 3090"] },
    unsloth: { qlora: ["T4"] },
    "hf-trl": { full: ["A100-80GB"], lora: ["A100-80GB"], qlora: ["A100-80GB"] },
  },
  time: {
    "hf-loop": { full: ["L40S"], lora: ["L40S"] },
    torchtune: {
      full: ["RTX 4090", "A100-80GB"],
      lora: ["RTX 4090", "A100-80GB"],
      qlora: ["RTX 4090", "A100-80GB"],
    },
    "llama-factory": { lora: ["A100-40GB"], qlora: ["A100-40GB"] },
    "llama-factory+unsloth": { lora: ["A100-40GB"] },
    "llm-foundry": { full: ["H100-SXM", "A100-40GB"] },
    "fsdp-qlora": { lora: ["RTX 4090"], qlora: ["RTX 4090"] },
    "hf-trl": { full: ["A100-80GB"], lora: ["A100-80GB"] },
  },
};

/** Properties that a measurement and a plan must share: program, method, and whether the model has experts. */
type Kind = Pick<StackSetting, "stack" | "trained" | "model">;

/** Looks up the measurements of a program and method; there are none of mixtures of experts or DoRA. */
function comparedOf(quantity: "memory" | "time", { stack, trained, model }: Kind, card: string): Compared {
  const isDora = trained.kind !== "full" && trained.dora === true;
  const cards = measuredCards[quantity][stack.name]?.[trained.kind];
  if (cards === undefined || model.experts > 1 || isDora) return "nowhere";
  return cards.includes(card) ? "this-card" : "other-cards";
}

/** Returns the basis of a program's estimates on a card. */
export function groundsOf(
  kind: Kind,
  card: string,
  { by, tokensPerSecond }: { readonly by: "rules" | "traced"; readonly tokensPerSecond: number | null },
): Grounds {
  return {
    memory: { by, compared: comparedOf("memory", kind, card) },
    time:
      tokensPerSecond === null
        ? { by, compared: comparedOf("time", kind, card) }
        : { by: "measured", compared: null },
  };
}
