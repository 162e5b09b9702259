/**
 * @file Messages of Anthropic's own API.
 *
 * @source platform.claude.com/docs/en/api/messages and .../build-with-claude/streaming
 */

import { countIn, fieldsOf, type Heard, textIn } from "../heard.ts";
import type { AskedFinish } from "../question.ts";
import { type Style, withoutKeys } from "./style.ts";

const finishes: Readonly<Record<string, AskedFinish>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "filter",
};

/** See the file. */
export const anthropicStyle: Style = {
  body: (question, model, habits) => {
    const { messages, maxTokens, temperature, topP, stop, jsonSchema = null } = question;
    const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
    const turns = messages.filter(({ role }) => role !== "system");
    return withoutKeys(
      [
        ["model", model],
        ["max_tokens", maxTokens],
        ["system", system.length > 0 ? system.join("\n\n") : null],
        ["messages", turns.map(({ role, content }) => ({ role, content }))],
        // There the highest is 1.
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
  lacking: ({ seed }) => (seed === null ? [] : ["seed"]),
  whole: (heard, value) => {
    const fields = fieldsOf(value);
    const { content } = fields;
    if (!Array.isArray(content)) return false;
    for (const block of content) heard.pieces.push(textIn(fieldsOf(block)["text"]) ?? "");
    heard.model = textIn(fields["model"]);
    heard.finish = finishOf(textIn(fields["stop_reason"])) ?? "other";
    takeUsage(heard, fields["usage"]);
    heard.isEnd = true;
    return true;
  },
  event: (heard, value) => {
    const fields = fieldsOf(value);
    if (fields["type"] === "message_start") {
      const message = fieldsOf(fields["message"]);
      heard.model = textIn(message["model"]);
      takeUsage(heard, message["usage"]);
    }
    const delta = fieldsOf(fields["delta"]);
    if (fields["type"] === "content_block_delta") heard.pieces.push(textIn(delta["text"]) ?? "");
    if (fields["type"] === "message_delta") {
      heard.finish = finishOf(textIn(delta["stop_reason"])) ?? heard.finish;
      takeUsage(heard, fields["usage"]);
    }
    if (fields["type"] === "message_stop") heard.isEnd = true;
  },
};

function finishOf(word: string | null): AskedFinish | null {
  return word === null ? null : Object.hasOwn(finishes, word) ? (finishes[word] ?? "other") : "other";
}

/** A stream tells of the prompt first and of the answer last, as sums so far. What came from a cache is counted apart. */
function takeUsage(heard: Heard, value: unknown): void {
  const usage = fieldsOf(value);
  const answer = countIn(usage["output_tokens"]);
  const input = countIn(usage["input_tokens"]);
  const before = heard.counts;
  if (answer === null || (input === null && before === null)) return;
  const read = countIn(usage["cache_read_input_tokens"]) ?? 0;
  const written = countIn(usage["cache_creation_input_tokens"]) ?? 0;
  const prompt = Math.max(before?.prompt ?? 0, (input ?? 0) + read + written);
  heard.counts = { prompt, cached: Math.min(Math.max(before?.cached ?? 0, read), prompt), answer };
}
