/** @file Interface of the base and the tuned model for measurements, independent of where they are computed. */

import type { EncodedRow } from "@tunewise/core/rows";
import type { PromptDivergence } from "@tunewise/core/run";
import type {
  Adapter,
  ChooseOptions,
  DecodeOptions,
  LanguageModel,
  LossOptions,
  LossSum,
} from "@tunewise/engine";
import type { EncodedPrompt } from "../encode/index.ts";
import { positionDivergence } from "../evaluate/index.ts";

/** One model; methods as in `LanguageModel`. */
export interface MeasuredModel {
  losses(rows: readonly EncodedRow[], options?: LossOptions): Promise<LossSum[]>;
  generate(prompts: readonly Int32Array[], options: DecodeOptions): Promise<number[][]>;
  choose(
    prompts: readonly Int32Array[],
    choices: readonly ArrayLike<number>[],
    options: ChooseOptions,
  ): ReturnType<LanguageModel["choose"]>;
}

/** A base model and the model tuned from it. */
export interface ModelPair {
  readonly base: MeasuredModel;
  readonly tuned: MeasuredModel;
  /** KL divergence of the tuned model's next tokens from the base's, in nats, summed over each prompt's positions. */
  divergence(prompts: readonly EncodedPrompt[], signal?: AbortSignal): Promise<PromptDivergence[]>;
}

/** The part of an engine model that measurements use. */
export type UsedModel = Pick<LanguageModel, "losses" | "generate" | "choose">;

/** A model of the engine with one adapter; `null` selects the base. */
export function measuredModel(model: UsedModel, adapter: Adapter | null): MeasuredModel {
  return {
    losses: (rows, options) => model.losses(adapter, rows, options),
    generate: (prompts, options) => model.generate(adapter, prompts, options),
    choose: (prompts, choices, options) => model.choose(adapter, prompts, choices, options),
  };
}

/** A model of the engine without and with its adapter. */
export function modelPair(
  model: UsedModel & Pick<LanguageModel, "logits" | "vocabularySize">,
  adapter: Adapter,
): ModelPair {
  return {
    base: measuredModel(model, null),
    tuned: measuredModel(model, adapter),
    divergence: async (prompts, signal) => {
      const found: PromptDivergence[] = [];
      for (const { ids } of prompts) {
        signal?.throwIfAborted();
        const base = await model.logits(null, ids);
        const tuned = await model.logits(adapter, ids);
        // only the sums are retained
        const places = positionDivergence(base, tuned, model.vocabularySize);
        found.push({ sum: places.reduce((sum, kl) => sum + kl, 0), positions: places.length });
      }
      return found;
    },
  };
}
