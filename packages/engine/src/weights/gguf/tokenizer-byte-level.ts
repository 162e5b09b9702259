/**
 * @file Byte-level BPE vocabularies of GGUF files (`tokenizer.ggml.model` gpt2).
 *
 * The file states how text is split before merging only by name (`tokenizer.ggml.pre`). A wrong pre-tokenizer would
 * produce other ids without any error, so names that are not in the table are rejected.
 *
 * @source ggml-org/llama.cpp src/llama-vocab.cpp `llm_tokenizer_bpe`; the `tokenizer.json` of the models named
 */
import { problem } from "../../problem/index.ts";
import { bpeModel, type GgufVocabulary, mergePairs, type TokenizerParts, tokenKind } from "./vocabulary.ts";

/** Normalization and pre-tokenization before the merges. */
export interface Preparation {
  readonly normalizer: unknown;
  readonly preTokenizer: unknown;
  /** Whether words that are tokens are used directly, without merging. */
  readonly ignoresMerges: boolean;
  readonly addsBeginning: boolean;
}

const plainBytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };

const gpt2: Preparation = {
  normalizer: null,
  preTokenizer: plainBytes,
  ignoresMerges: false,
  addsBeginning: false,
};

/**
 * SmolLM and SmolLM2: as GPT-2, with each digit separate. Their file says `Digits`, which means every numeric
 * character; written as a pattern, because @huggingface/tokenizers takes `Digits` for 0 to 9 only.
 */
const smollm: Preparation = {
  ...gpt2,
  preTokenizer: {
    type: "Sequence",
    pretokenizers: [
      { type: "Split", pattern: { Regex: "\\p{N}" }, behavior: "Isolated", invert: false },
      plainBytes,
    ],
  },
};

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const afterWords = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const llama3: Preparation = {
  normalizer: null,
  preTokenizer: splitBy(`${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|${afterWords}`),
  ignoresMerges: true,
  addsBeginning: true,
};

const qwen2: Preparation = {
  normalizer: { type: "NFC" },
  preTokenizer: splitBy(`${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|${afterWords}`),
  ignoresMerges: false,
  addsBeginning: false,
};

const upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

/** Mistral Nemo and later. */
const tekken: Preparation = {
  normalizer: null,
  preTokenizer: splitBy(
    `[^\\r\\n\\p{L}\\p{N}]?${upper}*${lower}+|[^\\r\\n\\p{L}\\p{N}]?${upper}+${lower}*|\\p{N}` +
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ),
  ignoresMerges: true,
  addsBeginning: true,
};

/** By name in `tokenizer.ggml.pre`. */
export const preparations: ReadonlyMap<string, Preparation> = new Map([
  ["default", gpt2],
  ["gpt-2", gpt2],
  ["smollm", smollm],
  ["starcoder", smollm],
  ["llama3", llama3],
  ["llama-v3", llama3],
  ["llama-bpe", llama3],
  ["qwen2", qwen2],
  ["tekken", tekken],
]);

/**
 * The parts of a byte-level tokenizer.
 *
 * @throws {TunewiseError} `MODEL_TOKENIZER_UNSUPPORTED` for an unknown `tokenizer.ggml.pre`, `MODEL_FILE_DAMAGED` for
 *   merges that are not pairs
 */
export function byteLevelTokenizer(vocabulary: GgufVocabulary): TokenizerParts {
  const { metadata, tokens, kinds } = vocabulary;
  const pre = vocabulary.pre ?? "default";
  const preparation = preparations.get(pre);
  if (preparation === undefined) {
    const known = [...preparations.keys()].join(", ");
    const detail = `its pre-tokenizer is ${pre}; known are ${known}`;
    throw problem("MODEL_TOKENIZER_UNSUPPORTED", { file: metadata.path, detail });
  }
  const added = new Map<number, string>();
  tokens.forEach((token, id) => {
    const kind = kinds[id];
    if (kind === tokenKind.control || kind === tokenKind.userDefined || kind === tokenKind.unknown) {
      added.set(id, token);
    }
  });
  return {
    normalizer: preparation.normalizer,
    preTokenizer: preparation.preTokenizer,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: bpeModel(tokens, mergePairs(vocabulary), {
      unk_token: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: preparation.ignoresMerges,
    }),
    added,
    addsBeginning: preparation.addsBeginning,
  };
}

/** Splits by a pattern, then maps the pieces to bytes. */
function splitBy(pattern: string): unknown {
  return {
    type: "Sequence",
    pretokenizers: [
      { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
      { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    ],
  };
}
