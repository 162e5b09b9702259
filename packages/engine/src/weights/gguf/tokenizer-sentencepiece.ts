/**
 * @file Sentencepiece BPE vocabularies of GGUF files (`tokenizer.ggml.model` llama), converted to BPE with byte
 *   fallback.
 *
 * Sentencepiece merges the neighbors whose joint piece has the highest score. An equivalent list of merges has every
 * split of a piece into two pieces, best score first.
 *
 * @source google/sentencepiece src/bpe_model.cc; huggingface/transformers src/transformers/tokenization_utils_base.py
 *   `generate_merges`, src/transformers/integrations/gguf/gguf_tokenizer_mapping.py
 */
import { type FamilyName, families } from "../../families/index.ts";
import { problem } from "../../problem/index.ts";
import { damagedFile } from "../positioned-file.ts";
import { flagOf } from "./metadata.ts";
import { bpeModel, type GgufVocabulary, mergePairs, type TokenizerParts, tokenKind } from "./vocabulary.ts";

/** Represents a space in pieces. */
const blank = "\u2581";

/**
 * The parts of a sentencepiece tokenizer.
 *
 * @throws {TunewiseError} `MODEL_TOKENIZER_UNSUPPORTED` for a vocabulary without scores or byte pieces,
 *   `MODEL_FILE_DAMAGED` if scores and tokens differ in number
 */
export function sentencePieceTokenizer(vocabulary: GgufVocabulary, family: FamilyName): TokenizerParts {
  checkPieces(vocabulary);
  const { metadata, kinds } = vocabulary;
  const isOrderedById = families[family].gguf?.isOrderedById === true;
  const tokens = vocabulary.tokens.map((token) => (isBlanks(token) ? blank.repeat(token.length) : token));
  const prefixed = flagOf(metadata, "tokenizer.ggml.add_space_prefix") ?? !isOrderedById;
  const added = new Map<number, string>();
  let unknown: string | null = null;
  tokens.forEach((token, id) => {
    if (kinds[id] === tokenKind.unknown) unknown = token;
    const isWhole =
      kinds[id] === tokenKind.control ||
      kinds[id] === tokenKind.unknown ||
      // Runs of spaces are found by merging; as added tokens they would match the blank character itself.
      (kinds[id] === tokenKind.userDefined && !token.startsWith(blank));
    if (isWhole) added.set(id, token);
  });
  const merges =
    vocabulary.merges === undefined
      ? mergesFromScores(tokens, mergeOrder(vocabulary, isOrderedById))
      : mergePairs(vocabulary);
  const replace = { type: "Replace", pattern: { String: " " }, content: blank };
  return {
    normalizer: prefixed
      ? { type: "Sequence", normalizers: [{ type: "Prepend", prepend: blank }, replace] }
      : replace,
    preTokenizer: null,
    decoder: decoder(prefixed),
    model: bpeModel(tokens, merges, {
      unk_token: unknown,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
    }),
    added,
    addsBeginning: true,
  };
}

/**
 * Every split of every piece into two pieces, best score first; among equals the longer left part first.
 *
 * @param scores one per token, higher merges earlier
 */
function mergesFromScores(tokens: readonly string[], scores: readonly number[]): [string, string][] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const cuts: { left: string; right: string; score: number; leftLength: number; rightLength: number }[] = [];
  for (const [token, id] of ids) {
    const characters = Array.from(token);
    const ofToken: typeof cuts = [];
    let left = "";
    for (let i = 1; i < characters.length; i++) {
      left += characters[i - 1];
      const right = token.slice(left.length);
      if (!ids.has(left) || !ids.has(right)) continue;
      const lengths = { leftLength: i, rightLength: characters.length - i };
      ofToken.push({ left, right, score: scores[id] ?? 0, ...lengths });
    }
    const idOf = (piece: string): number => ids.get(piece) ?? 0;
    ofToken.sort((a, b) => idOf(a.left) - idOf(b.left) || idOf(a.right) - idOf(b.right));
    cuts.push(...ofToken);
  }
  cuts.sort((a, b) => b.score - a.score || b.leftLength - a.leftLength || b.rightLength - a.rightLength);
  return cuts.map(({ left, right }) => [left, right]);
}

/** Gemma's scores do not follow its merges; the order of its tokens does. */
function mergeOrder(vocabulary: GgufVocabulary, isOrderedById: boolean): readonly number[] {
  return isOrderedById ? vocabulary.tokens.map((_, id) => -id) : (vocabulary.scores ?? []);
}

function checkPieces({ metadata, tokens, kinds, scores, merges }: GgufVocabulary): void {
  const file = metadata.path;
  if (scores !== undefined && scores.length !== tokens.length) {
    const detail = `it has ${tokens.length} tokens but ${scores.length} scores`;
    throw damagedFile(file, detail);
  }
  if (scores === undefined && merges === undefined) {
    throw problem("MODEL_TOKENIZER_UNSUPPORTED", {
      file,
      detail: "its tokenizer has neither scores nor merges",
    });
  }
  // Without the 256 byte pieces it is a unigram or another model that this BPE would not reproduce.
  const bytes = kinds.filter((kind) => kind === tokenKind.byte).length;
  if (bytes !== 256) {
    const detail = `its sentencepiece vocabulary has ${bytes} byte pieces instead of 256, so it may be a unigram one`;
    throw problem("MODEL_TOKENIZER_UNSUPPORTED", { file, detail });
  }
}

function decoder(prefixed: boolean): unknown {
  const decoders: unknown[] = [
    { type: "Replace", pattern: { String: blank }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
  ];
  if (prefixed) decoders.push({ type: "Strip", content: " ", start: 1, stop: 0 });
  return { type: "Sequence", decoders };
}

function isBlanks(token: string): boolean {
  return /^ +$/.test(token);
}
