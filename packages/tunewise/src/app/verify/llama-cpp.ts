/**
 * @file Probes a GGUF file in llama.cpp through `node-llama-cpp`: its own Jinja engine, tokenizer and weights.
 *
 * Prompts are made as by llama-server: the file's template, a BOS at its start removed if the tokenizer adds one.
 *
 * @source ggml-org/llama.cpp common/chat.cpp (BOS), withcatai/node-llama-cpp 3.22.1 dist/bindings/AddonTypes.d.ts
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ProbeJob, ProbeReply, RuntimeAnswer, RuntimePrompt, ScoredRow } from "./probe.ts";

/**
 * Runs a job.
 *
 * @throws {Error} if the package cannot be loaded or llama.cpp rejects the file
 */
export async function probeLlamaCpp(job: ProbeJob): Promise<ProbeReply> {
  const entry = packageEntry(job.packages, "node-llama-cpp/dist/index.js");
  const { getLlama } = (await import(entry)) as LlamaPackage;
  const llama = await getLlama({
    build: "never",
    skipDownload: true,
    gpu: false,
    logLevel: "error",
    maxThreads: job.threads,
  });
  const model = await llama.loadModel({ modelPath: job.path, gpuLayers: 0 });
  const longest = Math.max(64, ...job.rows.map(({ ids }) => ids.length));
  const context = await model.createContext({
    contextSize: longest + job.answerTokens + 1,
    sequences: 1,
    threads: job.threads,
    flashAttention: false,
  });
  const sequence = context.getSequence();
  const prompts = promptsOf(job, llama, model);
  const answers: (RuntimeAnswer | null)[] = [];
  for (const { ids } of prompts) {
    answers.push(ids && { ids: await answer(model, sequence, ids, job.answerTokens) });
  }
  const scores: (number | null)[][] = [];
  for (const row of job.rows) scores.push(await score(sequence, row));
  return {
    runtime: `llama.cpp ${llama.llamaCppRelease.release}`,
    prompts,
    texts: job.texts.map((text) => [...model.tokenize(text, true)]),
    scores,
    ends: job.endIds.map((id) => model.isEogToken(id)),
    answers,
  };
}

/** The entry of a package in another folder. */
export function packageEntry(folder: string, path: string): string {
  return pathToFileURL(join(folder, "node_modules", path)).href;
}

/** The part of the package that is used. */
interface LlamaPackage {
  readonly getLlama: (options: object) => Promise<Llama>;
}

interface Llama {
  readonly llamaCppRelease: { readonly release: string };
  readonly _bindings: {
    readonly AddonJinjaRenderer: new (template: string) => { render(variables: object): string };
  };
  loadModel(options: object): Promise<Model>;
}

interface Model {
  readonly tokens: {
    readonly bos: number | null;
    readonly bosString: string | null;
    readonly eosString: string | null;
    readonly shouldPrependBosToken: boolean;
  };
  readonly fileInfo: { readonly metadata: { readonly tokenizer?: { readonly chat_template?: unknown } } };
  tokenize(text: string, special: boolean): readonly number[];
  isEogToken(id: number): boolean;
  createContext(options: object): Promise<{ getSequence(): Sequence }>;
}

interface Sequence {
  clearHistory(): Promise<void>;
  evaluate(ids: readonly number[], options: object): AsyncIterable<number>;
  controlledEvaluate(
    input: readonly (number | readonly [number, object])[],
  ): Promise<
    readonly (undefined | { readonly next: { readonly probabilities?: ReadonlyMap<number, number> } })[]
  >;
}

function promptsOf({ conversations }: ProbeJob, llama: Llama, model: Model): RuntimePrompt[] {
  const source = model.fileInfo.metadata.tokenizer?.chat_template;
  if (typeof source !== "string") {
    return conversations.map(() => ({ text: null, ids: null, error: "the file has no chat template" }));
  }
  const { bos, bosString, eosString, shouldPrependBosToken } = model.tokens;
  const renderer = new llama._bindings.AddonJinjaRenderer(source);
  return conversations.map((conversation): RuntimePrompt => {
    try {
      const special = { bos_token: bosString ?? "", eos_token: eosString ?? "" };
      const text = renderer.render({
        ...special,
        ...conversation,
        add_generation_prompt: true,
      });
      const begin = shouldPrependBosToken && bosString ? bosString : "";
      const bare = begin !== "" && text.startsWith(begin) ? text.slice(begin.length) : text;
      const ids = [...(shouldPrependBosToken && bos !== null ? [bos] : []), ...model.tokenize(bare, true)];
      return { text, ids };
    } catch (error) {
      return { text: null, ids: null, error: error instanceof Error ? error.message : String(error) };
    }
  });
}

async function answer(
  model: Model,
  sequence: Sequence,
  prompt: readonly number[],
  tokens: number,
): Promise<number[]> {
  const ids: number[] = [];
  if (prompt.length === 0) return ids;
  await sequence.clearHistory();
  for await (const id of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    if (model.isEogToken(id)) break;
    ids.push(id);
    if (ids.length >= tokens) break;
  }
  return ids;
}

async function score(sequence: Sequence, { ids, from }: ScoredRow): Promise<(number | null)[]> {
  await sequence.clearHistory();
  const options = { generateNext: { probabilities: true } };
  const input = ids.slice(0, -1).map((id, at) => (at + 1 >= from ? ([id, options] as const) : id));
  const results = await sequence.controlledEvaluate(input);
  return ids.slice(from).map((id, at) => {
    const probability = results[from + at - 1]?.next.probabilities?.get(id);
    return probability === undefined ? null : Math.log(probability);
  });
}
