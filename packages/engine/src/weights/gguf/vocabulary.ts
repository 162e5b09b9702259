/** @file Parts that all tokenizers of GGUF files share: vocabulary, token types, merges. */
import { damagedFile } from "../positioned-file.ts";
import type { GgufMetadata } from "./metadata.ts";

/** The vocabulary of either kind of tokenizer. */
export interface GgufVocabulary {
  readonly metadata: GgufMetadata;
  readonly tokens: readonly string[];
  /** One of `tokenKind` per token; empty if the file has none. */
  readonly kinds: readonly number[];
  /** The other lists of `tokenizer.ggml.*` */
  readonly merges: readonly string[] | undefined;
  readonly scores: readonly number[] | undefined;
  readonly pre: string | undefined;
}

/** The parts of `tokenizer.json` that depend on the kind of vocabulary. */
export interface TokenizerParts {
  readonly normalizer: unknown;
  readonly preTokenizer: unknown;
  readonly decoder: unknown;
  readonly model: unknown;
  /** Tokens matched in the text before any other step; `content` as it appears in the text. */
  readonly added: ReadonlyMap<number, string>;
  /** Whether a text starts with the beginning token if the file does not say. */
  readonly addsBeginning: boolean;
}

/** Values of `tokenizer.ggml.token_type`. */
export const tokenKind = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** Token to id, without a prototype: vocabularies of code contain `constructor` and `__proto__`. */
function idByToken(tokens: readonly string[]): Record<string, number> {
  const ids: Record<string, number> = Object.create(null);
  tokens.forEach((token, id) => {
    ids[token] = id;
  });
  return ids;
}

/** Splits `"Ġ t"` into `["Ġ", "t"]`. @throws {TunewiseError} `MODEL_FILE_DAMAGED` for a line that is not a pair */
export function mergePairs({ metadata, merges }: GgufVocabulary): [string, string][] {
  return (merges ?? []).map((merge, i) => {
    // From the second character on, because in old files the left part can itself be a space.
    const cut = merge.indexOf(" ", 1);
    if (cut > 0 && cut < merge.length - 1) return [merge.slice(0, cut), merge.slice(cut + 1)];
    const detail = `merge ${i} is ${JSON.stringify(merge.slice(0, 40))}, which is no pair`;
    throw damagedFile(metadata.path, detail);
  });
}

/** The model of a `tokenizer.json`. */
export function bpeModel(
  tokens: readonly string[],
  merges: readonly [string, string][],
  settings: Readonly<Record<"unk_token" | "fuse_unk" | "byte_fallback" | "ignore_merges", unknown>>,
): unknown {
  const { unk_token, ...rest } = settings;
  return {
    type: "BPE",
    dropout: null,
    unk_token,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    ...rest,
    vocab: idByToken(tokens),
    merges,
  };
}
