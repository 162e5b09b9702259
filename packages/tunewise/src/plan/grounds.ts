/** @file What a figure of a rented machine rests on, and which published measurements its rules were compared with. */
import type { StackName } from "./stack/rules.ts";
import type { StackSetting, Trained } from "./stack/setting.ts";

/**
 * Where published measurements of a program and method were made that its rules were compared with: also on this card,
 * on other cards only, or nowhere.
 */
export type Compared = "this-card" | "other-cards" | "nowhere";

/**
 * What a figure rests on: the program's own step, traced without a card; rules of the program; either of them,
 * corrected by finished runs on this card; or a speed that the recipe states.
 */
export type Ground =
  | { readonly by: "rules" | "traced" | "runs"; readonly compared: Compared }
  | { readonly by: "measured"; readonly compared: null };

/** Grounds of a rented machine's memory and time. */
export interface Grounds {
  readonly memory: Ground;
  readonly time: Ground;
}

/** Cards by program and method; one without an entry was compared with nothing. */
type Measured = Readonly<
  Partial<Record<StackName, Readonly<Partial<Record<Trained["kind"], readonly string[]>>>>>
>;

/**
 * Programs, methods and cards of the published rows that rules were compared with and ranges were chosen by.
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

/** What a measurement must have in common with a plan: program, method, and whether there are experts. */
type Kind = Pick<StackSetting, "stack" | "trained" | "model">;

/** Finds where a program and method were measured; no row has a mixture of experts or DoRA. */
function comparedOf(quantity: "memory" | "time", { stack, trained, model }: Kind, card: string): Compared {
  const isDora = trained.kind !== "full" && trained.dora === true;
  const cards = measuredCards[quantity][stack.name]?.[trained.kind];
  if (cards === undefined || model.experts > 1 || isDora) return "nowhere";
  return cards.includes(card) ? "this-card" : "other-cards";
}

/** Grounds of a program on a card. */
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
