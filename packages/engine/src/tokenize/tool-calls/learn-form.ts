/** @file Finds a probe's call in a rendered turn, and learns how its name and arguments are written. */
import type { JsonObject, JsonValue } from "@tunewise/core/rows";
import { sharedEnd, sharedStart } from "./atoms.ts";
import { firstCall, isSameJson, type ProbeCall, type Prober, type ProbeStyle } from "./probe.ts";
import type { CallForm, CallPart, KeyedForm, ObjectForm } from "./syntax.ts";
import { readValue } from "./value.ts";

/** The part of a turn from the first to the last variable text of a call. */
export interface FoundCore {
  readonly start: number;
  readonly end: number;
  /** `null`: arguments are written one by one. */
  readonly form: CallForm | null;
  /** Where the first argument's key begins, if arguments are written one by one. */
  readonly keyAt: number;
  readonly head: readonly CallPart[];
}

/** Finds a call from an offset on; `null` if its name or arguments are not written. */
export function coreOf(text: string, from: number, call: ProbeCall): FoundCore | null {
  return objectCore(text, from, call) ?? namedCore(text, from, call) ?? keyedCore(text, from, call);
}

/** Keys that lead to a value, or `null`. */
function pathTo(value: JsonValue, isWanted: (value: JsonValue, key: string) => boolean): string[] | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (isWanted(inner, key)) return [key];
    const path = pathTo(inner, isWanted);
    if (path) return [key, ...path];
  }
  return null;
}

function objectCore(text: string, from: number, call: ProbeCall): FoundCore | null {
  for (let at = text.indexOf("{", from); at >= 0; at = text.indexOf("{", at + 1)) {
    const found = jsonAt(text, at);
    if (found === null) continue;
    const path = pathTo(found.value, (value) => isArguments(value, call));
    if (path === null) continue;
    const namePath = pathTo(found.value, (value) => value === call.name);
    if (namePath === null && path.at(-1) !== call.name) continue;
    const written = text.slice(at, found.end);
    const isEncoded = typeof valueAt(found.value, path) === "string";
    const form: ObjectForm = {
      kind: "object",
      argumentsPath: path,
      namePath,
      idPath: pathTo(found.value, (value) => value === call.id),
      isEncoded,
      parts: objectParts(written, call, isEncoded),
    };
    return { start: at, end: found.end, form, keyAt: at, head: [] };
  }
  return null;
}

function jsonAt(text: string, at: number): { readonly value: JsonValue; readonly end: number } | null {
  const found = readValue(text, at);
  if (found === null) return null;
  try {
    return { value: JSON.parse(text.slice(at, found.end)), end: found.end };
  } catch {
    return null;
  }
}

function isArguments(value: JsonValue, call: ProbeCall): boolean {
  if (typeof value !== "string") return isSameJson(value, call.arguments);
  const found = value.startsWith("{") ? jsonAt(value, 0) : null;
  return found !== null && isSameJson(found.value, call.arguments);
}

function valueAt(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((inner, key) => (inner as JsonObject)[key], value);
}

function objectParts(written: string, call: ProbeCall, isEncoded: boolean): ObjectForm["parts"] {
  const key = Object.keys(call.arguments)[0] ?? "";
  let from = written.lastIndexOf("{", written.indexOf(key));
  let end = readValue(written, from)?.end ?? written.length;
  if (isEncoded) {
    from = written.lastIndexOf('"{', written.indexOf(key)) + 1;
    end = (readValue(written, from - 1)?.end ?? written.length) - 1;
  }
  return [
    ...partsOf(written.slice(0, from), call),
    { kind: "arguments" },
    ...partsOf(written.slice(end), call),
  ];
}

/** Splits a text at a call's name and id. */
function partsOf(text: string, { name, id }: ProbeCall): CallPart[] {
  const withIds = (piece: string): CallPart[] => split(piece, id, { kind: "id" }, textPart);
  return split(text, name, { kind: "name" }, withIds);
}

function split(text: string, at: string, mark: CallPart, rest: (piece: string) => CallPart[]): CallPart[] {
  return text.split(at).flatMap((piece, index) => [...(index > 0 ? [mark] : []), ...rest(piece)]);
}

function textPart(text: string): CallPart[] {
  return text === "" ? [] : [{ kind: "text", text }];
}

/** Where the variable part of a call begins: at its name, or at an id before that. */
function startOf(text: string, from: number, { name, id }: ProbeCall): number {
  const named = text.indexOf(name, from);
  const identified = text.indexOf(id, from);
  return identified >= 0 && identified < named ? identified : named;
}

