/**
 * @file BPE with byte fallback as sentencepiece metadata of GGUF: scores in place of merges.
 *
 * Sentencepiece merges the neighbors whose joint piece scores highest, BPE the pair that stands first in its list:
 * the place of a piece's first pair, negated, is a score that gives the same order.
 */
import type { JsonObject } from "../../../weights/index.ts";
import { unfitTokenizer } from "../refusal.ts";
import { text, type VocabularyFields } from "./gguf-file.ts";
import type { TokenizerParts } from "./tokenizer-parts.ts";

const blank = "\u2581";

/** Lowest score there: of tokens no merge makes. */
const apart = -1e9;

/**
 * Metadata of a sentencepiece tokenizer.
 *
 * @throws {TunewiseError} `EXPORT_UNFIT` for a preparation of text that llama.cpp does not have
 */
export function sentencePieceFields(parts: TokenizerParts, tokens: readonly string[]): VocabularyFields {
  const prefix = prefixOf(parts);
  const scores = new Map<string, number>();
  for (const [rank, [left, right]] of parts.merges.entries()) {
    const piece = left + right;
    if (!scores.has(piece)) scores.set(piece, -rank);
  }
  return {
    notes:
      prefix === "first"
        ? [
            "llama.cpp puts no blank before a text that begins without a special token, as this tokenizer does; " +
              "prompts made with the chat template are the same",
          ]
        : [],
    fields: {
      "tokenizer.ggml.model": text("llama"),
      "tokenizer.ggml.pre": text("default"),
      "tokenizer.ggml.scores": { type: "float32s", value: tokens.map((token) => scores.get(token) ?? apart) },
      "tokenizer.ggml.add_space_prefix": { type: "bool", value: prefix === "always" },
    },
  };
}

/** Where a blank is put in front: of each stretch of text, of the whole text alone, nowhere. */
type Prefix = "always" | "first" | "never";

function prefixOf(parts: TokenizerParts): Prefix {
  const { normalizers, preTokenizers } = parts;
  const prepends = normalizers.filter(({ type, prepend }) => type === "Prepend" && prepend === blank);
  const replaces = normalizers.filter(isBlankReplacement);
  const rest = preTokenizers.filter((step) => !splitsNothing(step));
  const isKnown = prepends.length + replaces.length === normalizers.length;
  const [only] = rest;
  if (isKnown && replaces.length === 1 && rest.length === 0) return prepends.length > 0 ? "always" : "never";
  if (normalizers.length === 0 && rest.length === 1 && only?.["type"] === "Metaspace") {
    return metaspace(only, parts);
  }
  const steps = [...normalizers, ...rest].map(({ type }) => String(type)).join(", ");
  throw unfitTokenizer(`it prepares text by ${steps || "nothing"}`);
}

function isBlankReplacement({ type, pattern, content }: JsonObject): boolean {
  return type === "Replace" && content === blank && (pattern as JsonObject | undefined)?.["String"] === " ";
}

/** Gemma cuts at spaces, of which its normalizer has left none. */
function splitsNothing({ type, pattern }: JsonObject): boolean {
  return type === "Split" && (pattern as JsonObject | undefined)?.["String"] === " ";
}

function metaspace(step: JsonObject, { vocabulary }: TokenizerParts): Prefix {
  if (step["replacement"] !== blank) throw unfitTokenizer("its blanks are not those of sentencepiece");
  // words are cut apart before merging; without that, only a piece with a blank inside could tell the difference
  const crosses = (token: string): boolean => token.includes(blank, 1);
  if (step["split"] !== false && [...vocabulary.keys()].some(crosses)) {
    throw unfitTokenizer("it cuts at blanks, but has pieces that go across them");
  }
  const scheme = step["prepend_scheme"];
  if (scheme === "first" || scheme === "never") return scheme;
  return step["add_prefix_space"] === false ? "never" : "always";
}
