/**
 * @file Added tokens (`<|im_end|>` and the like): found in the text before anything else is done to it.
 *
 * @source huggingface/tokenizers tokenizers/src/tokenizer/added_vocabulary.rs
 */
import { isTokenId } from "./bpe.ts";
import { invalidTokenizer } from "./vendor.ts";

/** A token that is matched as a whole. */
export interface AddedToken {
  readonly content: string;
  readonly id: number;
  /** Left out when special tokens are skipped in decoding. */
  readonly special: boolean;
  readonly singleWord: boolean;
  /** White space before or after it belongs to the token. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Searched in the normalized text instead of the raw one. */
  readonly normalized: boolean;
}

/** A stretch of text: either plain, or one added token. Positions are those of the searched text. */
export interface Section {
  readonly from: number;
  readonly to: number;
  /** The added token's id, or -1 for plain text. */
  readonly id: number;
}

/** Most added tokens that are taken. */
const MAX_ADDED_TOKENS = 100_000;

/**
 * The `added_tokens` list of `tokenizer.json`.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID`
 */
export function readAddedTokens(list: unknown): AddedToken[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || list.length > MAX_ADDED_TOKENS)
    throw invalidTokenizer("added_tokens is no list");
  return list.map((item: unknown, index) => {
    const token = item as Readonly<Record<string, unknown>> | null;
    if (typeof token !== "object" || token === null)
      throw invalidTokenizer(`added_tokens[${index}] is no object`);
    return addedToken(token, token["id"], `added_tokens[${index}]`);
  });
}

/** One added token from its JSON form; `id` stands apart since `tokenizer_config.json` has it as a key. */
export function addedToken(token: Readonly<Record<string, unknown>>, id: unknown, where: string): AddedToken {
  const content = token["content"];
  if (typeof content !== "string" || !isTokenId(id)) throw invalidTokenizer(`${where} lacks content or id`);
  const special = token["special"] === true;
  return {
    content,
    id,
    special,
    singleWord: token["single_word"] === true,
    lstrip: token["lstrip"] === true,
    rstrip: token["rstrip"] === true,
    normalized: typeof token["normalized"] === "boolean" ? token["normalized"] : !special,
  };
}

/**
 * A search for added tokens: the leftmost, and of those the longest.
 *
 * @param spell the text to search for, where it differs from the token's content
 */
export function addedTokenFinder(
  tokens: readonly AddedToken[],
  spell: (content: string) => string = (content) => content,
): (text: string) => Section[] {
  const bySpelling = new Map<string, AddedToken>();
  for (const token of tokens) {
    const spelling = spell(token.content);
    if (spelling !== "") bySpelling.set(spelling, token);
  }
  if (bySpelling.size === 0) return (text) => [{ from: 0, to: text.length, id: -1 }];
  const longestFirst = [...bySpelling.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(
    longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"),
    "g",
  );
  return (text) => {
    const sections: Section[] = [];
    let from = 0;
    for (const { 0: found, index } of text.matchAll(pattern)) {
      const token = bySpelling.get(found);
      if (token === undefined || index < from) continue;
      if (token.singleWord && touchesWord(text, index, index + found.length)) continue;
      const start = token.lstrip ? Math.max(from, whiteSpaceBefore(text, index)) : index;
      const end = token.rstrip ? whiteSpaceAfter(text, index + found.length) : index + found.length;
      if (start > from) sections.push({ from, to: start, id: -1 });
      sections.push({ from: start, to: end, id: token.id });
      from = end;
    }
    if (from < text.length) sections.push({ from, to: text.length, id: -1 });
    return sections;
  };
}

function touchesWord(text: string, from: number, to: number): boolean {
  const word = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
  const before = text.slice(Math.max(0, from - 2), from);
  const previous = [...before].at(-1) ?? "";
  const following = String.fromCodePoint(text.codePointAt(to) ?? 0x20);
  return word.test(previous) || word.test(following);
}

function whiteSpaceBefore(text: string, at: number): number {
  let start = at;
  while (start > 0 && /\p{White_Space}/u.test(text[start - 1] as string)) start--;
  return start;
}

function whiteSpaceAfter(text: string, at: number): number {
  let end = at;
  while (end < text.length && /\p{White_Space}/u.test(text[end] as string)) end++;
  return end;
}
