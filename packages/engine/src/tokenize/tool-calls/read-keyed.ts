/** @file Reads arguments that are written one by one, each as a key with its value. */
import type { JsonValue } from "@tunewise/core/rows";
import { atomsOf } from "./atoms.ts";
import { MalformedCall, type TextSource, type Waiting } from "./source.ts";
import type { KeyedForm } from "./syntax.ts";
import { pythonQuotes, type Quotes, rawValue, wholeValue } from "./value.ts";

const MAX_KEY = 256;

/** JSON types that a parameter allows, by its key; `null`: unknown. */
type TypesOf = (key: string) => ReadonlySet<string> | null;

/**
 * Reads arguments up to what closes the call, which is not taken.
 *
 * @param after what closes the call
 * @param onPiece receives the arguments as pieces of a JSON text
 * @throws {MalformedCall}
 */
export function* readKeyedArguments(
  source: TextSource,
  form: KeyedForm,
  after: string,
  typesOf: TypesOf,
  onPiece: (piece: string) => void,
): Waiting<void> {
  const close = firstAtoms(after);
  let count = 0;
  while (true) {
    const end = yield* source.match(close);
    if (end === "cut") throw new MalformedCall("ends inside its arguments");
    if (end !== "different") break;
    if (count > 0) yield* source.require(form.separator);
    yield* source.require(form.beforeKey);
    const key = yield* readKey(source, form.afterKey);
    const value = yield* readArgument(source, form, close, typesOf(key));
    onPiece(`${count === 0 ? "{" : ", "}${JSON.stringify(key)}: ${JSON.stringify(value)}`);
    yield* source.require(form.afterValue);
    count++;
  }
  onPiece(count === 0 ? "{}" : "}");
}

/** The atoms up to the first one that is not white space. */
function firstAtoms(text: string): string[] {
  const atoms = atomsOf(text);
  return atoms.slice(0, 1 + atoms.findIndex((atom) => atom.trim() !== ""));
}

function* readKey(source: TextSource, afterKey: string): Waiting<string> {
  let key = "";
  const [end = ""] = atomsOf(afterKey.trim());
  const isFound = yield* source.until(end, (piece) => {
    key += piece;
    if (key.length > MAX_KEY) throw new MalformedCall(`has a key of more than ${MAX_KEY} characters`);
  });
  if (!isFound) throw new MalformedCall("ends inside its arguments");
  yield* source.require(afterKey.trimEnd());
  return key.trim();
}

function* readArgument(
  source: TextSource,
  form: KeyedForm,
  close: readonly string[],
  types: ReadonlySet<string> | null,
): Waiting<JsonValue> {
  const [open, end] = form.quotes;
  if (open === "" && end === "") {
    yield* skipExactly(source, spaceAtEnd(form.afterKey));
    const text = yield* textUntil(source, form.afterValue.trim(), "", form, close);
    const space = /^\s*/.exec(form.afterValue)?.[0] ?? "";
    return rawValue(space !== "" && text.endsWith(space) ? text.slice(0, -space.length) : text, types);
  }
  const quotes: Quotes = { open, close: end, hasEscapes: form.hasEscapes };
  yield* source.next();
  if (!form.hasEscapes && (yield* source.match([open])) !== "different") {
    source.take(open.length);
    const text = yield* textUntil(source, end, form.afterValue, form, close);
    source.take(end.length);
    return text;
  }
  // inside lists and objects, templates write Python's or JSON's texts, which have escapes
  const own = pythonQuotes.some((one) => one.open === open) ? [] : [quotes];
  const written = yield* source.value([...own, ...pythonQuotes]);
  const value = wholeValue(written, own[0]);
  if (value === undefined) throw new MalformedCall("has an argument that is not a value");
  return value;
}

function spaceAtEnd(text: string): string {
  return text.slice(text.trimEnd().length);
}

/** Takes white space of the syntax, but none that belongs to the text behind it. */
function* skipExactly(source: TextSource, space: string): Waiting<void> {
  while (source.text.length < space.length && (yield* source.more()));
  if (space !== "" && source.text.startsWith(space)) source.take(space.length);
}

/** Takes a text up to `end`, where the next argument or the end of the call follows. `end` itself is not taken. */
function* textUntil(
  source: TextSource,
  end: string,
  behind: string,
  form: KeyedForm,
  close: readonly string[],
): Waiting<string> {
  const pieces: string[] = [];
  while (yield* source.until(end, (piece) => pieces.push(piece))) {
    const rest = atomsOf(behind);
    const closed = yield* source.match([...atomsOf(end), ...rest, ...close]);
    if (closed !== "different") return pieces.join("");
    const next = yield* source.match([...atomsOf(end), ...rest, ...atomsOf(form.separator + form.beforeKey)]);
    if (next === "cut") return pieces.join("");
    if (next !== "different" && (yield* isKey(source, next, form.afterKey))) return pieces.join("");
    pieces.push(source.take(end.length));
  }
  throw new MalformedCall("ends inside its arguments");
}

/** Whether a key and what follows keys stand at an offset. */
function* isKey(source: TextSource, from: number, afterKey: string): Waiting<boolean> {
  const [mark = ""] = atomsOf(afterKey.trim());
  while (true) {
    const rest = source.text.slice(from, from + MAX_KEY);
    const [key = ""] = /^[^<>"'`{}()[\],=:\n]*/.exec(rest) ?? [];
    if (key.length + mark.length <= rest.length) return key !== "" && rest.startsWith(mark, key.length);
    if (rest.length >= MAX_KEY || !(yield* source.more())) return false;
  }
}
