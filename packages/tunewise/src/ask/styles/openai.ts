/**
 * @file Chat completions of OpenAI's API, which Azure, gateways and local servers also implement.
 *
 * @source openai/openai-openapi openapi.yaml, CreateChatCompletionRequest, CreateChatCompletionResponse and
 * CreateChatCompletionStreamResponse
 */

import type { FinishReason } from "../question.ts";
import {
  callAt,
  contentText,
  countIn,
  fieldsOf,
  type ReceivedAnswer,
  type ReceivedCounts,
  textIn,
} from "../received.ts";
import { openaiMessages } from "./openai-messages.ts";
import { finishOf, type Style, withoutKeys } from "./style.ts";

const finishes: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  content_filter: "filter",
  tool_calls: "stop",
  function_call: "stop",
};

/** Style of OpenAI's API. */
export const openaiStyle: Style = {
  body: (question, model, habits) => {
    const { messages, maxTokens, temperature, topP, seed, stop, jsonSchema = null, tools = [] } = question;
    const { logprobs = false } = question;
    const format = { type: "json_schema", json_schema: { name: "answer", strict: true, schema: jsonSchema } };
    return withoutKeys(
      [
        ["model", model],
        ["messages", openaiMessages(messages)],
        [habits.limitKey, maxTokens],
        ["temperature", temperature],
        ["top_p", topP],
        ["seed", seed],
        ["stop", stop],
        ["response_format", jsonSchema === null ? null : format],
        ["tools", tools],
        ["logprobs", logprobs ? true : null],
        ["stream", habits.stream ? true : null],
        ["stream_options", habits.stream ? { include_usage: true } : null],
      ],
      habits,
    );
  },
  lacking: () => [],
  whole: (received, value) => {
    const fields = fieldsOf(value);
    const choice = fieldsOf(listOf(fields["choices"])[0]);
    const message = fieldsOf(choice["message"]);
    const text = contentText(message["content"]) ?? textIn(message["refusal"]);
    const finish = textIn(choice["finish_reason"]);
    // An empty text is valid if the model reached its token limit while reasoning.
    if (text === null && finish === null) return false;
    received.pieces.push(text ?? "");
    takeCalls(received, message);
    takeLogprobs(received, choice["logprobs"]);
    received.finish = finishOf(finishes, finish || null) ?? "other";
    received.model = textIn(fields["model"]);
    received.counts = countsOf(fields["usage"]);
    received.isEnd = true;
    return true;
  },
  event: (received, value) => {
    const fields = fieldsOf(value);
    const choice = fieldsOf(listOf(fields["choices"])[0]);
    const delta = fieldsOf(choice["delta"]);
    const piece = contentText(delta["content"]) ?? textIn(delta["refusal"]);
    if (piece !== null) received.pieces.push(piece);
    takeCalls(received, delta);
    takeLogprobs(received, choice["logprobs"]);
    received.model ??= textIn(fields["model"]) || null;
    received.finish = finishOf(finishes, textIn(choice["finish_reason"]) || null) ?? received.finish;
    received.counts = countsOf(fields["usage"]) ?? received.counts;
  },
};

/** Reads whole calls, or the next pieces of them; older APIs have a single `function_call`. */
function takeCalls(received: ReceivedAnswer, message: Readonly<Record<string, unknown>>): void {
  const single = message["function_call"];
  const given = single === undefined || single === null ? message["tool_calls"] : [{ function: single }];
  for (const [at, value] of listOf(given).entries()) {
    const fields = fieldsOf(value);
    const call = callAt(received, countIn(fields["index"]) ?? at);
    if (call === null) continue;
    const { name, arguments: text } = fieldsOf(fields["function"]);
    call.id ??= textIn(fields["id"]) || null;
    if (call.name === "") call.name = textIn(name) ?? "";
    if (typeof text === "string") call.pieces.push(text);
    // some servers send the arguments as an object
    else if (typeof text === "object" && text !== null) call.pieces.push(JSON.stringify(text));
  }
}

function takeLogprobs({ logprobs }: ReceivedAnswer, value: unknown): void {
  for (const one of listOf(fieldsOf(value)["content"])) {
    const { token, logprob } = fieldsOf(one);
    if (typeof token === "string" && typeof logprob === "number" && Number.isFinite(logprob))
      logprobs.push({ token, logprob });
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Tokens of a usage block; `null` if it is missing or implausible. */
function countsOf(value: unknown): ReceivedCounts | null {
  const usage = fieldsOf(value);
  const prompt = countIn(usage["prompt_tokens"]);
  const answer = countIn(usage["completion_tokens"]);
  if (prompt === null || answer === null) return null;
  const cached = countIn(fieldsOf(usage["prompt_tokens_details"])["cached_tokens"]) ?? 0;
  return { prompt, answer, cached: Math.min(cached, prompt) };
}
