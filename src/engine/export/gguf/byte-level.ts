/**
 * @file Byte-level BPE as GGUF metadata: the word that tells llama.cpp how to cut a text before merging.
 */
import { type JsonObject, type Preparation, preparations } from "../../../weights/index.ts";
import { unfitTokenizer } from "../refusal.ts";
import { text, type VocabularyFields } from "./gguf-file.ts";
import { flat, type TokenizerParts } from "./tokenizer-parts.ts";

/** Words that are written, of several with one meaning the one of llama.cpp's converter. */
const words = ["gpt-2", "smollm", "llama-bpe", "qwen2", "tekken"] as const;

/**
 * Metadata of a byte-level tokenizer.
 *
 * @throws {TunewiseError} `EXPORT_UNFIT` where no word stands for the way it cuts
 */
export function byteLevelFields(parts: TokenizerParts): VocabularyFields {
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

/** The way a text is cut, as a text that is equal where the way is. */
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
