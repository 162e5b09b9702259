/** @file What a runtime must reproduce. */
import type { ScoredRow } from "./probe.ts";

/** Our prompt of a conversation. */
export interface ExpectedPrompt {
  readonly text: string;
  readonly ids: readonly number[];
  /** The prompt without its tools; `null` if the conversation has none. */
  readonly textWithoutTools: string | null;
}

/** Our greedy answer to a conversation. */
export interface ExpectedAnswer {
  /** Without the end token. */
  readonly ids: readonly number[];
  readonly text: string;
  /** Whether an end token follows the last id. */
  readonly isEnded: boolean;
  /** UTF-16 length of the text after each id. */
  readonly lengths: readonly number[];
  /** Margin of each id, and of the end token, over the second likeliest token, in nats. */
  readonly margins: readonly number[];
}

/** A row with its log probabilities in nats. */
export interface ExpectedRow extends ScoredRow {
  readonly scores: readonly number[];
  /** 1-based number of the conversation; `null` for a prediction after a single token. */
  readonly number: number | null;
  /** Text of `ids[from]`; `null` for a special token, or for a part of a character. */
  readonly next: string | null;
}

/** All that a runtime must reproduce. */
export interface Expected {
  readonly prompts: readonly ExpectedPrompt[];
  /** BOS, and its text. `null`: the tokenizer has none. */
  readonly beginId: number | null;
  readonly beginText: string | null;
  readonly texts: readonly { readonly text: string; readonly ids: readonly number[] }[];
  readonly rows: readonly ExpectedRow[];
  readonly endTokens: readonly { readonly id: number; readonly text: string }[];
  readonly answers: readonly ExpectedAnswer[];
}
