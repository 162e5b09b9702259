/**
 * @file The parts of a `tokenizer.json` that determine tokenization, read in order to write them in another format.
 *
 * Their content is not validated here: the same file has already been used to create a tokenizer.
 */
import type { TokenizerFiles } from "../../tokenize/index.ts";
import { isJsonObject, type JsonObject } from "../../weights/index.ts";

/** A token matched before the text is split. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  /** Whether it matches only as a complete word, or together with adjacent blanks. */
  readonly isParticular: boolean;
}

/** The parts of a tokenizer. */
export interface TokenizerParts {
  readonly type: string;
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly merges: readonly (readonly [string, string])[];
  /** Tokens matched in the text before any other step. */
  readonly added: readonly AddedToken[];
  readonly unknown: string | null;
  /** Whether unknown characters become byte tokens, as in sentencepiece. */
  readonly byteFallback: boolean;
  readonly ignoresMerges: boolean;
  /** Steps before the merges, with nested sequences flattened. */
  readonly normalizers: readonly JsonObject[];
  readonly preTokenizers: readonly JsonObject[];
  idOf(token: string): number | undefined;
}

/** Reads the parts. */
export function readParts(files: TokenizerFiles): TokenizerParts {
  const json = isJsonObject(files.tokenizer) ? files.tokenizer : {};
  const model = isJsonObject(json["model"]) ? json["model"] : {};
  const table = isJsonObject(model["vocab"]) ? model["vocab"] : {};
  const vocabulary = new Map(Object.entries(table).map(([token, id]) => [token, Number(id)]));
  const added = [...addedTokens(json["added_tokens"]), ...configTokens(files, json["added_tokens"])];
  const unknown = model["unk_token"];
  return {
    type: String(model["type"] ?? "BPE"),
    vocabulary,
    merges: pairs(model["merges"]),
    added,
    unknown: typeof unknown === "string" ? unknown : null,
    byteFallback: model["byte_fallback"] === true,
    ignoresMerges: model["ignore_merges"] === true,
    normalizers: flat(json["normalizer"], "normalizers"),
    preTokenizers: flat(json["pre_tokenizer"], "pretokenizers"),
    idOf: (token) => added.find(({ content }) => content === token)?.id ?? vocabulary.get(token),
  };
}

/** The steps of a part, with nested sequences flattened. */
export function flat(part: unknown, key: string): JsonObject[] {
  if (!isJsonObject(part)) return [];
  const inner = part[key];
  if (part["type"] !== "Sequence" || !Array.isArray(inner)) return [part];
  return inner.flatMap((one) => flat(one, key));
}

function addedTokens(list: unknown): AddedToken[] {
  const tokens = Array.isArray(list) ? list.filter(isJsonObject) : [];
  return tokens.map(({ id, content, special, ...rules }) => ({
    id: Number(id),
    content: String(content),
    special: special === true,
    isParticular: ["single_word", "lstrip", "rstrip"].some((rule) => rules[rule] === true),
  }));
}

/** Tokens listed only in `tokenizer_config.json`. */
function configTokens({ config }: TokenizerFiles, known: unknown): AddedToken[] {
  const listed = isJsonObject(config) ? config["added_tokens_decoder"] : undefined;
  const contents = new Set(addedTokens(known).map(({ content }) => content));
  const tokens = Object.entries(isJsonObject(listed) ? listed : {}).map(([id, token]) => ({
    ...(isJsonObject(token) ? token : {}),
    id: Number(id),
  }));
  return addedTokens(tokens).filter(({ content }) => !contents.has(content));
}

/** Merges are `"a b"` in old files, `["a", "b"]` in new ones. */
function pairs(merges: unknown): [string, string][] {
  return (Array.isArray(merges) ? merges : []).map((merge: unknown) => {
    if (Array.isArray(merge)) return [String(merge[0]), String(merge[1])];
    const line = String(merge);
    const cut = line.indexOf(" ", 1);
    return [line.slice(0, cut), line.slice(cut + 1)];
  });
}
