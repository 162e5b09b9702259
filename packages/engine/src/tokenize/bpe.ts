/**
 * @file Byte-pair encoding (BPE) on integer ids, equal to the Rust library.
 *
 * The symbols of a piece are merged pair by pair: the pair of lowest rank first, the leftmost among equals.
 *
 * @source Sennrich et al. 2016; huggingface/tokenizers tokenizers/src/models/bpe/{model,word}.rs
 */
import { countOf } from "@tunewise/core/quantity";
import { mergeLong, mergeShort, type PairTable, type Symbols } from "./merge.ts";
import { invalidTokenizer, type PartConfig } from "./vendor.ts";

/** Max. vocabulary size; the largest in use have about 260,000 tokens. */
const MAX_VOCABULARY = 4_000_000;
/** Longer pieces are merged with a heap. */
const SHORT_SYMBOLS = 48;

/** A tokenization model: converts one piece of text into token ids. */
export interface PieceModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  encode(piece: string): readonly number[];
  /** End of each token of `encode(piece)` as UTF-16 offset in the piece, or `null` if unknown. */
  ends(piece: string): readonly number[] | null;
}

/**
 * Creates the BPE model of `tokenizer.json`.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for a broken vocabulary or merge list
 */
export function createBpe(config: PartConfig): PieceModel {
  const vocabulary = readVocabulary(config["vocab"]);
  const table = readMerges(config, vocabulary);
  const splitSymbols = symbolSplitter(config, vocabulary);
  const ignoreMerges = config["ignore_merges"] === true;

  function run(piece: string): Symbols {
    const id = ignoreMerges ? vocabulary.get(piece) : undefined;
    if (id !== undefined) return { ids: [id], lengths: [piece.length] };
    const symbols = splitSymbols(piece);
    return symbols.ids.length <= SHORT_SYMBOLS ? mergeShort(symbols, table) : mergeLong(symbols, table);
  }

  return {
    vocabulary,
    encode: (piece) => run(piece).ids,
    ends(piece): number[] {
      let at = 0;
      return run(piece).lengths.map((length) => {
        at += length;
        return at;
      });
    },
  };
}

/** Validates and copies `vocab`. */
export function readVocabulary(vocab: unknown): Map<string, number> {
  if (typeof vocab !== "object" || vocab === null) throw invalidTokenizer("model.vocab is missing");
  const entries = Object.entries(vocab);
  if (entries.length > MAX_VOCABULARY)
    throw invalidTokenizer(`model.vocab has ${countOf(entries.length, "token")}`);
  const vocabulary = new Map<string, number>();
  for (const [token, id] of entries) {
    if (!isTokenId(id)) throw invalidTokenizer(`model.vocab gives ${JSON.stringify(token)} no valid id`);
    vocabulary.set(token, id);
  }
  return vocabulary;
}

/** Whether the value is a valid token id. */
export function isTokenId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < MAX_VOCABULARY;
}

function readMerges(config: PartConfig, vocabulary: ReadonlyMap<string, number>): PairTable {
  const merges = config["merges"];
  if (!Array.isArray(merges)) throw invalidTokenizer("model.merges is missing");
  const prefix = textOr(config["continuing_subword_prefix"], "").length;
  const table: PairTable = { values: new Map(), stride: MAX_VOCABULARY };
  for (const [rank, merge] of merges.entries()) {
    const [left, right] = typeof merge === "string" ? cutMerge(merge) : (merge as [unknown, unknown]);
    if (typeof left !== "string" || typeof right !== "string") {
      throw invalidTokenizer(`model.merges[${rank}] is not a pair`);
    }
    const a = vocabulary.get(left);
    const b = vocabulary.get(right);
    const merged = vocabulary.get(left + right.slice(prefix));
    if (a === undefined || b === undefined || merged === undefined) {
      throw invalidTokenizer(`model.merges[${rank}] names a token outside the vocabulary`);
    }
    table.values.set(a * table.stride + b, rank * table.stride + merged);
  }
  return table;
}

function cutMerge(merge: string): [string, string] {
  const space = merge.indexOf(" ");
  return [merge.slice(0, space), merge.slice(space + 1)];
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

/** Splits a piece into initial symbols: characters, bytes of unknown characters, or the unknown token. */
function symbolSplitter(
  config: PartConfig,
  vocabulary: ReadonlyMap<string, number>,
): (piece: string) => Symbols {
  const prefix = textOr(config["continuing_subword_prefix"], "");
  const suffix = textOr(config["end_of_word_suffix"], "");
  const unknown = vocabulary.get(textOr(config["unk_token"], "\0none"));
  const fuse = config["fuse_unk"] === true;
  const bytes = config["byte_fallback"] === true ? byteIds(vocabulary) : null;

  return (piece) => {
    const ids: number[] = [];
    const lengths: number[] = [];
    let unknownLength = 0;
    const flush = (): void => {
      if (unknownLength > 0 && unknown !== undefined) {
        ids.push(unknown);
        lengths.push(unknownLength);
      }
      unknownLength = 0;
    };
    let at = 0;
    for (const character of piece) {
      const isFirst = at === 0;
      at += character.length;
      const symbol = (isFirst ? "" : prefix) + character + (at === piece.length ? suffix : "");
      const id = vocabulary.get(symbol);
      if (id !== undefined) {
        flush();
        ids.push(id);
        lengths.push(character.length);
      } else if (bytes !== null) {
        pushBytes(Buffer.from(symbol, "utf8"), bytes, character.length, ids, lengths);
      } else {
        if (!fuse) flush();
        unknownLength += character.length;
      }
    }
    flush();
    return { ids, lengths };
  };
}

/** The first byte token gets the length of the character, so that all of them end after it. */
function pushBytes(
  text: Buffer,
  bytes: readonly number[],
  length: number,
  ids: number[],
  lengths: number[],
): void {
  text.forEach((byte, index) => {
    ids.push(bytes[byte] as number);
    lengths.push(index === 0 ? length : 0);
  });
}

/** Ids of `<0x00>` to `<0xFF>`, or `null` if the vocabulary lacks one. */
function byteIds(vocabulary: ReadonlyMap<string, number>): number[] | null {
  const ids: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    const id = vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
    if (id === undefined) return null;
    ids.push(id);
  }
  return ids;
}
