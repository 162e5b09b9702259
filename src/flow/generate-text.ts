/**
 * @file `tunewise generate`: lets a run's model, or any model, answer a prompt.
 */
import { createTokenizer, type Message } from "../dataset/index.ts";
import { type Adapter, type LanguageModel, type ModelFiles, openModel } from "../engine/index.ts";
import { TunewiseError } from "../problem/index.ts";
import { findRun, recipeOfRun } from "./find-run.ts";
import type { Host } from "./host.ts";
import { findModel, type OnDownload } from "./prepare.ts";
import { loadTuned, openBaseModel, usualHolding } from "./run/tuned.ts";

/** What to ask and how to answer. */
export interface GenerateOptions {
  readonly prompt: string;
  readonly system?: string;
  readonly output?: string;
  readonly maxNewTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly onDownload?: OnDownload;
}

/** An answer with what gave it. */
export interface GeneratedText {
  readonly text: string;
  readonly tokens: number;
  /** Run id or model. */
  readonly by: string;
}

/** Who answers, and how by default. */
interface Speaker {
  readonly files: ModelFiles;
  readonly by: string;
  /** The base, held as it was trained with, and what is beside or in place of it. */
  readonly open: () => Promise<{ readonly model: LanguageModel; readonly adapter: Adapter | null }>;
  readonly system: string | null;
  readonly promptTemplate: string;
  readonly decoding: { readonly maxNewTokens: number; readonly temperature: number; readonly topP: number };
}

/**
 * Answers a prompt, put through the model's chat template as the training rows were.
 *
 * @param source a run (id, start of one, `latest`), or a model (hub id, folder, `.gguf` file)
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_WITHOUT_ADAPTER`, `MODEL_NOT_FOUND`
 */
export async function generateText(
  source: string,
  host: Host,
  options: GenerateOptions,
): Promise<GeneratedText> {
  const speaker = await findSpeaker(source, host, options);
  const tokenizer = createTokenizer(speaker.files.tokenizer);
  const system = options.system ?? speaker.system;
  const content = speaker.promptTemplate.replace("{prompt}", () => options.prompt);
  const messages: Message[] = [
    ...(system === null ? [] : [{ role: "system" as const, content: system }]),
    { role: "user", content },
  ];
  const prompt = tokenizer.encode(tokenizer.render(messages, { addGenerationPrompt: true }));
  const { model, adapter } = await speaker.open();
  try {
    const [ids = []] = await model.generate(adapter, [Int32Array.from(prompt)], {
      maxNewTokens: options.maxNewTokens ?? speaker.decoding.maxNewTokens,
      temperature: options.temperature ?? speaker.decoding.temperature,
      topP: options.topP ?? speaker.decoding.topP,
      seed: options.seed ?? 17,
      endIds: tokenizer.endIds,
      batchSize: 1,
      signal: host.signal,
    });
    return { text: tokenizer.decode(ids, { skipSpecialTokens: true }), tokens: ids.length, by: speaker.by };
  } finally {
    await model.close();
    await speaker.files.weights.close();
  }
}

async function findSpeaker(
  source: string,
  host: Host,
  { output, onDownload }: GenerateOptions,
): Promise<Speaker> {
  const found = await findRun(source, host, output).catch((error: unknown) => {
    if (TunewiseError.is(error) && error.code === "RUN_NOT_FOUND" && source !== "latest") return null;
    throw error;
  });
  if (found === null) {
    const files = await findModel(source, "main", host.cwd, host, onDownload);
    const decoding = { maxNewTokens: 256, temperature: 0, topP: 1 };
    return {
      files,
      by: source,
      open: async () => ({ model: await openModel(files, { threads: host.cores }), adapter: null }),
      system: null,
      promptTemplate: "{prompt}",
      decoding,
    };
  }
  const { run, folder } = found;
  const { recipe, folder: recipeFolder } = await recipeOfRun(found);
  const files = await findModel(recipe.model.source, recipe.model.revision, recipeFolder, host, onDownload);
  return {
    files,
    by: run.id,
    open: async () => {
      const model = await openBaseModel(files, recipe, usualHolding(recipe), host);
      try {
        return { model, adapter: await loadTuned(model, recipe, folder, run) };
      } catch (error) {
        await model.close();
        throw error;
      }
    },
    system: recipe.data.system,
    promptTemplate: recipe.data.promptTemplate,
    decoding: recipe.evaluation,
  };
}
