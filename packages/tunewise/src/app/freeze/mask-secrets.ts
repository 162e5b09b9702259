/** @file Masks keys and passwords in what a frozen reference stores. */
import type { Answer, JsonObject, JsonValue, Message, ToolCall } from "@tunewise/core/rows";
import { type Redact, redactor } from "@tunewise/datacheck";

/** The texts of a frozen answer. */
export interface FrozenTexts {
  readonly messages: readonly Message[];
  readonly tools: readonly JsonObject[];
  readonly reference: Answer | null;
  readonly answer: Answer;
}

/** Masks texts, and says whether any was changed. */
export type MaskSecrets = (texts: FrozenTexts) => FrozenTexts & { readonly isMasked: boolean };

/**
 * Creates the masking of one file. Keys, tokens and passwords become placeholders. Personal data remain, since many
 * tasks are about them and a comparison needs them.
 *
 * @param seed of placeholders; the same seed gives the same ones
 */
export function createMask(seed: number): MaskSecrets {
  const redact = redactor(seed, false, ({ personal }) => !personal);
  return ({ messages, tools, reference, answer }) => {
    let replaced = 0;
    const mask: Redact = (text) => {
      const done = redact(text);
      replaced += done.replaced;
      return done;
    };
    const masked = {
      messages: messages.map((message) => ({ ...message, ...maskAnswer(message, mask) })),
      tools: tools.map((tool) => maskJson(tool, mask) as JsonObject),
      reference: reference === null ? null : maskAnswer(reference, mask),
      answer: maskAnswer(answer, mask),
    };
    return { ...masked, isMasked: replaced > 0 };
  };
}

function maskAnswer({ content, toolCalls }: Answer, mask: Redact): Answer {
  const calls = toolCalls?.map((call): ToolCall => {
    const { arguments: given } = call;
    const masked = typeof given === "string" ? mask(given).text : (maskJson(given, mask) as JsonObject);
    return { ...call, arguments: masked };
  });
  return { content: mask(content).text, ...(calls !== undefined && { toolCalls: calls }) };
}

function maskJson(value: JsonValue, mask: Redact): JsonValue {
  if (typeof value === "string") return mask(value).text;
  if (Array.isArray(value)) return value.map((item) => maskJson(item, mask));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskJson(item, mask)]));
}
