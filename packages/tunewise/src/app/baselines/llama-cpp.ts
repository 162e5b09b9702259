/**
 * @file Runs `.gguf` models with llama.cpp, using the package `node-llama-cpp` if it is installed.
 *
 * This is the only file that uses that package. tunewise never downloads or builds it. It resolves the package beside
 * tunewise or in the folder `TUNEWISE_LLAMA_CPP`, never beside a recipe, because a shared recipe must not bring code.
 */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { compileChatTemplate, type Tokenizer } from "@tunewise/engine/tokenize";
import type { ArmLine } from "../../baselines/index.ts";
import { loadPackage, problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** A model loaded by llama.cpp. */
export interface LlamaModel {
  /** Maximum number of tokens of prompt and answer together. */
  readonly contextLength: number;
  /** Tokenizer with the file's own chat template and vocabulary. */
  readonly tokenizer: Pick<Tokenizer, "render" | "encode">;
  /** Continues a prompt greedily. The answer excludes the end token. */
  answer(prompt: Int32Array, maxTokens: number, signal: AbortSignal): Promise<LlamaAnswer>;
  close(): Promise<void>;
}

/** An answer and its number of tokens. */
export interface LlamaAnswer {
  readonly text: string;
  readonly answerTokens: number;
}

/** Maximum context, whose memory is allocated up front. */
const maxContext = 8192;

/** Maximum length of a chat template, in characters. */
const maxTemplateChars = 200_000;

/**
 * Opens a model file.
 *
 * @throws {TunewiseError} `LLAMA_CPP_MISSING`, `LLAMA_CPP_FAILED`, `MODEL_FILE_MISSING`, and those of chat templates
 */
export async function openLlamaModel(
  path: string,
  { threads, environment }: { readonly threads: number; readonly environment: NodeJS.ProcessEnv },
): Promise<LlamaModel> {
  if (!existsSync(path)) throw problem("MODEL_FILE_MISSING", { place: "this machine", file: path });
  const { getLlama } = await loadLlamaCpp(environment["TUNEWISE_LLAMA_CPP"]);
  return wrapErrors(path, async () => {
    const llama = await getLlama({
      build: "never",
      skipDownload: true,
      logLevel: "error",
      maxThreads: threads,
    });
    const model = await llama.loadModel({ modelPath: path });
    const contextLength = Math.min(model.trainContextSize, maxContext);
    const context = await model.createContext({ contextSize: contextLength, sequences: 1, threads });
    const sequence = context.getSequence();
    return {
      contextLength,
      tokenizer: tokenizerOf(path, model),
      answer: (prompt, most, signal) => wrapErrors(path, () => decode(model, sequence, prompt, most, signal)),
      close: async () => {
        await context.dispose();
        await model.dispose();
        await llama.dispose();
      },
    };
  });
}

/** The part of the package that tunewise uses. @source withcatai/node-llama-cpp 3.22.1 */
interface LlamaPackage {
  readonly getLlama: (options: object) => Promise<{
    loadModel(options: object): Promise<Model>;
    dispose(): Promise<void>;
  }>;
}

interface Model {
  readonly trainContextSize: number;
  readonly tokens: { readonly bosString: string | null; readonly eosString: string | null };
  readonly fileInfo?: { readonly metadata?: { readonly tokenizer?: { readonly chat_template?: unknown } } };
  tokenize(text: string, special: boolean): readonly number[];
  detokenize(ids: readonly number[]): string;
  isEogToken(id: number): boolean;
  createContext(options: object): Promise<{ getSequence(): Sequence; dispose(): Promise<void> }>;
  dispose(): Promise<void>;
}

interface Sequence {
  clearHistory(): Promise<void>;
  evaluate(ids: readonly number[], options: object): AsyncIterable<number>;
}

async function loadLlamaCpp(folder: string | undefined): Promise<LlamaPackage> {
  const name = "node-llama-cpp"; // a variable, so that no build tool resolves a package that may be missing
  const entry = folder ? pathToFileURL(join(folder, "node_modules", name, "dist/index.js")).href : name;
  const load = async () => (await import(entry)) as LlamaPackage;
  return loadPackage(name, "An arm of `model: local`", load, (...given) =>
    problem("LLAMA_CPP_MISSING", ...given),
  );
}

function tokenizerOf(path: string, model: Model): LlamaModel["tokenizer"] {
  const source = model.fileInfo?.metadata?.tokenizer?.chat_template;
  if (typeof source !== "string" || source.length > maxTemplateChars) {
    throw problem("TOKENIZER_TEMPLATE_MISSING", { detail: `${path} carries none that can be used` });
  }
  const special = new Map<string, string>();
  const { bosString, eosString } = model.tokens;
  if (bosString !== null) special.set("bos_token", bosString);
  if (eosString !== null) special.set("eos_token", eosString);
  const template = compileChatTemplate(source, special, null);
  return {
    render: (conversation, { addGenerationPrompt }) => template(conversation, addGenerationPrompt),
    encode: (text) => [...model.tokenize(text, true)],
  };
}

async function decode(
  model: Model,
  sequence: Sequence,
  prompt: Int32Array,
  most: number,
  signal: AbortSignal,
): Promise<LlamaAnswer> {
  await sequence.clearHistory();
  const ids: number[] = [];
  for await (const id of sequence.evaluate([...prompt], { temperature: 0, yieldEogToken: true })) {
    signal.throwIfAborted();
    if (model.isEogToken(id)) break;
    ids.push(id);
    if (ids.length >= most) break;
  }
  return { text: model.detokenize(ids).trim(), answerTokens: ids.length };
}

async function wrapErrors<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name === "TunewiseError" || cause.name === "AbortError")
      throw cause;
    throw problem("LLAMA_CPP_FAILED", { file: path, reason: cause.message.slice(0, 300) }, { cause });
  }
}

/** Models by the file name that arms use. */
export interface LlamaModels {
  readonly models: ReadonlyMap<string, LlamaModel>;
  /** Identifies the files by size and time, so that answers from a changed file are not reused. */
  readonly name: string;
  close(): Promise<void>;
}

/**
 * Opens the models of arms with `model: local`, each once. The caller closes them.
 *
 * @param folder the recipe's folder, for relative paths
 * @throws {TunewiseError} those of `openLlamaModel`
 */
export async function openLlamaModels(
  lines: readonly ArmLine[],
  folder: string,
  threads: number,
  { environment }: Pick<Runtime, "environment">,
): Promise<LlamaModels> {
  const files = new Set(
    lines.flatMap(({ candidates }) => candidates.flatMap(({ file: model }) => model ?? [])),
  );
  const models = new Map<string, LlamaModel>();
  const marks: string[] = [];
  const close = async (): Promise<void> => {
    for (const model of models.values()) await model.close();
  };
  try {
    for (const file of files) {
      const path = resolve(folder, file);
      models.set(file, await openLlamaModel(path, { threads, environment }));
      const { size, mtimeMs } = await stat(path);
      marks.push(`${file} ${size} ${mtimeMs}`);
    }
    return { models, name: marks.join("\n"), close };
  } catch (error) {
    await close();
    throw error;
  }
}
