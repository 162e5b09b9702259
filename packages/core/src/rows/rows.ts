/** @file Data rows: messages, examples, token rows and splits. */
import type { RowLocation } from "./location.ts";

/** A value of a JSON document. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
/** An object of a JSON document, with its keys in the order of the document. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** A call of a tool by the assistant. */
export interface ToolCall {
  /** Identifies the call, so that a tool message can answer it; absent if the row gives none. */
  readonly id?: string;
  readonly name: string;
  /** The text as written if it is not a JSON object. */
  readonly arguments: JsonObject | string;
}

/** A message of a conversation. Fields are named as in OpenAI's chat format. */
export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  /** 0: an assistant turn that is context and is never trained on; absent: 1. */
  readonly weight?: 0;
  /** Reasoning of an assistant turn before its content; absent: none, or inside the content. */
  readonly reasoning?: string;
  /** Calls of an assistant turn, in order; absent: none. */
  readonly toolCalls?: readonly ToolCall[];
  /** The call that a tool message answers. */
  readonly toolCallId?: string;
  /** Name of the tool that a tool message comes from. */
  readonly name?: string;
}

/** A conversation and the tools that its assistant may call. */
export interface Conversation {
  readonly messages: readonly Message[];
  /** Definitions as in OpenAI's chat format, `{ type: "function", function: { name, parameters } }`; absent: none. */
  readonly tools?: readonly JsonObject[];
}

/** What a row of preference data says about its answer. */
export interface Comparison {
  /** Text of the turns that are compared. */
  readonly chosen: string;
  /** Texts that were rejected for the same prompt. */
  readonly rejected: readonly string[];
  /** Scores of the chosen and of the rejected text; absent: none. */
  readonly scores?: readonly [chosen: number, rejected: number];
}

/**
 * A usable row and its location. `messages` ends with the answer, which is the last assistant turn whose weight is not
 * 0. The answer is always trained on, and an evaluation asks for it, unless the row is a document.
 */
export interface Example extends RowLocation, Conversation {
  /**
   * Assistant turns after the answer, all of weight 0. They are not part of `messages` because no token with loss
   * follows them; absent: none.
   */
  readonly turnsBehind?: number;
  /** Absent: the row is not one of preference data. */
  readonly compared?: Comparison;
  /**
   * The row is a document: its only message, of the assistant, is the text. No template applies, and every token is
   * trained.
   */
  readonly isDocument?: true;
  /** Value of the group column, such as a customer; rows without one belong to no group. */
  readonly group?: string;
  /** Value of the time column, in milliseconds since 1970. */
  readonly time?: number;
}

/** A tokenized row. */
export interface EncodedRow {
  /** Token ids, T of them. */
  readonly ids: Int32Array;
  /** Loss mask of length T: 1 if the token contributes to the loss, else 0; position 0 is always 0. */
  readonly labelled: Uint8Array;
  /**
   * Tokens before the last answer: `ids.subarray(0, promptLength)` is its prompt with the generation header. In a
   * document, tokens before the first trained one.
   */
  readonly promptLength: number;
  /** Index of its example; the blocks of a document share it. */
  readonly example: number;
}

/** Splits of a data set. */
export interface Splits<Row> {
  readonly train: readonly Row[];
  readonly validation: readonly Row[];
  readonly test: readonly Row[];
}
