/**
 * @file The tokenizer of a model as GGUF metadata, so that llama.cpp tokenizes text to the same ids.
 *
 * Byte-level BPE names its pre-tokenizer, by which llama.cpp splits a text before merging. BPE with byte fallback is
 * written as sentencepiece, with scores in place of merges: sentencepiece merges the neighbors whose joint piece has
 * the highest score, BPE the pair that comes first in its list, so the negated index of a piece's first merge is a
 * score with the same order.
 *
 * @source ggml-org/llama.cpp src/llama-vocab.cpp (`llm_tokenizer_bpe`, `llm_tokenizer_spm`),
 *   gguf-py/gguf/constants.py `Keys.Tokenizer`
 */
import {
  createTokenizer,
  portableTemplate,
  specialTokens,
  type TokenizerFiles,
} from "../../tokenize/index.ts";
import { type JsonObject, type Preparation, preparations, tokenKind } from "../../weights/index.ts";
import { unfitTokenizer } from "../export-plan.ts";
import { integer, text, type VocabularyFields } from "./gguf-file.ts";
import { flat, readParts, type TokenizerParts } from "./tokenizer-parts.ts";

/**
 * Metadata of a model's tokenizer, its chat template and its end-of-answer ids.
 *
 * @param rows of the embedding: llama.cpp requires a token for each
 * @throws {TunewiseError} `EXPORT_UNSUPPORTED` for a tokenizer that llama.cpp cannot reproduce,
 *   `TOKENIZER_INVALID`
 */
export function vocabularyFields(files: TokenizerFiles, rows: number): VocabularyFields {
  const tokenizer = createTokenizer(files);
  const parts = readParts(files);
  if (parts.type !== "BPE") throw unfitTokenizer(`its kind is ${parts.type}, not BPE`);
  const around = tokenizer.encode("");
  const { texts, kinds } = listTokens(parts, rows);
  const own = parts.byteFallback ? sentencePieceFields(parts, texts) : byteLevelFields(parts);
  const [end, turn, message] = tokenizer.endIds;
  const unknown = parts.idOf(specialTokens(files).get("unk_token") ?? parts.unknown ?? "");
  const template = portableTemplate(files);
  const ids = {
    bos: tokenizer.beginId,
    eos: end,
    unknown,
    padding: tokenizer.padId,
    eot: turn,
    eom: message,
  };
  return {
    notes: [...own.notes, ...particularNotes(parts)],
    fields: {
      ...own.fields,
      "tokenizer.ggml.tokens": { type: "strings", value: texts },
      "tokenizer.ggml.token_type": { type: "int32s", value: kinds },
      ...Object.fromEntries(
        Object.entries(ids)
          .filter((entry): entry is [string, number] => typeof entry[1] === "number")
          .map(([name, id]) => [`tokenizer.ggml.${name}_token_id`, integer(id)]),
      ),
      "tokenizer.ggml.add_bos_token": {
        type: "bool",
        value: tokenizer.beginId !== null && around[0] === tokenizer.beginId,
      },
      "tokenizer.ggml.add_eos_token": { type: "bool", value: end !== undefined && around.at(-1) === end },
      ...(template === null ? {} : { "tokenizer.chat_template": text(template) }),
    },
  };
}

function particularNotes({ added }: TokenizerParts): string[] {
  const names = added.filter(({ isParticular }) => isParticular).map(({ content }) => content);
  if (names.length === 0) return [];
  const some = names.slice(0, 3).join(" ") + (names.length > 3 ? " ..." : "");
  return [`llama.cpp finds ${some} anywhere in a text, whatever stands beside them; this tokenizer does not`];
}

/** One text and one token type for each row of the embedding. */
function listTokens(parts: TokenizerParts, rows: number): { texts: string[]; kinds: number[] } {
  const texts = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const kinds = new Array<number>(rows).fill(tokenKind.unused);
  const put = (id: number, token: string, kind: number): void => {
    if (id >= rows) return;
    texts[id] = token;
    kinds[id] = kind;
  };
  for (const [token, id] of parts.vocabulary) {
    const isByte = parts.byteFallback && /^<0x[0-9A-F]{2}>$/.test(token);
    put(id, token, isByte ? tokenKind.byte : tokenKind.normal);
  }
  for (const { id, content, special } of parts.added) {
    const isUnknown = parts.byteFallback && content === parts.unknown;
    const kind = isUnknown ? tokenKind.unknown : special ? tokenKind.control : tokenKind.userDefined;
    // llama.cpp matches user-defined tokens in the original text, where spaces are not replaced yet
    const isText = parts.byteFallback && kind === tokenKind.userDefined;
    put(id, isText ? content.replaceAll("\u2581", " ") : content, kind);
  }
  return { texts, kinds };
}

