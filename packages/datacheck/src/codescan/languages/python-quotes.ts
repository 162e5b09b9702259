/**
 * @file Quotes within the fields of Python's f-strings. Since Python 3.12 a field may use the quote of the enclosing
 * text, which the grammar cannot read. Such inner quotes are replaced by the other kind, without moving any offset.
 */

/** Matches the start of a string or a comment. Comments are skipped, so that their quotes start no string. */
const starts = /#[^\n]*|(?<![\w])([a-zA-Z]{0,2})("""|'''|"|')/g;
const longest = 2000;

/** The text with inner quotes that the grammar can read, of the same length. */
export function readableQuotes(text: string): string {
  if (!/\b[rR]?[fF][rR]?['"]/.test(text)) return text;
  const changes: number[] = [];
  starts.lastIndex = 0;
  for (let found = starts.exec(text); found !== null; found = starts.exec(text)) {
    const [whole, prefix = "", quote = ""] = found;
    if (quote === "") continue;
    const from = found.index + whole.length;
    const isFilled = /f/i.test(prefix) && quote.length === 1;
    starts.lastIndex = isFilled ? endOfFilled(text, from, quote, changes) : endOfPlain(text, from, quote);
  }
  if (changes.length === 0) return text;
  const letters = [...new Set(changes)].sort((a, b) => a - b);
  let made = "";
  let last = 0;
  for (const at of letters) {
    made += text.slice(last, at) + (text[at] === "'" ? '"' : "'");
    last = at + 1;
  }
  return made + text.slice(last);
}

function endOfPlain(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text.startsWith(quote, at)) return at + quote.length;
    else if (quote.length === 1 && text[at] === "\n") return at;
  }
  return text.length;
}

/** The end of an f-string. Records the quotes inside its fields that equal its own. */
function endOfFilled(text: string, from: number, quote: string, changes: number[]): number {
  for (let at = from; at < text.length && text[at] !== "\n"; at++) {
    if (text[at] === "\\" || text.startsWith("{{", at)) at += 1;
    else if (text[at] === quote) return at + 1;
    else if (text[at] === "{") at = endOfField(text, at + 1, quote, changes) ?? at;
  }
  return from;
}

/** The offset of the bracket that ends a field; `undefined` if the line ends first. */
function endOfField(text: string, from: number, quote: string, changes: number[]): number | undefined {
  const other = quote === "'" ? '"' : "'";
  const noted: number[] = [];
  let depth = 0;
  for (let at = from; at < Math.min(text.length, from + longest) && text[at] !== "\n"; at++) {
    const letter = text[at];
    if (letter === "'" || letter === '"') {
      const end = endOfPlain(text, at + 1, letter) - 1;
      if (text[end] !== letter) return undefined;
      if (letter === quote && text.slice(at + 1, end).includes(other)) return undefined;
      if (letter === quote) noted.push(at, end);
      at = end;
    } else if (letter === "{" || letter === "[" || letter === "(") depth += 1;
    else if (letter === "]" || letter === ")") depth -= 1;
    else if (letter === "}" && depth-- === 0) {
      changes.push(...noted);
      return at;
    }
  }
  return undefined;
}
