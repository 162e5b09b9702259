/** @file Interface of a tokenizer and its chat template. */
import type { Conversation, JsonObject } from "@tunewise/core/rows";

/** Text to token ids and back, equal to Python's `transformers`. */
export interface Tokenizer {
  /** One more than the highest id. */
  readonly vocabularySize: number;
  /** Ids that end an answer: the tokenizer's, and those of the generation config. */
  readonly endIds: readonly number[];
  /** BOS and padding tokens, if any. */
  readonly beginId: number | null;
  readonly padId: number | null;
  readonly hasChatTemplate: boolean;
  /** Special tokens by id, such as `<|im_end|>`. */
  readonly specialTokens: ReadonlyMap<number, string>;
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): number[];
  /**
   * Ids without added special tokens, and the index of the first one that covers text at or after the UTF-16 offset
   * `at`.
   */
  encodeAt(text: string, at: number): { readonly ids: readonly number[]; readonly index: number };
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string;
  /**
   * Bytes of each token by id, `null` for special tokens. Used to constrain answers byte by byte.
   *
   * @throws {TunewiseError} `CONSTRAINT_TOKENIZER` if the text of a token depends on its neighbors
   */
  tokenBytes(): readonly (Uint8Array | null)[];
  /** Creates a streaming decoder that skips special tokens, except those of `keep`. */
  stream(options?: Pick<DecodeOptions, "keep">): TextStream;
  /** Renders a conversation with the chat template. */
  render(conversation: Conversation, options: RenderOptions): string;
}

/** How a conversation is rendered. */
export interface RenderOptions {
  /** Appends the header of the assistant's turn. */
  readonly addGenerationPrompt: boolean;
  /** Variables of the template, such as `enable_thinking`; they take precedence over those of the tokenizer's files. */
  readonly variables?: JsonObject;
}

/** Which tokens become text. */
export interface DecodeOptions {
  readonly skipSpecialTokens?: boolean;
  /** Special tokens that are not skipped. */
  readonly keep?: ReadonlySet<number>;
}

/** Streaming decoder; the joined pieces equal the result of `decode`. */
export interface TextStream {
  /** Adds an id and returns the newly completed characters, or "". */
  add(id: number): string;
  /** Returns the rest, including incomplete characters. */
  end(): string;
}

/** Parsed files of a tokenizer; untrusted. */
export interface TokenizerFiles {
  /** `tokenizer.json` */
  readonly tokenizer: unknown;
  /** `tokenizer_config.json`; may carry `chat_template` */
  readonly config: unknown;
  /** `chat_template.jinja`, if the model has it */
  readonly chatTemplate: string | null;
  /** Variables of the template besides messages and tools. Default: none. */
  readonly templateVariables?: JsonObject;
  /** `eos_token_id` of `generation_config.json` or `config.json` */
  readonly endIds: readonly number[];
}
