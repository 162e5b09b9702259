/** @file Results of the worker that the engine cannot compute with: refused with what can. */
import { join } from "node:path";
import { checkTrainable } from "../../engine/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { ModelFiles } from "../../weights/index.ts";
import type { FoundRun } from "./find-run.ts";

/**
 * Refuses the model of a run that the engine does not compute.
 *
 * @param isFull whether the run trained weights of the model, and no adapter beside it
 * @throws {TunewiseError} `RUN_MODEL_UNFIT`
 */
export function demandEngine(
  { run, folder }: FoundRun,
  { config, folder: modelFolder }: ModelFiles,
  isFull: boolean,
): void {
  try {
    checkTrainable(config, []);
  } catch (error) {
    if (!TunewiseError.is(error)) throw error;
    const model = JSON.stringify(modelFolder ?? run.model);
    const result = JSON.stringify(isFull ? join(folder.weights, "tuned.safetensors") : folder.adapter);
    const open = `from transformers import AutoModelForCausalLM\nmodel = AutoModelForCausalLM.from_pretrained(${model})`;
    const code = isFull
      ? `${open}\nfrom safetensors.torch import load_file\nmodel.load_state_dict(load_file(${result}), strict=False)`
      : `${open}\nfrom peft import PeftModel\nmodel = PeftModel.from_pretrained(model, ${result})`;
    throw problem("RUN_MODEL_UNFIT", { run: run.id, model: run.model, reason: error.message, code });
  }
}
