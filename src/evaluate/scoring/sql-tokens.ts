/**
 * @file SQL as tokens, whatever its spaces, comments, case and quotes.
 */

/** A token; `text` is as it is compared. */
export interface SqlToken {
  readonly kind: "word" | "text" | "number" | "mark";
  readonly text: string;
}

/** Longest statement that is read. */
const maxCharacters = 100_000;
const doubled = new Set(["<=", ">=", "<>", "!=", "==", "||", "::"]);
const closing: Readonly<Record<string, string>> = { '"': '"', "`": "`", "[": "]" };

/**
 * Tokens in order; words and quoted names in lower case, a final semicolon left out, `<>` as `!=`, `==` as `=`.
 *
 * Double quotes hold a name, as the standard has it, or a text where only a value makes sense, as SQLite and MySQL
 * have it.
 *
 * @returns `null` where a quote or a comment never closes, or the text is too long
 * @source ISO/IEC 9075-2, lexical elements; brackets as in SQL Server, backticks as in MySQL, both read by SQLite
 */
export function readSql(text: string): SqlToken[] | null {
  if (text.length > maxCharacters) return null;
  const tokens: (SqlToken & { readonly raw?: string })[] = [];
  let at = 0;
  while (at < text.length) {
    const letter = text[at] ?? "";
    if (/\s/.test(letter)) at++;
    else if (text.startsWith("--", at)) at = endOf(text, "\n", at, text.length);
    else if (text.startsWith("/*", at)) {
      const end = endOf(text, "*/", at + 2, -1);
      if (end < 0) return null;
      at = end;
    } else {
      const [token, end] = readToken(text, at, letter) ?? [null, at];
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

/** What stands in double quotes behind a comparison, or in a list of values, is meant as text, and its case counts. */
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
  letter: string,
): [SqlToken & { readonly raw?: string }, number] | null {
  if (letter === "'") return quoted(text, at, "'", "text");
  const close = closing[letter];
  if (close) return quoted(text, at, close, "word");
  const word = letterRun(text, at);
  if (word > at) return [{ kind: "word", text: text.slice(at, word).toLowerCase() }, word];
  const digits = digitRun(text, at);
  if (digits > at) {
    return [{ kind: "number", text: String(Number(text.slice(at, digits))) }, digits];
  }
  const two = text.slice(at, at + 2);
  const mark = doubled.has(two) ? two : letter;
  const same = mark === "<>" ? "!=" : mark === "==" ? "=" : mark;
  return [{ kind: "mark", text: same }, at + mark.length];
}

/** Up to the closing quote; two of them are one inside. */
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

function letterRun(text: string, from: number): number {
  let at = from;
  while ((at === from ? /[\p{L}_]/u : /[\p{L}\p{N}_$]/u).test(text[at] ?? "")) at++;
  return at;
}

function digitRun(text: string, from: number): number {
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
