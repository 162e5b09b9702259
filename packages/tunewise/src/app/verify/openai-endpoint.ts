/**
 * @file Probes a server with OpenAI's API: vLLM, llama-server, `tunewise model serve` and others.
 *
 * vLLM and llama-server show their prompts; of other servers only the number of tokens is known.
 *
 * @source openai/openai-openapi openapi.yaml; vllm-project/vllm vllm/entrypoints/openai (`/tokenize`, `/detokenize`,
 *   `/version`); ggml-org/llama.cpp tools/server/README.md (`/apply-template`, `/tokenize`)
 */
import type { TemplateVariables } from "@tunewise/engine/tokenize";
import { z } from "zod";
import { type EndpointClient, failed, parsed } from "./endpoint-client.ts";
import { chooseModel, type EndpointJob, isAnyFound, scoreAmong } from "./endpoint-job.ts";
import type { ExpectedRow } from "./expected.ts";
import type { ProbeReply, RuntimeAnswer, RuntimePrompt } from "./probe.ts";

const models = z.object({ data: z.array(z.object({ id: z.string() })) });
const chatReply = z.object({
  choices: z.tuple([
    z.object({
      message: z.object({ content: z.string().nullish(), tool_calls: z.array(z.unknown()).nullish() }),
      finish_reason: z.string().nullish(),
    }),
  ]),
  usage: z.object({ prompt_tokens: z.number() }).nullish(),
});
const likely = z.array(z.object({ token: z.string(), logprob: z.number() }));
const completionReply = z.object({
  choices: z.tuple([
    z.object({
      text: z.string(),
      finish_reason: z.string().nullish(),
      logprobs: z
        .object({
          top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
          content: z.array(z.object({ top_logprobs: likely })).nullish(),
        })
        .nullish(),
    }),
  ]),
});
const tokensReply = z.object({ tokens: z.array(z.int()) });
const vllmTokensReply = tokensReply.extend({ count: z.int(), max_model_len: z.int() });
const promptReply = z.object({ prompt: z.string() });
const versionReply = z.object({ version: z.string() });

/** What a server shows of its prompts. */
interface Shown {
  readonly runtime: string;
  readonly prompt: (conversation: object, isWithTools: boolean) => Promise<RuntimePrompt>;
  readonly tokenize: ((text: string) => Promise<readonly number[]>) | null;
}

const hidden: RuntimePrompt = { text: null, ids: null };

/**
 * Runs a job.
 *
 * @throws {TunewiseError} `VERIFY_SERVER_UNREACHABLE`, `VERIFY_MODEL_UNKNOWN`, `VERIFY_RUNTIME_FAILED`
 */
export async function probeOpenAi(client: EndpointClient, job: EndpointJob): Promise<ProbeReply> {
  const { data } = parsed(client, models, await client.get("/v1/models"));
  const names = data.map(({ id }) => id);
  const model = chooseModel(client, job, names);
  const conversations = job.conversations.map(requestForm);
  const shown = await shownBy(client, model, conversations[0] ?? {});
  const prompts: RuntimePrompt[] = [];
  const answers: (RuntimeAnswer | null)[] = [];
  for (const conversation of conversations) {
    const isWithTools = "tools" in conversation;
    const { prompt, answer } = await chat(client, { model, ...conversation }, job.answerTokens, isWithTools);
    const own = await shown.prompt(conversation, isWithTools);
    prompts.push(own.ids === null && own.text === null && own.error === undefined ? prompt : own);
    answers.push(answer);
  }
  const texts: (readonly number[])[] = [];
  for (const { text } of shown.tokenize ? job.expected.texts : [])
    texts.push((await shown.tokenize?.(text)) ?? []);
  return {
    runtime: shown.runtime,
    prompts,
    texts: shown.tokenize && texts,
    scores: await scoresOf(client, model, job.expected.rows),
    ends: await endsOf(client, model, job),
    answers,
  };
}

/** Arguments of calls are JSON texts in requests. */
function requestForm({ messages, tools }: TemplateVariables): object {
  const textOf = (value: unknown): unknown => (typeof value === "string" ? value : JSON.stringify(value));
  const written = messages.map((message) => {
    const calls = (message as { tool_calls?: { function: { name: string; arguments: unknown } }[] })
      .tool_calls;
    if (calls === undefined) return message;
    const changed = calls.map((call) => {
      return { ...call, function: { name: call.function.name, arguments: textOf(call.function.arguments) } };
    });
    return { ...message, tool_calls: changed };
  });
  return { messages: written, ...(tools && { tools }) };
}

/** Finds out what the server shows, with the first conversation. */
async function shownBy(client: EndpointClient, model: string, first: object): Promise<Shown> {
  const generation = { model, add_generation_prompt: true };
  const vllm = await client.post("/tokenize", { ...generation, ...first });
  if (vllm.isOk && vllmTokensReply.safeParse(vllm.value).success) return shownByVllm(client, model);
  const applied = await client.post("/apply-template", { ...first });
  if (applied.isOk && promptReply.safeParse(applied.value).success) return shownByLlamaServer(client);
  return { runtime: `server at ${client.address.url}`, prompt: async () => hidden, tokenize: null };
}

