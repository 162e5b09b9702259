/**
 * @file Models as `.gguf` files that llama.cpp runs, through the package `node-llama-cpp` where a person has it.
 *
 * The one file that knows that package. It is never fetched or built here, and it is looked for beside tunewise or in
 * the folder that `TUNEWISE_LLAMA_CPP` names, not beside a recipe: whoever hands a recipe on must not bring code.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileChatTemplate, type Message, type Tokenizer } from "../../dataset/index.ts";
import { problem } from "../../problem/index.ts";

/** A model that llama.cpp holds. */
export interface LlamaModel {
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
  /** By the file's own chat template and vocabulary. */
  readonly tokenizer: Pick<Tokenizer, "render" | "encode">;
  /** The most likely continuation of a prompt, without the token that ends it. */
  answer(prompt: Int32Array, tokensMost: number, signal: AbortSignal): Promise<LlamaAnswer>;
  close(): Promise<void>;
}

/** A text and the tokens it took. */
export interface LlamaAnswer {
  readonly text: string;
  readonly answerTokens: number;
}

/** Longest context that is made: its memory is taken at once, whether prompts are as long or not. */
const contextMost = 8192;

/** Longest chat template that is compiled, in characters. */
const templateMost = 200_000;

/**
 * Opens a file.
 *
 * @throws {TunewiseError} `LLAMA_CPP_MISSING`, `LLAMA_CPP_FAILED`, `MODEL_FILE_MISSING`, and those of chat templates
 */
export async function openLlamaModel(
  path: string,
  { threads, environment }: { readonly threads: number; readonly environment: NodeJS.ProcessEnv },
): Promise<LlamaModel> {
  if (!existsSync(path)) throw problem("MODEL_FILE_MISSING", { place: "this machine", file: path });
  const { getLlama } = await loadPackage(environment["TUNEWISE_LLAMA_CPP"]);
  return named(path, async () => {
    const llama = await getLlama({
      build: "never",
      skipDownload: true,
      logLevel: "error",
      maxThreads: threads,
    });
    const model = await llama.loadModel({ modelPath: path });
    const contextLength = Math.min(model.trainContextSize, contextMost);
    const context = await model.createContext({ contextSize: contextLength, sequences: 1, threads });
    const sequence = context.getSequence();
    return {
      contextLength,
      tokenizer: tokenizerOf(path, model),
      answer: (prompt, most, signal) => named(path, () => decode(model, sequence, prompt, most, signal)),
      close: async () => {
        await context.dispose();
        await model.dispose();
        await llama.dispose();
      },
    };
  });
}

/** The part of the package that is used. @source withcatai/node-llama-cpp 3.22.1 */
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

async function loadPackage(folder: string | undefined): Promise<LlamaPackage> {
  const name = "node-llama-cpp"; // not a literal in the import, so that nothing asks for a package that may be missing
  const entry = folder ? pathToFileURL(join(folder, "node_modules", name, "dist/index.js")).href : name;
  try {
    return (await import(entry)) as LlamaPackage;
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "").slice(0, 300) : "unknown";
    throw problem("LLAMA_CPP_MISSING", { reason }, { cause });
  }
}

function tokenizerOf(path: string, model: Model): LlamaModel["tokenizer"] {
  const source = model.fileInfo?.metadata?.tokenizer?.chat_template;
  if (typeof source !== "string" || source.length > templateMost) {
    throw problem("TOKENIZER_TEMPLATE_MISSING", { detail: `${path} carries none that can be used` });
  }
  const special = new Map<string, string>();
  const { bosString, eosString } = model.tokens;
  if (bosString !== null) special.set("bos_token", bosString);
  if (eosString !== null) special.set("eos_token", eosString);
  const template = compileChatTemplate(source, special, null);
  return {
    render: (messages: readonly Message[], { addGenerationPrompt }) =>
      template(messages, addGenerationPrompt),
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

async function named<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name === "TunewiseError" || cause.name === "AbortError")
      throw cause;
    throw problem("LLAMA_CPP_FAILED", { file: path, reason: cause.message.slice(0, 300) }, { cause });
  }
}