/** Pre-tokenizer names to write; of several equivalent ones, the one that llama.cpp's converter writes. */
const words = ["gpt-2", "smollm", "llama-bpe", "qwen2", "tekken"] as const;

/**
 * Metadata of a byte-level tokenizer.
 *
 * @throws {TunewiseError} `EXPORT_UNSUPPORTED` if llama.cpp has no such pre-tokenizer
 */
function byteLevelFields(parts: TokenizerParts): VocabularyFields {
  const strange = parts.normalizers.find(({ type }) => type !== "NFC");
  if (strange) throw unfitTokenizer(`its normalizer is ${String(strange["type"])}`);
  const cuts = cutsOf(parts.preTokenizers);
  const word = words.find((one) => {
    const known = preparations.get(one) as Preparation;
    const same = cutsOf(flat(known.preTokenizer, "pretokenizers"));
    return same === cuts && known.ignoresMerges === parts.ignoresMerges;
  });
  if (word === undefined) {
    throw unfitTokenizer(`it cuts text unlike any of ${words.join(", ")}`);
  }
  const merges = parts.merges.map(([left, right]) => `${left} ${right}`);
  return {
    notes:
      parts.normalizers.length > 0
        ? ["llama.cpp does not bring texts into NFC first: combining marks may become other tokens there"]
        : [],
    fields: {
      "tokenizer.ggml.model": text("gpt2"),
      "tokenizer.ggml.pre": text(word),
      "tokenizer.ggml.merges": { type: "strings", value: merges },
    },
  };
}

/** A canonical text of the pre-tokenizer, for comparison. */
function cutsOf(steps: readonly JsonObject[]): string {
  return steps
    .flatMap((step) => {
      if (step["type"] === "ByteLevel" && step["add_prefix_space"] !== true) {
        return step["use_regex"] === false ? [] : ["gpt-2"];
      }
      if (step["type"] === "Digits" && step["individual_digits"] === true) return ["split \\p{N}"];
      const pattern = (step["pattern"] as JsonObject | undefined)?.["Regex"];
      const isPlain = step["behavior"] === "Isolated" && step["invert"] !== true;
      if (step["type"] === "Split" && isPlain) return [`split ${String(pattern)}`];
      return [JSON.stringify(step)];
    })
    .join("\n");
}

const blank = "\u2581";

/** Score below that of any merge, for tokens that no merge produces. */
const apart = -1e9;

/**
 * Metadata of a sentencepiece tokenizer.
 *
 * @throws {TunewiseError} `EXPORT_UNSUPPORTED` if llama.cpp does not support the tokenizer's normalization
 */
function sentencePieceFields(parts: TokenizerParts, tokens: readonly string[]): VocabularyFields {
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

/** Where a blank is prepended: to each segment of text, to the complete text only, or nowhere. */
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

/** Gemma splits at spaces, but its normalizer has already replaced them all. */
function splitsNothing({ type, pattern }: JsonObject): boolean {
  return type === "Split" && (pattern as JsonObject | undefined)?.["String"] === " ";
}

function metaspace(step: JsonObject, { vocabulary }: TokenizerParts): Prefix {
  if (step["replacement"] !== blank) throw unfitTokenizer("its blanks are not those of sentencepiece");
  // llama.cpp does not split words before merging, which matters only for pieces that contain an inner blank
  const crosses = (token: string): boolean => token.includes(blank, 1);
  if (step["split"] !== false && [...vocabulary.keys()].some(crosses)) {
    throw unfitTokenizer("it cuts at blanks, but has pieces that go across them");
  }
  const scheme = step["prepend_scheme"];
  if (scheme === "first" || scheme === "never") return scheme;
  return step["add_prefix_space"] === false ? "never" : "always";
}
