/** @file SQL tokenizer that normalizes white space, comments, case and quotes. */

/** A token; `text` is normalized for comparison. */
export interface SqlToken {
  readonly kind: "word" | "text" | "number" | "mark";
  readonly text: string;
}

/** Maximum length of a statement. */
const maxCharacters = 100_000;
const doubled = new Set(["<=", ">=", "<>", "!=", "==", "||", "::"]);
const closing: Readonly<Record<string, string>> = { '"': '"', "`": "`", "[": "]" };

/**
 * Splits a statement into tokens; words and quoted names in lowercase, a final semicolon dropped, `<>` as `!=`,
 * `==` as `=`.
 *
 * Double quotes enclose a name, as in the standard, or a string where only a value makes sense, as in SQLite and
 * MySQL.
 *
 * @returns `null` if a quote or comment is not closed, or the text is too long
 * @source ISO/IEC 9075-2, lexical elements; brackets as in SQL Server, backticks as in MySQL, both read by SQLite
 */
export function readSql(text: string): SqlToken[] | null {
  if (text.length > maxCharacters) return null;
  const tokens: (SqlToken & { readonly raw?: string })[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? "";
    if (/\s/.test(character)) at++;
    else if (text.startsWith("--", at)) at = endOf(text, "\n", at, text.length);
    else if (text.startsWith("/*", at)) {
      const end = endOf(text, "*/", at + 2, -1);
      if (end < 0) return null;
      at = end;
    } else {
      const [token, end] = readToken(text, at, character) ?? [null, at];
      if (token === null) return null;
      tokens.push(token);
      at = end;
    }
  }
  const isEnd = (token: SqlToken | undefined) => token?.kind === "mark" && token.text === ";";
  while (isEnd(tokens.at(-1))) tokens.pop();
  return textsInDoubleQuotes(tokens);
}

const comparisons = new Set(["=", "!=", "<", ">", "<=", ">="]);

/** Double quotes after a comparison, or in a list of values, enclose a string, whose case counts. */
function textsInDoubleQuotes(tokens: readonly (SqlToken & { readonly raw?: string })[]): SqlToken[] {
  let inList = false;
  return tokens.map((token, at): SqlToken => {
    const [before, further] = [tokens[at - 1], tokens[at - 2]];
    if (before?.text === "(" && further?.text === "in" && further.kind === "word") inList = true;
    if (token.kind === "mark" && token.text === ")") inList = false;
    const isCompared =
      (before?.kind === "mark" && comparisons.has(before.text)) ||
      (before?.kind === "word" && before.text === "like");
    const { kind, text, raw } = token;
    return raw !== undefined && (isCompared || inList) ? { kind: "text", text: raw } : { kind, text };
  });
}

function readToken(
  text: string,
  at: number,
  character: string,
): [SqlToken & { readonly raw?: string }, number] | null {
  if (character === "'") return quoted(text, at, "'", "text");
  const close = closing[character];
  if (close) return quoted(text, at, close, "word");
  const word = endOfWord(text, at);
  if (word > at) return [{ kind: "word", text: text.slice(at, word).toLowerCase() }, word];
  const digits = endOfDigits(text, at);
  if (digits > at) {
    return [{ kind: "number", text: String(Number(text.slice(at, digits))) }, digits];
  }
  const two = text.slice(at, at + 2);
  const mark = doubled.has(two) ? two : character;
  const same = mark === "<>" ? "!=" : mark === "==" ? "=" : mark;
  return [{ kind: "mark", text: same }, at + mark.length];
}

/** Reads up to the closing quote; a doubled quote stands for one. */
function quoted(
  text: string,
  at: number,
  close: string,
  kind: "text" | "word",
): [SqlToken & { readonly raw?: string }, number] | null {
  let inside = "";
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] !== close) inside += text[i];
    else if (close !== "]" && text[i + 1] === close) inside += text[i++];
    else if (kind === "text") return [{ kind, text: inside }, i + 1];
    else return [{ kind, text: inside.toLowerCase(), ...(close === '"' ? { raw: inside } : {}) }, i + 1];
  }
  return null;
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while ((at === from ? /[\p{L}_]/u : /[\p{L}\p{N}_$]/u).test(text[at] ?? "")) at++;
  return at;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (/[0-9]/.test(text[at] ?? "")) at++;
  if (text[at] === "." && (at > from || /[0-9]/.test(text[at + 1] ?? ""))) {
    at++;
    while (/[0-9]/.test(text[at] ?? "")) at++;
  }
  return at;
}

function endOf(text: string, mark: string, from: number, otherwise: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? otherwise : found + mark.length;
}
