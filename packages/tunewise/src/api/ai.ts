/** @file `tunewise/ai`: a run's model, or any other, in this process as a language model of the AI SDK. */
import { openTextModel } from "../app/inference/index.ts";
import { type AiModel, languageModel } from "./ai-model.ts";
import { runtimeOf, type WithRuntime } from "./runtime.ts";

export type { Runtime } from "../runtime/index.ts";
export type { AiContent, AiFinishReason, AiModel, AiResult, AiStreamPart, AiUsage } from "./ai-model.ts";
export type { AiWarning } from "./ai-question.ts";
export type { WithRuntime } from "./runtime.ts";

/**
 * Options of a language model.
 *
 * @example
 * import type { AiModelOptions } from "tunewise/ai";
 *
 * const options: AiModelOptions = { base: true };
 * console.log(options.base); // true
 */
export interface AiModelOptions extends WithRuntime {
  /** Answer with the base model, even for a run. Default: the tuned model. */
  readonly base?: boolean;
  /** Folder that holds the runs. Default: .tunewise. */
  readonly output?: string;
}

/**
 * Creates a language model for `generateText`, `streamText` and `generateObject` of the AI SDK. Its weights are
 * read with
 * the first call, which fails with the errors of `openModel`.
 *
 * @param source a run (id, id prefix, `latest`), a recipe (`.yaml`), or a model (hub id, folder, `.gguf` file)
 * @example
 * import { tunewise } from "tunewise/ai";
 *
 * const model = tunewise("latest");
 * console.log(model.provider, model.modelId); // tunewise latest
 */
export function tunewise(source: string, options: AiModelOptions = {}): AiModel {
  const { base = false, output } = options;
  const runtime = runtimeOf(options);
  const open = { base, ...(output !== undefined && { output }) };
  return languageModel(source, base, () => openTextModel(source, runtime, open), runtime);
}
