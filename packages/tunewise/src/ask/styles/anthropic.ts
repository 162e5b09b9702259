/**
 * @file Requests and answers of Anthropic's own API.
 *
 * @source platform.claude.com/docs/en/api/messages and .../build-with-claude/streaming
 */

import type { FinishReason } from "../question.ts";
import { callAt, countIn, fieldsOf, type ReceivedAnswer, textIn } from "../received.ts";
import { anthropicTools, anthropicTurns } from "./anthropic-messages.ts";
import { finishOf, type Style, withoutKeys } from "./style.ts";

const finishes: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "filter",
  tool_use: "stop",
};

/** Style of Anthropic's API. */
export const anthropicStyle: Style = {
  body: (question, model, habits) => {
    const { messages, maxTokens, temperature, topP, stop, jsonSchema = null, tools = [] } = question;
    const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
    const turns = messages.filter(({ role }) => role !== "system");
    return withoutKeys(
      [
        ["model", model],
        ["max_tokens", maxTokens],
        ["system", system.length > 0 ? system.join("\n\n") : null],
        ["messages", anthropicTurns(turns)],
        ["tools", anthropicTools(tools)],
        // Anthropic's maximum is 1.
        ["temperature", temperature === null ? null : Math.min(1, temperature)],
        ["top_p", topP],
        ["stop_sequences", stop],
        [
          "output_config",
          jsonSchema === null ? null : { format: { type: "json_schema", schema: jsonSchema } },
        ],
        ["stream", habits.stream ? true : null],
      ],
      habits,
    );
  },
  lacking: ({ seed, logprobs }) => [...(seed === null ? [] : ["seed"]), ...(logprobs ? ["logprobs"] : [])],
  whole: (received, value) => {
    const fields = fieldsOf(value);
    const { content } = fields;
    if (!Array.isArray(content)) return false;
    for (const [at, block] of content.entries()) {
      received.pieces.push(textIn(fieldsOf(block)["text"]) ?? "");
      takeCall(received, at, fieldsOf(block));
    }
    received.model = textIn(fields["model"]);
    received.finish = finishOf(finishes, textIn(fields["stop_reason"])) ?? "other";
    takeUsage(received, fields["usage"]);
    received.isEnd = true;
    return true;
  },
  event: (received, value) => {
    const fields = fieldsOf(value);
    if (fields["type"] === "message_start") {
      const message = fieldsOf(fields["message"]);
      received.model = textIn(message["model"]);
      takeUsage(received, message["usage"]);
    }
    const delta = fieldsOf(fields["delta"]);
    const at = countIn(fields["index"]) ?? 0;
    if (fields["type"] === "content_block_start") takeCall(received, at, fieldsOf(fields["content_block"]));
    if (fields["type"] === "content_block_delta") {
      received.pieces.push(textIn(delta["text"]) ?? "");
      const json = textIn(delta["partial_json"]);
      if (json !== null) callAt(received, at)?.pieces.push(json);
    }
    if (fields["type"] === "message_delta") {
      received.finish = finishOf(finishes, textIn(delta["stop_reason"])) ?? received.finish;
      takeUsage(received, fields["usage"]);
    }
    if (fields["type"] === "message_stop") received.isEnd = true;
  },
};

/** Reads a block that calls a tool. A stream sends its input afterwards, and an empty object before. */
function takeCall(received: ReceivedAnswer, at: number, block: Readonly<Record<string, unknown>>): void {
  if (block["type"] !== "tool_use") return;
  const call = callAt(received, at);
  if (call === null) return;
  call.id = textIn(block["id"]);
  call.name = textIn(block["name"]) ?? "";
  const input = JSON.stringify(block["input"] ?? {});
  if (input !== "{}") call.pieces.push(input);
}

/** A stream reports the prompt first and the answer last, as running totals. Cached tokens are counted separately. */
function takeUsage(received: ReceivedAnswer, value: unknown): void {
  const usage = fieldsOf(value);
  const answer = countIn(usage["output_tokens"]);
  const input = countIn(usage["input_tokens"]);
  const before = received.counts;
  if (answer === null || (input === null && before === null)) return;
  const read = countIn(usage["cache_read_input_tokens"]) ?? 0;
  const written = countIn(usage["cache_creation_input_tokens"]) ?? 0;
  const prompt = Math.max(before?.prompt ?? 0, (input ?? 0) + read + written);
  received.counts = { prompt, cached: Math.min(Math.max(before?.cached ?? 0, read), prompt), answer };
}
