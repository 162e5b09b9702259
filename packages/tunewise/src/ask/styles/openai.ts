/**
 * @file Chat completions of OpenAI's API, which Azure, gateways and local servers also implement.
 *
 * @source openai/openai-openapi openapi.yaml, CreateChatCompletionRequest, CreateChatCompletionResponse and
 * CreateChatCompletionStreamResponse
 */

import type { FinishReason } from "../question.ts";
import { contentText, countIn, fieldsOf, type ReceivedCounts, textIn } from "../received.ts";
import { finishOf, type Style, withoutKeys } from "./style.ts";

const finishes: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  content_filter: "filter",
};

/** Style of OpenAI's API. */
export const openaiStyle: Style = {
  body: (question, model, habits) => {
    const { messages, maxTokens, temperature, topP, seed, stop, jsonSchema = null } = question;
    const format = { type: "json_schema", json_schema: { name: "answer", strict: true, schema: jsonSchema } };
    return withoutKeys(
      [
        ["model", model],
        ["messages", messages.map(({ role, content }) => ({ role, content }))],
        [habits.limitKey, maxTokens],
        ["temperature", temperature],
        ["top_p", topP],
        ["seed", seed],
        ["stop", stop],
        ["response_format", jsonSchema === null ? null : format],
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
    received.model ??= textIn(fields["model"]) || null;
    received.finish = finishOf(finishes, textIn(choice["finish_reason"]) || null) ?? received.finish;
    received.counts = countsOf(fields["usage"]) ?? received.counts;
  },
};

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
