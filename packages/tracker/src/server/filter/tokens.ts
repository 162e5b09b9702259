/**
 * @file Splits a filter's text into tokens: names, quoted texts, numbers and marks. A single pass from left to right,
 * so that time is linear in its length.
 *
 * @source mlflow.org docs, "Search Runs": identifiers `entity.key` with odd keys in backticks or double quotes, values
 *   in single or double quotes, numbers, comparisons
 */

/** Creates the error for an invalid text; each protocol words it differently. */
export type Refuse = (why: string) => Error;

/** Maximum characters of a filter; a list of a thousand run ids has about 36,000. */
export const maxFilterCharacters = 100_000;

/** A filter, token by token. */
export interface Cursor {
  /** Consumes the next token if it is the given mark. */
  readonly mark: (mark: string) => boolean;
  /** Consumes the next tokens if they are the given words, in any case. */
  readonly words: (words: string) => boolean;
  readonly take: (kind: Token["kind"], quote?: string) => Token | null;
  readonly isAtEnd: () => boolean;
  /** Creates the error at the next token. */
  readonly expected: (what: string) => Error;
}

/**
 * Creates a cursor that reads a text token by token.
 *
 * @throws the error of `refuse` for an invalid token, such as an unclosed quote
 */
export function readFrom(text: string, refuse: Refuse): Cursor {
  const tokens = readTokens(text, refuse);
  let at = 0;
  const isWord = (token: Token | undefined, word: string): boolean =>
    token?.kind === "name" &&
    token.entity === null &&
    token.quote === "" &&
    token.text.toUpperCase() === word;
  return {
    mark: (mark) => tokens[at]?.kind === "mark" && tokens[at]?.text === mark && ++at > 0,
    words: (words) => {
      const list = words.split(" ");
      if (!list.every((word, offset) => isWord(tokens[at + offset], word))) return false;
      at += list.length;
      return true;
    },
    take: (kind, quote) => {
      const token = tokens[at];
      if (token?.kind !== kind || (quote !== undefined && (token.quote !== quote || token.entity !== null))) {
        return null;
      }
      at++;
      return token;
    },
    isAtEnd: () => at >= tokens.length,
    expected: (what) => {
      const token = tokens[at];
      return refuse(`${what} was expected${token ? ` at letter ${token.at + 1}` : " at the end"}`);
    },
  };
}

/** A token of a filter and its position. */
export interface Token {
  readonly kind: "name" | "text" | "number" | "mark";
  /** Part of a name before its first dot. */
  readonly entity: string | null;
  readonly text: string;
  /** Quote character around the text. */
  readonly quote: string;
  readonly at: number;
  readonly end: number;
}

function readTokens(text: string, refuse: Refuse): Token[] {
  if (text.length > maxFilterCharacters) throw refuse(`it has more than ${maxFilterCharacters} letters`);
  if (text.includes("\0")) throw refuse("it holds a NUL letter");
  const tokens: Token[] = [];
  let at = endOf(/\s*/y, text, 0);
  while (at < text.length) {
    const token = readToken(text, at, refuse);
    tokens.push(token);
    at = endOf(/\s*/y, text, token.end);
  }
  return tokens;
}

/** End of a match at a position, or the position itself without a match. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

const bare = /[^\s'"`()=<>!,.]+/y;
const bareKey = /[^\s'"`()=<>!,;]+/y;

function readToken(text: string, at: number, refuse: Refuse): Token {
  const token = { entity: null, quote: "", at };
  if (text[at] === "'") return { ...token, kind: "text", ...readQuoted(text, at, refuse) };
  const mark = endOf(/[<>!]=|[()=<>,]/y, text, at);
  if (mark > at) return { ...token, kind: "mark", text: text.slice(at, mark), end: mark };
  if (text[at] === "!") throw refuse(`'!' at letter ${at + 1}`);
  const end = endOf(/[-+.]?\d(?:[eE][-+]?|[\d.])*/y, text, at);
  // a name may begin with a digit if it is not a number: 3d_loss
  if (end === at || endOf(bare, text, end) > end) return readName(text, at, refuse);
  const number = text.slice(at, end);
  if (Number.isFinite(Number(number))) return { ...token, kind: "number", text: number, end };
  throw refuse(`'${number.slice(0, 40)}' is no number`);
}

/** Reads `entity.key` or a key alone, split at the first dot only. */
function readName(text: string, at: number, refuse: Refuse): Token {
  const first = readPart(text, at, bare, refuse);
  if (text[first.end] !== ".") {
    return { kind: "name", entity: null, at, ...first };
  }
  return { kind: "name", entity: first.text, at, ...readPart(text, first.end + 1, bareKey, refuse) };
}

type Part = Pick<Token, "text" | "quote" | "end">;

function readPart(text: string, at: number, pattern: RegExp, refuse: Refuse): Part {
  if (text[at] === "`" || text[at] === '"') return readQuoted(text, at, refuse);
  const end = endOf(pattern, text, at);
  if (end === at) throw refuse(`a name was expected at letter ${at + 1}`);
  return { text: text.slice(at, end), quote: "", end };
}

/** Reads a quoted text; a quote inside it is doubled. */
function readQuoted(text: string, at: number, refuse: Refuse): Part {
  const quote = text[at] as string;
  let inner = "";
  let from = at + 1;
  for (;;) {
    const end = text.indexOf(quote, from);
    if (end < 0) throw refuse(`the quote at letter ${at + 1} is not closed`);
    inner += text.slice(from, end);
    if (text[end + 1] !== quote) return { text: inner, quote, end: end + 1 };
    inner += quote;
    from = end + 2;
  }
}
