/**
 * @file Probes a model in Ollama: its prompt as text, its greedy answers, log probabilities and stop parameters.
 *
 * Ollama shows no ids. Its prompts are compared as text, and by their number of tokens.
 *
 * @source ollama/ollama api/types.go (`_debug_render_only`, `logprobs`, `prompt_eval_count`), docs/api.md
 */
import { z } from "zod";
import { type EndpointClient, failed, parsed } from "./endpoint-client.ts";
import { chooseModel, type EndpointJob, isAnyFound, scoreAmong } from "./endpoint-job.ts";
import type { Expected } from "./expected.ts";
import type { ProbeReply, RuntimeAnswer, RuntimePrompt } from "./probe.ts";

const tags = z.object({ models: z.array(z.object({ name: z.string() })) });
const version = z.object({ version: z.string() });
const chatReply = z.object({
  message: z.object({ content: z.string(), tool_calls: z.array(z.unknown()).nullish() }).nullish(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.int().nullish(),
  _debug_info: z.object({ rendered_template: z.string() }).nullish(),
});
const likely = z.object({ token: z.string(), logprob: z.number() });
const generateReply = z.object({
  logprobs: z.array(likely.extend({ top_logprobs: z.array(likely).nullish() })).nullish(),
});
const showReply = z.object({
  parameters: z.string().nullish(),
  model_info: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * Runs a job.
 *
 * @throws {TunewiseError} `VERIFY_SERVER_UNREACHABLE`, `VERIFY_MODEL_UNKNOWN`, `VERIFY_RUNTIME_FAILED`
 */
export async function probeOllama(client: EndpointClient, job: EndpointJob): Promise<ProbeReply> {
  const { models } = parsed(client, tags, await client.get("/api/tags"));
  const names = models.map(({ name }) => name);
  const latest = job.model !== null && !names.includes(job.model) ? `${job.model}:latest` : job.model;
  const model = chooseModel(client, { ...job, model: latest }, names);
  const about = parsed(client, showReply, await client.post("/api/show", { model }));
  const prompts: RuntimePrompt[] = [];
  const answers: (RuntimeAnswer | null)[] = [];
  for (const conversation of job.conversations) {
    const { prompt, answer } = await chat(client, { model, ...conversation }, job.answerTokens);
    prompts.push(prompt);
    answers.push(answer);
  }
  const isBeginAdded = about.model_info?.["tokenizer.ggml.add_bos_token"] === true;
  return {
    runtime: `Ollama ${parsed(client, version, await client.get("/api/version")).version}`,
    prompts,
    texts: null,
    scores: await scoresOf(client, model, job.expected, isBeginAdded),
    ends: endsOf(job.expected.endTokens, about),
    answers,
  };
}

async function chat(
  client: EndpointClient,
  conversation: { readonly model: string; readonly tools?: readonly object[] },
  maxTokens: number,
): Promise<{ readonly prompt: RuntimePrompt; readonly answer: RuntimeAnswer | null }> {
  const options = { temperature: 0, num_predict: maxTokens, seed: 1 };
  const request = { ...conversation, stream: false, options };
  const shown = await client.post("/api/chat", { ...request, _debug_render_only: true });
  if (!shown.isOk) {
    if (shown.status >= 500) throw failed(client.address, shown.message);
    const isWithoutTools = conversation.tools !== undefined && shown.message.includes("tools");
    const error = isWithoutTools ? {} : { error: shown.message };
    return { prompt: { text: null, ids: null, ...error }, answer: null };
  }
  const { _debug_info: info } = parsed(client, chatReply, shown);
  const reply = parsed(client, chatReply, await client.post("/api/chat", request));
  const { message, done_reason: reason, prompt_eval_count: count } = reply;
  const isText = message && (message.tool_calls ?? []).length === 0; // calls are taken out of the text
  return {
    prompt: { text: info?.rendered_template ?? null, ids: null, ...(count && { count }) },
    answer: isText ? { text: message.content, isEnded: reason === "stop" } : null,
  };
}

/** Scores the first token of each answer. Rows of a single token cannot be sent as text. */
async function scoresOf(
  client: EndpointClient,
  model: string,
  { rows, prompts, beginId, beginText }: Expected,
  isBeginAdded: boolean,
): Promise<ProbeReply["scores"]> {
  const scores: (number | null)[][] = [];
  let isKnown = false;
  for (const { number, next } of rows) {
    const own = number === null ? undefined : prompts[number - 1];
    if (own === undefined) {
      scores.push([]);
      continue;
    }
    const isBegun = isBeginAdded && own.ids[0] === beginId && beginText !== null;
    const prompt = isBegun ? own.text.slice(beginText.length) : own.text;
    const request = { model, prompt, raw: true, stream: false, options: { temperature: 0, num_predict: 1 } };
    const reply = await client.post("/api/generate", { ...request, logprobs: true, top_logprobs: 5 });
    if (!reply.isOk) return null;
    const [token] = parsed(client, generateReply, reply).logprobs ?? [];
    const all = (token?.top_logprobs ?? []).map((one) => [one.token, one.logprob] as const);
    isKnown ||= isAnyFound(next, all);
    scores.push([scoreAmong(next, all)]);
  }
  return isKnown ? scores : null;
}

/** `null` for tokens that no parameter names: llama.cpp also ends at tokens that it knows by their text. */
function endsOf(
  endTokens: Expected["endTokens"],
  { parameters, model_info: info }: z.infer<typeof showReply>,
): ProbeReply["ends"] {
  const stops = [...(parameters ?? "").matchAll(/^stop\s+"?(.*?)"?\s*$/gm)].map(([, text]) => text);
  const ids = [info?.["tokenizer.ggml.eos_token_id"], info?.["tokenizer.ggml.eos_token_ids"]].flat();
  return endTokens.map(({ id, text }) => (stops.includes(text) || ids.includes(id) ? true : null));
}
