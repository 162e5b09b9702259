/** @file Refuses results of the worker that the engine cannot use, and names a program that can. */
import { join } from "node:path";
import { checkTrainable } from "@tunewise/engine";
import type { ModelFiles } from "@tunewise/engine/weights";
import { problem, TunewiseError } from "../../problem/index.ts";
import { adapterKeys, type MethodSection } from "../../recipe/index.ts";
import type { FoundRun } from "./find-run.ts";

/**
 * Refuses a run whose model or kind of adapter the engine does not support.
 *
 * @param files the model's files; `null` before they are open, to check only the kind of adapter
 * @throws {TunewiseError} `RUN_MODEL_UNSUPPORTED`
 */
export function requireEngine(
  { run, folder }: FoundRun,
  files: ModelFiles | null,
  method: MethodSection,
): void {
  const reason = (files && modelProblem(files)) ?? adapterProblem(method);
  if (reason === null) return;
  const isFull = method.kind === "full";
  const model = JSON.stringify(files?.folder ?? run.model);
  const result = JSON.stringify(isFull ? join(folder.weights, "tuned.safetensors") : folder.adapter);
  const open = `from transformers import AutoModelForCausalLM\nmodel = AutoModelForCausalLM.from_pretrained(${model})`;
  const code = isFull
    ? `${open}\nfrom safetensors.torch import load_file\nmodel.load_state_dict(load_file(${result}), strict=False)`
    : `${open}\nfrom peft import PeftModel\nmodel = PeftModel.from_pretrained(model, ${result})`;
  throw problem("RUN_MODEL_UNSUPPORTED", { run: run.id, model: run.model, reason, code });
}

function adapterProblem(method: MethodSection): string | null {
  const keys = adapterKeys(method).map((key) => `method.${key}`);
  return keys.length === 0 ? null : `its adapter was made with ${keys.join(", ")}.`;
}

function modelProblem({ config }: ModelFiles): string | null {
  try {
    checkTrainable(config, []);
    return null;
  } catch (error) {
    if (!TunewiseError.is(error)) throw error;
    return error.message;
  }
}
