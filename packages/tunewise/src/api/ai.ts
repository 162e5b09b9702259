/** @file `tunewise/ai`: a run's model, or any other, in this process as a language model of the AI SDK. */
import { openTextModel, type TextModel } from "../app/inference/index.ts";
import { type AiResult, type AiStreamPart, streamAnswer, wholeAnswer } from "./ai-model.ts";
import { runtimeOf, type WithRuntime } from "./runtime.ts";

export type { Runtime } from "../runtime/index.ts";
export type { AiContent, AiFinishReason, AiResult, AiStreamPart, AiUsage } from "./ai-model.ts";
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

/** A language model of version 3 of the AI SDK's specification, for `ai` 6 and later. */
export interface AiModel {
  readonly specificationVersion: "v3";
  readonly provider: "tunewise";
  readonly modelId: string;
  readonly supportedUrls: Record<string, RegExp[]>;
  doGenerate(options: object): Promise<AiResult>;
  doStream(options: object): Promise<{ readonly stream: ReadableStream<AiStreamPart> }>;
  /** Frees the model's memory. */
  close(): Promise<void>;
}

/**
 * Creates a language model for `generateText`, `streamText` and `generateObject` of the AI SDK. Its weights are read with
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
  return languageModel(source, base, () =>
    openTextModel(source, runtimeOf(options), { base, ...(output !== undefined && { output }) }),
  );
}

/** A language model over a text model that is opened with the first call. */
export function languageModel(modelId: string, base: boolean, open: () => Promise<TextModel>): AiModel {
  let opened: Promise<TextModel> | null = null;
  const model = (): Promise<TextModel> => {
    opened ??= open().catch((error: unknown) => {
      opened = null; // the next call tries again
      throw error;
    });
    return opened;
  };
  return {
    specificationVersion: "v3",
    provider: "tunewise",
    modelId,
    supportedUrls: {},
    doGenerate: async (options) => wholeAnswer(await model(), options, base),
    doStream: async (options) => streamAnswer(await model(), options, base),
    close: async () => {
      const one = await opened?.catch(() => null);
      opened = null;
      await one?.close();
    },
  };
}