async function shownByVllm(client: EndpointClient, model: string): Promise<Shown> {
  const version = await client.get("/version");
  const known = version.isOk ? versionReply.safeParse(version.value) : null;
  return {
    runtime: `vLLM ${known?.success ? known.data.version : ""}`.trim(),
    prompt: async (conversation, isWithTools) => {
      const reply = await client.post("/tokenize", { model, add_generation_prompt: true, ...conversation });
      if (!reply.isOk) return refusedPrompt(reply.message, isWithTools);
      const { tokens } = parsed(client, tokensReply, reply);
      const text = await client.post("/detokenize", { model, tokens });
      return { text: parsed(client, promptReply, text).prompt, ids: tokens };
    },
    tokenize: async (text) => {
      const reply = await client.post("/tokenize", { model, prompt: text, add_special_tokens: false });
      return parsed(client, tokensReply, reply).tokens;
    },
  };
}

function shownByLlamaServer(client: EndpointClient): Shown {
  const tokenize = async (content: string, add: boolean): Promise<readonly number[]> => {
    const reply = await client.post("/tokenize", { content, add_special: add, parse_special: true });
    return parsed(client, tokensReply, reply).tokens;
  };
  return {
    runtime: `llama-server at ${client.address.url}`,
    prompt: async (conversation, isWithTools) => {
      const reply = await client.post("/apply-template", conversation);
      if (!reply.isOk) return refusedPrompt(reply.message, isWithTools);
      const { prompt } = parsed(client, promptReply, reply);
      return { text: prompt, ids: await tokenize(prompt, true) };
    },
    tokenize: (text) => tokenize(text, false),
  };
}

/** A server may be started without tools; then those conversations are not compared. */
function refusedPrompt(message: string, isWithTools: boolean): RuntimePrompt {
  return isWithTools ? hidden : { ...hidden, error: message };
}

async function chat(
  client: EndpointClient,
  request: object,
  maxTokens: number,
  isWithTools: boolean,
): Promise<{ readonly prompt: RuntimePrompt; readonly answer: RuntimeAnswer | null }> {
  const reply = await client.post("/v1/chat/completions", {
    ...request,
    temperature: 0,
    max_tokens: maxTokens,
  });
  if (!reply.isOk) {
    if (reply.status >= 500 && !isWithTools) throw failed(client.address, reply.message);
    return { prompt: refusedPrompt(reply.message, isWithTools), answer: null };
  }
  const { choices, usage } = parsed(client, chatReply, reply);
  const [{ message, finish_reason: reason }] = choices;
  const isText = (message.tool_calls ?? []).length === 0; // calls are taken out of the text
  return {
    prompt: usage ? { ...hidden, count: usage.prompt_tokens } : hidden,
    answer: isText ? { text: message.content ?? "", isEnded: reason === "stop" } : null,
  };
}

/** Alternatives per token. */
const alternatives = 5;

/** Scores the first token of each row; later ones would need a request each. */
async function scoresOf(
  client: EndpointClient,
  model: string,
  rows: readonly ExpectedRow[],
): Promise<ProbeReply["scores"]> {
  const scores: (number | null)[][] = [];
  let isKnown = false;
  for (const { ids, from, next } of rows) {
    const prompt = ids.slice(0, from);
    const request = { model, prompt, max_tokens: 1, temperature: 0, logprobs: alternatives };
    const reply = await client.post("/v1/completions", request);
    if (!reply.isOk) return null;
    const { logprobs } = parsed(client, completionReply, reply).choices[0];
    const found = logprobs?.content?.[0]?.top_logprobs.map(({ token, logprob }) => [token, logprob] as const);
    const likelyOnes = found ?? Object.entries(logprobs?.top_logprobs?.[0] ?? {});
    isKnown ||= isAnyFound(next, likelyOnes);
    scores.push([scoreAmong(next, likelyOnes)]);
  }
  return isKnown ? scores : null;
}

/**
 * Forces each end token with `logit_bias`: the answer must end there. Another token is forced first, because some
 * servers ignore the field.
 */
async function endsOf(client: EndpointClient, model: string, job: EndpointJob): Promise<ProbeReply["ends"]> {
  const { rows, endTokens } = job.expected;
  const [row] = rows;
  const other = rows.find(({ next }) => next !== null && next.trim() !== "" && next !== row?.next);
  if (row === undefined || other === undefined) return null;
  const force = async (id: number) => {
    const request = { model, prompt: row.ids.slice(0, row.from), max_tokens: 2, temperature: 0 };
    const reply = await client.post("/v1/completions", { ...request, logit_bias: { [id]: 100 } });
    return reply.isOk ? parsed(client, completionReply, reply).choices[0] : null;
  };
  const tried = await force(other.ids[other.from] as number);
  if (!tried?.text.includes(other.next?.trim() ?? "")) return null;
  const ends: (boolean | null)[] = [];
  for (const { id } of endTokens) {
    const forced = await force(id);
    ends.push(forced && forced.finish_reason === "stop");
  }
  return ends;
}
