/**
 * @file Added tokens such as `<|im_end|>`, which are matched in the text before any other processing.
 *
 * @source huggingface/tokenizers tokenizers/src/tokenizer/added_vocabulary.rs
 */
import { isTokenId } from "./bpe.ts";
import { invalidTokenizer } from "./vendor.ts";

/** A token that is matched verbatim. */
export interface AddedToken {
  readonly content: string;
  readonly id: number;
  /** Omitted by `skipSpecialTokens`. */
  readonly special: boolean;
  readonly singleWord: boolean;
  /** Whether the token absorbs white space before or after it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Whether it is matched in the normalized instead of the raw text. */
  readonly normalized: boolean;
}

/** A section of the searched text: plain text, or one added token. */
export interface Section {
  readonly from: number;
  readonly to: number;
  /** Id of the added token, or -1 for plain text. */
  readonly id: number;
}

/** Max. added tokens. */
const MAX_ADDED_TOKENS = 100_000;

/**
 * Parses the `added_tokens` list of `tokenizer.json`.
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

/** Parses an added token; `id` is separate since `tokenizer_config.json` has it as a key. */
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
 * Creates a leftmost-longest search for added tokens.
 *
 * @param spell maps a token's content to the text to search for
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
