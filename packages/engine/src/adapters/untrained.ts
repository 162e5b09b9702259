/** @file The initial values of an adapter, without opening the model. */

import { readArchitecture } from "../models/read-architecture.ts";
import type { AdapterTensor, ModelFiles } from "../weights/index.ts";
import { createLora, type LoraRequest } from "./lora.ts";

/**
 * Tensors of a new adapter, under PEFT's names.
 *
 * @throws {TunewiseError} `MODEL_FAMILY_UNKNOWN`, `ENGINE_TARGET_UNKNOWN`, `ENGINE_RANK_INVALID`
 */
export function untrainedAdapter(
  { config }: Pick<ModelFiles, "config">,
  request: LoraRequest,
  seed: number,
): readonly AdapterTensor[] {
  return createLora(readArchitecture(config), request, seed).tensors();
}
