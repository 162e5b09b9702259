/** @file Differences between a runtime and tunewise, by kind, each with its usual cause and a fix. Data only. */

/** Kinds of differences. */
export type DifferenceKind =
  | "template"
  | "tools"
  | "bos"
  | "vocabulary"
  | "stop"
  | "weights"
  | "rope"
  | "answer";

/** A difference between the runtime and tunewise. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** One sentence. */
  readonly summary: string;
  readonly cause: string;
  readonly fix: string;
  /** Affected conversations, texts, tokens or predictions, of those compared. */
  readonly count: number;
  readonly of: number;
  /** The first one: where, and both sides from there on; `null` if it has no position. */
  readonly first: FirstDifference | null;
}

/** The first position of a difference. */
export interface FirstDifference {
  /** 1-based number of the conversation, or of the text if the kind is `vocabulary`; `null` outside of them. */
  readonly number: number | null;
  /** 0-based offsets. `null` if unknown. */
  readonly byte: number | null;
  readonly token: number | null;
  /** Excerpts from that position on. */
  readonly expected: string;
  readonly found: string;
}

type Explanation = Pick<Difference, "summary" | "cause" | "fix">;

const explanations: Readonly<Record<DifferenceKind, Explanation>> = {
  template: {
    summary: "The runtime renders conversations with another chat template",
    cause: "the export's chat template was replaced, or the runtime uses one of its own",
    fix: "export again with --force, and start the runtime with the export's template (llama-server: --jinja)",
  },
  tools: {
    summary: "The runtime's prompt leaves out the definitions of tools",
    cause: "the runtime does not pass tools to the chat template, or its template has no place for them",
    fix: "start the runtime with the export's template and with tools (llama-server: --jinja; vLLM: --enable-auto-tool-choice)",
  },
  bos: {
    summary: "The runtime's prompt has another number of BOS tokens at its start",
    cause: "the chat template writes BOS and the tokenizer adds one too, or neither does",
    fix: "let one of them write BOS: set add_bos_token to false in tokenizer_config.json, or remove bos_token from the template",
  },
  vocabulary: {
    summary: "The runtime splits the same text into other tokens",
    cause: "the export's tokenizer belongs to another model, or the runtime pre-tokenizes differently",
    fix: "export again with --force, so that tokenizer.json or the vocabulary of the GGUF file is the run's",
  },
  stop: {
    summary: "The runtime does not end answers at a token that ends them here",
    cause: "eos_token_id of generation_config.json, or the end token of the GGUF file, was lost",
    fix: "export again with --force, or name the stop text in the runtime (Modelfile: PARAMETER stop)",
  },
  weights: {
    summary: "Log probabilities differ",
    cause:
      "other weights: an adapter that is missing or merged twice, another base, or a coarse quantization",
    fix: "export again with --force; if it is quantized, compare with --dtype f32 or f16",
  },
  rope: {
    summary: "Log probabilities agree after a single token, and differ after whole prompts",
    cause:
      "other positions: the base frequency (rope_theta) or the scaling of rotary embeddings, or an attention window",
    fix: "export again with --force, and start the runtime without RoPE or context overrides",
  },
  answer: {
    summary: "Greedy answers differ where the prompt is the same and tunewise is certain of its token",
    cause:
      "settings of generation, such as repetition_penalty, or the runtime's cache; a hidden prompt may differ too",
    fix: "compare with temperature 0 and without penalties (generation_config.json, Modelfile)",
  },
};

/** A difference of a kind with its explanation. */
export function differenceOf(
  kind: DifferenceKind,
  where: Pick<Difference, "count" | "of" | "first">,
  summary: string = explanations[kind].summary,
): Difference {
  const { cause, fix } = explanations[kind];
  return { kind, summary, cause, fix, ...where };
}

/** The index of the first element in which two sequences differ. */
export function firstIndex(ours: ArrayLike<unknown>, theirs: ArrayLike<unknown>): number {
  let at = 0;
  while (at < ours.length && at < theirs.length && ours[at] === theirs[at]) at++;
  return at;
}

/** The first position in which two texts differ. */
export function textPosition(expected: string, found: string, number: number): FirstDifference {
  const at = firstIndex(expected, found);
  return {
    number,
    byte: Buffer.byteLength(expected.slice(0, at)),
    token: null,
    expected: excerpt(expected.slice(at)),
    found: excerpt(found.slice(at)),
  };
}

/** Characters of an excerpt. */
const excerptChars = 60;

/** The beginning of a text. */
export function excerpt(text: string): string {
  return text.length > excerptChars ? `${text.slice(0, excerptChars)}...` : text;
}
