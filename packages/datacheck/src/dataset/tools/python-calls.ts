/**
 * @file Reads calls in Python's syntax, `[name(key=value), other()]`, without executing anything.
 *
 * @source the answers of the data set Team-ACE/ToolACE and of Llama 3.2; Berkeley Function Calling Leaderboard
 */
import type { JsonObject, JsonValue, ToolCall } from "@tunewise/core/rows";

/** Max. calls of a text, and depth of a value. */
const maxCalls = 256;
const maxDepth = 32;

/** A position in a text. Methods move it forward, and throw `NotPython` where the text is something else. */
interface Cursor {
  readonly text: string;
  at: number;
}

/** The text is not a list of calls. */
class NotPython extends Error {}

/**
 * Returns the calls of a text that is nothing but a list of calls; `null` for any other text.
 *
 * @param offered names of the tools, which may contain spaces and dots
 */
export function pythonCalls(text: string, offered: ReadonlySet<string>): readonly ToolCall[] | null {
  const cursor = { text: text.trim(), at: 0 };
  if (!cursor.text.startsWith("[")) return null;
  try {
    const calls = listOf(cursor, "[", "]", () => callAt(cursor, offered));
    return cursor.at === cursor.text.length && calls.length > 0 && calls.length <= maxCalls ? calls : null;
  } catch (error) {
    if (error instanceof NotPython) return null;
    throw error;
  }
}

/** Returns the value of a text that is one literal of Python, such as a dict; `undefined` for any other text. */
export function pythonLiteral(text: string): JsonValue | undefined {
  const cursor = { text: text.trim(), at: 0 };
  try {
    const value = valueAt(cursor, 0);
    return cursor.at === cursor.text.length ? value : undefined;
  } catch (error) {
    if (error instanceof NotPython) return undefined;
    throw error;
  }
}

function callAt(cursor: Cursor, offered: ReadonlySet<string>): ToolCall {
  const end = cursor.text.indexOf("(", cursor.at);
  const name = end < 0 ? "" : cursor.text.slice(cursor.at, end).trim();
  if (!offered.has(name)) throw new NotPython();
  cursor.at = end;
  const pairs = listOf(cursor, "(", ")", () => {
    const key = take(cursor, /[\p{L}_][\p{L}\p{N}_ .-]{0,127}/uy).trim();
    expect(cursor, "=");
    return [key, valueAt(cursor, 0)] as const;
  });
  return { name, arguments: Object.fromEntries(pairs) };
}

/** Items between brackets, separated by commas; a comma may follow the last. */
function listOf<Item>(cursor: Cursor, open: string, close: string, item: () => Item): Item[] {
  expect(cursor, open);
  const items: Item[] = [];
  while (!skipped(cursor, close)) {
    if (items.length > 0) expect(cursor, ",");
    if (skipped(cursor, close)) break;
    items.push(item());
  }
  return items;
}

const words: Readonly<Record<string, JsonValue>> = {
  True: true,
  False: false,
  None: null,
  true: true,
  false: false,
  null: null,
};

function valueAt(cursor: Cursor, depth: number): JsonValue {
  skipSpace(cursor);
  const next = cursor.text[cursor.at] ?? "";
  if (depth > maxDepth) throw new NotPython();
  if (next === "[") return listOf(cursor, "[", "]", () => valueAt(cursor, depth + 1));
  if (next === "(") return listOf(cursor, "(", ")", () => valueAt(cursor, depth + 1));
  if (next === "{") return dictAt(cursor, depth);
  if (next === '"' || next === "'") return textAt(cursor, next);
  const word = take(cursor, /[\p{L}]{1,8}|[-+]?\d{1,18}(?:\.\d{1,18})?(?:[eE][-+]?\d{1,3})?/uy);
  const value = Object.hasOwn(words, word) ? words[word] : Number(word);
  if (value === undefined || Number.isNaN(value)) throw new NotPython();
  return value;
}

function dictAt(cursor: Cursor, depth: number): JsonObject {
  const pairs = listOf(cursor, "{", "}", () => {
    const key = valueAt(cursor, depth + 1);
    expect(cursor, ":");
    return [String(key), valueAt(cursor, depth + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function textAt(cursor: Cursor, quote: string): string {
  let text = "";
  for (let at = cursor.at + 1; at < cursor.text.length; at++) {
    const character = cursor.text[at] ?? "";
    if (character === quote) {
      cursor.at = at + 1;
      return text;
    }
    if (character === "\\") {
      at++;
      const escaped = cursor.text[at] ?? "";
      text += escapes[escaped] ?? escaped;
    } else text += character;
  }
  throw new NotPython();
}

function skipSpace(cursor: Cursor): void {
  while (/\s/.test(cursor.text[cursor.at] ?? "")) cursor.at++;
}

function skipped(cursor: Cursor, mark: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== mark) return false;
  cursor.at++;
  return true;
}

function expect(cursor: Cursor, mark: string): void {
  if (!skipped(cursor, mark)) throw new NotPython();
}

/** @param pattern sticky */
function take(cursor: Cursor, pattern: RegExp): string {
  skipSpace(cursor);
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found === undefined) throw new NotPython();
  cursor.at += found.length;
  return found;
}
