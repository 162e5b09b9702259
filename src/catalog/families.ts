/**
 * @file Model families as a table: what a `config.json` leaves unsaid, and which extra tensors a layer has.
 */

/** A row of the table. */
export interface FamilyKind {
  /** Head width where `head_dim` is missing. */
  readonly headWidth: number | "hidden / heads";
  /** Whether the head is the embedding table where `tie_word_embeddings` is missing. */
  readonly tied: boolean;
  /** Whether q, k and v have biases where `attention_bias` is missing. */
  readonly attentionBias: boolean;
  /** Whether o has a bias wherever q, k and v have one. */
  readonly outputBias: boolean;
  /** Norms of width D in a layer. */
  readonly hiddenNorms: 2 | 4;
  /** Norms over each head of queries and keys. */
  readonly headNorms: boolean;
}

const llama: FamilyKind = {
  headWidth: "hidden / heads",
  tied: false,
  attentionBias: false,
  outputBias: true,
  hiddenNorms: 2,
  headNorms: false,
};

/**
 * Families by `model_type`; all have a gated feed-forward and RMS norms.
 *
 * @source huggingface/transformers
 *   src/transformers/models/{llama,mistral,qwen2,qwen3,gemma2}/configuration_*.py
 *   and modeling_*.py, version 4.57
 */
export const families: ReadonlyMap<string, FamilyKind> = new Map([
  ["llama", llama],
  ["mistral", llama],
  ["qwen2", { ...llama, attentionBias: true, outputBias: false }],
  ["qwen3", { ...llama, headWidth: 128, headNorms: true }],
  ["gemma2", { ...llama, headWidth: 256, tied: true, hiddenNorms: 4 }],
]);

/** What is assumed of a family that is not in the table, if its fields are all there. */
export const assumedFamily: FamilyKind = llama;
