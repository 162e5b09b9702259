/** @file Probes an ONNX folder in transformers.js; nothing is downloaded. */
import { basename, dirname } from "node:path";
import { packageEntry } from "./llama-cpp.ts";
import type { ProbeJob, ProbeReply, RuntimeAnswer, RuntimePrompt, ScoredRow } from "./probe.ts";
import { logProbability } from "./reference.ts";

/** The part of the package that is used. @source huggingface/transformers.js 4.3 */
interface TransformersPackage {
  readonly AutoModelForCausalLM: { from_pretrained(name: string, options: object): Promise<Model> };
  readonly AutoTokenizer: { from_pretrained(name: string): Promise<Tokenizer> };
  readonly Tensor: new (type: string, data: BigInt64Array, dims: readonly number[]) => object;
  readonly env: { allowRemoteModels: boolean; localModelPath: string; readonly version: string };
}

interface Tensor {
  readonly data: Float32Array | BigInt64Array;
  readonly dims: readonly number[];
}

interface Model {
  (inputs: object): Promise<{ readonly logits: Tensor }>;
  generate(options: object): Promise<Tensor>;
  readonly generation_config: { readonly eos_token_id?: number | readonly number[] } | null;
}

interface Tokenizer {
  encode(text: string, options: object): number[];
  apply_chat_template(messages: readonly object[], options: object): unknown;
}

/**
 * Runs a job.
 *
 * @throws {Error} if the package cannot be loaded or rejects the folder
 */
export async function probeTransformersJs(job: ProbeJob): Promise<ProbeReply> {
  const entry = packageEntry(job.packages, "@huggingface/transformers/dist/transformers.node.mjs");
  const library = (await import(entry)) as TransformersPackage;
  library.env.allowRemoteModels = false;
  library.env.localModelPath = dirname(job.path);
  const folder = basename(job.path);
  const sessions = { intraOpNumThreads: job.threads, interOpNumThreads: 1 };
  const model = await library.AutoModelForCausalLM.from_pretrained(folder, { session_options: sessions });
  const tokenizer = await library.AutoTokenizer.from_pretrained(folder);
  const tensors = (ids: readonly number[]): object => inputsOf(library, ids);
  const prompts = promptsOf(job, tokenizer);
  const end = model.generation_config?.eos_token_id;
  const ends = end === undefined ? [] : [end].flat();
  const answers: (RuntimeAnswer | null)[] = [];
  for (const { ids } of prompts) {
    if (ids === null) {
      answers.push(null);
      continue;
    }
    const options = { max_new_tokens: job.answerTokens, do_sample: false };
    const made = [...(await model.generate({ ...tensors(ids), ...options })).data].slice(ids.length);
    answers.push({ ids: made.map(Number).filter((id) => !ends.includes(id)) });
  }
  const scores: number[][] = [];
  for (const row of job.rows) scores.push(scoresOf((await model(tensors(row.ids))).logits, row));
  return {
    runtime: `transformers.js ${library.env.version}`,
    prompts,
    texts: job.texts.map((text) => tokenizer.encode(text, { add_special_tokens: false })),
    scores,
    ends: job.endIds.map((id) => ends.includes(id)),
    answers,
  };
}

function inputsOf({ Tensor }: TransformersPackage, ids: readonly number[]): object {
  const tensor = (values: readonly number[]): object =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  return { input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)) };
}

function promptsOf({ conversations }: ProbeJob, tokenizer: Tokenizer): RuntimePrompt[] {
  return conversations.map((conversation): RuntimePrompt => {
    const { messages, tools } = conversation;
    const options = { add_generation_prompt: true, ...(tools && { tools }) };
    try {
      const text = tokenizer.apply_chat_template(messages, { ...options, tokenize: false }) as string;
      const made = tokenizer.apply_chat_template(messages, {
        ...options,
        return_tensor: false,
        return_dict: false,
      });
      return { text, ids: (made as readonly number[]).map(Number) };
    } catch (error) {
      return { text: null, ids: null, error: error instanceof Error ? error.message : String(error) };
    }
  });
}

function scoresOf({ data, dims }: Tensor, { ids, from }: ScoredRow): number[] {
  const width = dims[2] ?? 1;
  return ids.slice(from).map((id, at) => {
    const logits = (data as Float32Array).subarray((from + at - 1) * width, (from + at) * width);
    return logProbability(logits, id);
  });
}
