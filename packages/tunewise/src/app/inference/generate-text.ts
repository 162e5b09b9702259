/** @file `tunewise model generate`: answers a prompt with a run's model or any other model. */
import type { Message } from "@tunewise/core/rows";
import { type OnDownload, readSchema } from "../../prepare/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { answerOf } from "./open-model.ts";
import { decodingOf, openTextModel } from "./text-model.ts";

/** Prompt and decoding options. */
export interface GenerateOptions {
  readonly prompt: string;
  readonly system?: string;
  /** File with the JSON Schema of the answer. */
  readonly schema?: string;
  readonly output?: string;
  readonly maxNewTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly onDownload?: OnDownload;
}

/** An answer and the model that generated it. */
export interface GeneratedText {
  readonly text: string;
  readonly tokens: number;
  /** Run id or model. */
  readonly by: string;
  /** Whether the text continues the prompt, as after training on documents; otherwise it answers it. */
  readonly isContinuation: boolean;
}

/**
 * Answers a prompt. It is rendered with the model's chat template, in the format of the training rows. A model trained
 * on documents continues the prompt instead, unless there is a system message.
 *
 * @param source a run (id, id prefix, `latest`), or a model (hub id, folder, `.gguf` file)
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_WITHOUT_ADAPTER`, `MODEL_NOT_FOUND`, `PROMPT_TOO_LONG`,
 *   `SCORING_FILE_UNREADABLE`, `SCHEMA_UNSUPPORTED`, `CONSTRAINT_TOKENIZER`, `CONSTRAINT_DEAD_END`, `USAGE_INTERRUPTED`
 */
export async function generateText(
  source: string,
  runtime: Runtime,
  { prompt, system, schema, ...options }: GenerateOptions,
): Promise<GeneratedText> {
  const json = schema === undefined ? {} : { json: { schema: await readSchema(runtime.cwd, schema) } };
  const textModel = await openTextModel(source, runtime, options);
  const [variant] = textModel.variants;
  const messages: Message[] = [
    ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
    { role: "user", content: prompt },
  ];
  const isContinuation = variant.continuesText && system === undefined;
  try {
    const { text, tokens } = await answerOf(textModel, {
      variant,
      prompt: isContinuation ? { kind: "text", text: prompt } : { kind: "chat", messages },
      ...decodingOf(variant, options),
      maxTokens: options.maxNewTokens ?? variant.decoding.maxNewTokens,
      ...json,
      signal: runtime.signal,
    });
    return { text, tokens, by: variant.kind === "tuned" ? variant.name : source, isContinuation };
  } finally {
    await textModel.close();
  }
}
