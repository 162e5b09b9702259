/**
 * @file What pulls a training back towards the base, as a term of the loss.
 */
import type { TrainedAdapter } from "../adapters/tuned.ts";
import type { Penalty, PenaltySettings } from "../penalties/settings.ts";
import { fullPenalty } from "./full-penalty.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { loraPenalty } from "./lora-penalty.ts";

/**
 * The penalty for an adapter: on weights themselves, or on the product that LoRA adds to them.
 *
 * EWC on A and B as plain weights would protect nothing: B starts at zero, so the Fisher of A is zero.
 *
 * @source Kirkpatrick et al. 2017 (arXiv 1612.00796), equation 3; L2-SP: Li et al. 2018 (arXiv 1802.01483), section 3
 */
export async function createPenalty(
  model: LoadedModel,
  adapter: TrainedAdapter,
  settings: PenaltySettings,
): Promise<Penalty> {
  return adapter.kind === "full"
    ? fullPenalty(model, adapter, settings)
    : loraPenalty(model, adapter, settings);
}
