/**
 * @file Converts the tokenizer in a GGUF file to `tokenizer.json` and `tokenizer_config.json`.
 *
 * @source ggml-org/llama.cpp src/llama-vocab.cpp (defaults), gguf-py/gguf/constants.py `Keys.Tokenizer`
 */

import type { FamilyName } from "../../families/index.ts";
import { problem } from "../../problem/index.ts";
import type { TokenizerFiles } from "../../tokenize/index.ts";
import { damagedFile } from "../positioned-file.ts";
import { flagOf, type GgufMetadata, numberOf, numbersOf, textOf, textsOf } from "./metadata.ts";
import { byteLevelTokenizer } from "./tokenizer-byte-level.ts";
import { sentencePieceTokenizer } from "./tokenizer-sentencepiece.ts";
import { type GgufVocabulary, type TokenizerParts, tokenKind } from "./vocabulary.ts";

/**
 * The tokenizer that a GGUF file describes.
 *
 * @throws {TunewiseError} `MODEL_TOKENIZER_UNSUPPORTED` for an unsupported kind, `MODEL_FILE_DAMAGED` if its lists
 *   contradict each other
 */
export function ggufTokenizer(metadata: GgufMetadata, family: FamilyName): TokenizerFiles {
  const vocabulary = readVocabulary(metadata);
  const parts = buildParts(vocabulary, family);
  const special = specialTokens(vocabulary);
  const addsBeginning = flagOf(metadata, "tokenizer.ggml.add_bos_token") ?? parts.addsBeginning;
  const addsEnd = flagOf(metadata, "tokenizer.ggml.add_eos_token") ?? false;
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: addedTokens(vocabulary, parts.added),
      normalizer: parts.normalizer,
      pre_tokenizer: parts.preTokenizer,
      post_processor: postProcessor(
        addsBeginning ? special.bos_token : null,
        addsEnd ? special.eos_token : null,
        vocabulary.tokens,
      ),
      decoder: parts.decoder,
      model: parts.model,
    },
    config: {
      ...special,
      add_bos_token: addsBeginning,
      add_eos_token: addsEnd,
      chat_template: textOf(metadata, "tokenizer.chat_template") ?? null,
      clean_up_tokenization_spaces: false,
      tokenizer_class: "PreTrainedTokenizerFast",
    },
    chatTemplate: null,
    endIds: endIds(metadata),
  };
}

function readVocabulary(metadata: GgufMetadata): GgufVocabulary {
  const tokens = textsOf(metadata, "tokenizer.ggml.tokens") ?? [];
  const kinds = numbersOf(metadata, "tokenizer.ggml.token_type") ?? [];
  if (tokens.length === 0) throw unsupported(metadata, "it has no tokenizer");
  if (kinds.length !== 0 && kinds.length !== tokens.length) {
    const detail = `it has ${tokens.length} tokens but ${kinds.length} token types`;
    throw damagedFile(metadata.path, detail);
  }
  return {
    metadata,
    tokens,
    kinds,
    merges: textsOf(metadata, "tokenizer.ggml.merges"),
    scores: numbersOf(metadata, "tokenizer.ggml.scores"),
    pre: textOf(metadata, "tokenizer.ggml.pre"),
  };
}

function buildParts(vocabulary: GgufVocabulary, family: FamilyName): TokenizerParts {
  const model = textOf(vocabulary.metadata, "tokenizer.ggml.model");
  if (model === "gpt2") return byteLevelTokenizer(vocabulary);
  if (model === "llama") return sentencePieceTokenizer(vocabulary, family);
  throw unsupported(
    vocabulary.metadata,
    `its tokenizer is of the kind ${model ?? "(not stated)"}; supported are gpt2 and llama`,
  );
}

/** The four special tokens; `null` for those the file does not name. */
function specialTokens(
  vocabulary: GgufVocabulary,
): Record<"bos_token" | "eos_token" | "unk_token" | "pad_token", string | null> {
  const token = (key: string): string | null => {
    const id = numberOf(vocabulary.metadata, `tokenizer.ggml.${key}_token_id`);
    if (id === undefined) return null;
    const text = vocabulary.tokens[id];
    if (text !== undefined) return text;
    const detail = `tokenizer.ggml.${key}_token_id is ${id}, but there are ${vocabulary.tokens.length} tokens`;
    throw damagedFile(vocabulary.metadata.path, detail);
  };
  return {
    bos_token: token("bos"),
    eos_token: token("eos"),
    unk_token: token("unknown"),
    pad_token: token("padding"),
  };
}

function addedTokens(vocabulary: GgufVocabulary, added: ReadonlyMap<number, string>): unknown[] {
  return [...added].map(([id, content]) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: vocabulary.kinds[id] !== tokenKind.userDefined,
  }));
}

/** Adds the beginning and end tokens around a text; `null` if there are none. */
function postProcessor(beginning: string | null, end: string | null, tokens: readonly string[]): unknown {
  const around = [beginning, end].filter((token) => token !== null);
  if (around.length === 0) return null;
  const before = beginning === null ? [] : [{ SpecialToken: { id: beginning, type_id: 0 } }];
  const after = end === null ? [] : [{ SpecialToken: { id: end, type_id: 0 } }];
  const special: Record<string, unknown> = Object.create(null);
  for (const token of around) special[token] = { id: token, ids: [tokens.indexOf(token)], tokens: [token] };
  const single = [...before, { Sequence: { id: "A", type_id: 0 } }, ...after];
  return {
    type: "TemplateProcessing",
    single,
    pair: [...single, { Sequence: { id: "B", type_id: 1 } }, ...after],
    special_tokens: special,
  };
}

/** End of text, of turn and of message, if the file names them. */
function endIds(metadata: GgufMetadata): number[] {
  const ids = ["eos", "eot", "eom"].map((kind) => numberOf(metadata, `tokenizer.ggml.${kind}_token_id`));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

function unsupported(metadata: GgufMetadata, detail: string): Error {
  return problem("MODEL_TOKENIZER_UNSUPPORTED", { file: metadata.path, detail });
}
