/**
 * @file What a model is asked.
 */

/** One message of a chat. */
export interface AskedMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** A prompt and how to decode. What is `null` is left to the endpoint. */
export interface AskedQuestion {
  readonly messages: readonly AskedMessage[];
  /** Longest answer, at least 1. */
  readonly maxTokens: number;
  readonly temperature: number | null;
  readonly topP: number | null;
  /** Also tells apart two answers that are drawn for the same prompt. */
  readonly seed: number | null;
  readonly stop: readonly string[];
  /** The answer is to be JSON of this schema. */
  readonly jsonSchema?: Readonly<Record<string, unknown>> | null;
}