function namedCore(text: string, from: number, call: ProbeCall): FoundCore | null {
  const start = startOf(text, from, call);
  if (start < 0) return null;
  for (let at = text.indexOf("{", start); at >= 0; at = text.indexOf("{", at + 1)) {
    const found = readValue(text, at);
    if (found === null || !isSameJson(found.value, call.arguments)) continue;
    const hasColons = !/[{,]\s*[^\s"'{,]/.test(text.slice(at, found.end));
    if (!hasColons) return null;
    const head = partsOf(text.slice(start, at), call);
    const language = jsonAt(text, at) === null ? "python" : "json";
    return { start, end: found.end, form: { kind: "named", head, language }, keyAt: at, head };
  }
  return null;
}

/** Keys with their values, in the order of the text. */
function entriesIn(
  text: string,
  from: number,
  given: JsonObject,
):
  | { readonly key: number; readonly afterKey: number; readonly value: number; readonly end: number }[]
  | null {
  const entries = Object.entries(given).map(([name, value]) => {
    const key = text.indexOf(name, from);
    const at = key < 0 ? -1 : text.indexOf(String(value), key + name.length);
    return { key, afterKey: key + name.length, value: at, end: at + String(value).length };
  });
  if (entries.some(({ key, value }) => key < 0 || value < 0)) return null;
  return entries.sort((a, b) => a.key - b.key);
}

function keyedCore(text: string, from: number, call: ProbeCall): FoundCore | null {
  const start = startOf(text, from, call);
  const entries = start < 0 ? null : entriesIn(text, start, call.arguments);
  const [first, last] = [entries?.[0], entries?.at(-1)];
  if (!first || !last) return null;
  const parts = partsOf(text.slice(start, first.key), call);
  const head = parts.slice(0, parts.findLastIndex(({ kind }) => kind !== "text") + 1);
  return { start, end: last.end, form: null, keyAt: first.key, head };
}

/**
 * Learns the texts around keys and values, for arguments that are written one by one.
 *
 * @param after what follows the last value of a call
 */
export function keyedForm(
  prober: Prober,
  style: ProbeStyle,
  { start, keyAt, head }: FoundCore,
  text: string,
  after: string,
): KeyedForm | null {
  const call = firstCall({ kqa: 731001, kqb: 731002 });
  const [first, second] = entriesIn(text, start, call.arguments) ?? [];
  if (!first || !second) return null;
  const lastPart = partsOf(text.slice(start, keyAt), call).at(-1);
  const begin = lastPart?.kind === "text" ? lastPart.text : "";
  const between = text.slice(first.end, second.key);
  const beforeKey = sharedEnd(begin, between);
  const rest = between.slice(0, between.length - beforeKey.length);
  const afterValue = sharedStart(after, rest);
  const afterKey = text.slice(first.afterKey, first.value);
  const quotes = quotesOf(prober, style, afterKey, between);
  if (quotes === null || afterKey.trim() === "" || `${afterValue}${rest}`.trim() === "") return null;
  return {
    kind: "keyed",
    head,
    open: begin.slice(0, begin.length - beforeKey.length),
    beforeKey,
    afterKey,
    afterValue,
    separator: rest.slice(afterValue.length),
    ...quotes,
    isPython: isPython(prober, style),
  };
}

/** Around a text that would need escapes. */
const awkward = "v\"q'\\z";

function quotesOf(
  prober: Prober,
  style: ProbeStyle,
  afterKey: string,
  between: string,
): Pick<KeyedForm, "quotes" | "hasEscapes"> | null {
  const turn = (value: string): string =>
    prober.turn([firstCall({ kqa: value, kqb: 731002 })], style)?.text ?? "";
  const plain = turn("vqtext");
  const key = plain.indexOf("kqa") + "kqa".length;
  const value = plain.indexOf("vqtext", key);
  const end = value + "vqtext".length;
  const next = plain.indexOf(`${between}kqb`, end);
  if (value < 0 || next < 0 || !plain.startsWith(afterKey, key)) return null;
  const [open, close] = [plain.slice(key + afterKey.length, value), plain.slice(end, next)];
  const hasEscapes = open !== "" && !turn(awkward).includes(open + awkward + close);
  return { quotes: [open, close], hasEscapes };
}

function isPython(prober: Prober, style: ProbeStyle): boolean {
  const text = prober.turn([firstCall({ kqa: true, kqb: false })], style)?.text ?? "";
  return text.includes("True");
}
