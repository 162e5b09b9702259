/**
 * @file What the rest of the house may ask of a tokenizer and its chat template.
 */
import type { Message } from "./example.ts";

/** Text to token ids and back, equal to Python's `transformers` for the same files. */
export interface Tokenizer {
  /** One more than the highest id. */
  readonly vocabularySize: number;
  /** Ids that end an answer: the tokenizer's own, and those named by the generation config. */
  readonly endIds: readonly number[];
  /** The tokenizer's beginning and padding tokens, where it has them. */
  readonly beginId: number | null;
  readonly padId: number | null;
  readonly hasChatTemplate: boolean;
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): number[];
  /**
   * Ids without special tokens around them, and the first one that covers text at or behind the place `at`.
   */
  encodeAt(text: string, at: number): { readonly ids: readonly number[]; readonly index: number };
  decode(ids: ArrayLike<number>, options?: { readonly skipSpecialTokens?: boolean }): string;
  /** Decoding as the ids come, special tokens skipped. */
  stream(): TextStream;
  /** The conversation as text; `addGenerationPrompt` ends it with the header of the assistant's turn. */
  render(messages: readonly Message[], options: { readonly addGenerationPrompt: boolean }): string;
}

/** Ids to text piece by piece; the pieces joined are what `decode` gives for all ids. */
export interface TextStream {
  /** What can be shown since the last id: whole characters, or nothing yet. */
  add(id: number): string;
  /** What is left, broken characters included. */
  end(): string;
}

/** The files of a tokenizer, already parsed; none of it is trusted. */
export interface TokenizerFiles {
  /** `tokenizer.json` */
  readonly tokenizer: unknown;
  /** `tokenizer_config.json`; may carry `chat_template` */
  readonly config: unknown;
  /** `chat_template.jinja`, where the model keeps it apart */
  readonly chatTemplate: string | null;
  /** `eos_token_id` of `generation_config.json` or `config.json` */
  readonly endIds: readonly number[];
}
