/** @file What a figure of a rented machine rests on, and which published measurements its rules were compared with. */
import type { StackName } from "./stack/rules.ts";

/**
 * Where published measurements of a program were made that its rules were compared with: also on this card, on other
 * cards only, or nowhere.
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

/** Cards by program; a program without an entry was compared with nothing. */
type Measured = Readonly<Partial<Record<StackName, readonly string[]>>>;

/**
 * Programs and cards of the published rows that rules were compared with and ranges were chosen by.
 *
 * @source test/planner/ranges.test.ts compares with the rows; sources of the rows: docs/benchmarks.md, "Plans for
 *   rented machines"
 */
export const measuredCards: { readonly memory: Measured; readonly time: Measured } = {
  memory: {
    "hf-loop": ["T4"],
    torchtune: ["RTX 4090", "RTX A6000", "A100-80GB"],
    "llama-factory": ["A100-40GB"],
    "llama-factory+unsloth": ["A100-40GB"],
    litgpt: ["A100-40GB", "A10G"],
    "fsdp-qlora": ["RTX 3090"],
    unsloth: ["T4"],
    "hf-trl": ["A100-80GB"],
  },
  time: {
    "hf-loop": ["L40S"],
    torchtune: ["RTX 4090", "A100-80GB"],
    "llama-factory": ["A100-40GB"],
    "llama-factory+unsloth": ["A100-40GB"],
    "llm-foundry": ["H100-SXM", "A100-40GB"],
    "fsdp-qlora": ["RTX 4090"],
    "hf-trl": ["A100-80GB"],
  },
};

/** Finds where a program was measured. */
export function comparedOf(quantity: "memory" | "time", program: StackName, card: string): Compared {
  const cards = measuredCards[quantity][program];
  if (cards === undefined) return "nowhere";
  return cards.includes(card) ? "this-card" : "other-cards";
}

/** Grounds of a program on a card. */
export function groundsOf(
  program: StackName,
  card: string,
  { by, tokensPerSecond }: { readonly by: "rules" | "traced"; readonly tokensPerSecond: number | null },
): Grounds {
  return {
    memory: { by, compared: comparedOf("memory", program, card) },
    time:
      tokensPerSecond === null
        ? { by, compared: comparedOf("time", program, card) }
        : { by: "measured", compared: null },
  };
}
