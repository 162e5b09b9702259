/** @file Reads values as templates write them: JSON, Python literals, texts in other quotes, and raw text. */
import { isOfJsonType, jsonTypes, resolveReference } from "@tunewise/core/format";
import type { JsonObject, JsonValue } from "@tunewise/core/rows";

/** Max. nesting of lists and objects in a value. */
export const MAX_DEPTH = 64;

/** Texts around a text value, in addition to `"` and `'` with escapes. */
export interface Quotes {
  readonly open: string;
  readonly close: string;
  readonly hasEscapes: boolean;
}

/** A value and the offset behind it. */
interface Found {
  readonly value: JsonValue;
  readonly end: number;
}

/** Quotes of JSON. */
export const jsonQuotes: readonly Quotes[] = [{ open: '"', close: '"', hasEscapes: true }];
/** Quotes of Python. */
export const pythonQuotes: readonly Quotes[] = [...jsonQuotes, { open: "'", close: "'", hasEscapes: true }];

const scalar = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null|True|False|None)(?!\w)/y;
const constants: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["null", null],
  ["None", null],
]);

/**
 * Reads a value that shows its own end; `null` if there is none.
 *
 * @param quotes other quotes of texts; empty ones are ignored
 */
export function readValue(text: string, at: number, quotes: Quotes | null = null): Found | null {
  const own = quotes && quotes.open !== "" ? [quotes] : [];
  return new ValueReader(text, [...own, ...pythonQuotes]).value(at, 0);
}

/** The value of a text that contains nothing else; `undefined` if it is none. */
export function wholeValue(text: string, quotes: Quotes | null = null): JsonValue | undefined {
  const trimmed = text.trim();
  const found = readValue(trimmed, 0, quotes);
  return found !== null && found.end === trimmed.length ? found.value : undefined;
}

class ValueReader {
  private readonly text: string;
  private readonly quotes: readonly Quotes[];

  constructor(text: string, quotes: readonly Quotes[]) {
    this.text = text;
    this.quotes = quotes;
  }

  value(at: number, depth: number): Found | null {
    if (depth > MAX_DEPTH) return null;
    const first = this.text[at];
    if (first === "[") return this.list(at, depth);
    if (first === "{") return this.object(at, depth);
    return this.quoted(at) ?? this.scalar(at);
  }

  private scalar(at: number): Found | null {
    scalar.lastIndex = at;
    const [found] = scalar.exec(this.text) ?? [];
    if (found === undefined) return null;
    const constant = constants.get(found);
    return { value: constant === undefined ? Number(found) : constant, end: at + found.length };
  }

  private quoted(at: number): (Found & { readonly value: string }) | null {
    const quotes = this.quotes.find(({ open }) => this.text.startsWith(open, at));
    if (quotes === undefined) return null;
    const from = at + quotes.open.length;
    const until = endOfText(this.text, from, quotes);
    if (until < 0) return null;
    const inside = this.text.slice(from, until);
    return {
      value: quotes.hasEscapes ? withoutEscapes(inside) : inside,
      end: until + quotes.close.length,
    };
  }

  private list(at: number, depth: number): Found | null {
    const items: JsonValue[] = [];
    return this.entries(at + 1, "]", items, (from) => {
      const item = this.value(from, depth + 1);
      if (item !== null) items.push(item.value);
      return item?.end ?? -1;
    });
  }

  private object(at: number, depth: number): Found | null {
    const entries: [string, JsonValue][] = [];
    const found = this.entries(at + 1, "}", entries, (from) => {
      const key = this.quoted(from) ?? this.bareKey(from);
      const colon = key === null ? -1 : this.afterSpace(key.end);
      if (key === null || this.text[colon] !== ":") return -1;
      const item = this.value(this.afterSpace(colon + 1), depth + 1);
      if (item !== null) entries.push([key.value, item.value]);
      return item?.end ?? -1;
    });
    return found && { value: Object.fromEntries(entries), end: found.end };
  }

  private bareKey(at: number): (Found & { readonly value: string }) | null {
    const [key] = /^[^\s:{}[\],"'][^:{}[\],"'\n]{0,255}/.exec(this.text.slice(at, at + 256)) ?? [];
    return key === undefined ? null : { value: key, end: at + key.length };
  }

  /** Reads what is separated by commas; `entry` returns the offset behind an entry, or -1. */
  private entries(
    at: number,
    close: string,
    value: readonly unknown[],
    entry: (at: number) => number,
  ): Found | null {
    let from = this.afterSpace(at);
    while (this.text[from] !== close) {
      const end = entry(from);
      if (end < 0) return null;
      from = this.afterSpace(end);
      if (this.text[from] === close) break;
      if (this.text[from] !== ",") return null;
      from = this.afterSpace(from + 1);
    }
    return { value: value as JsonValue, end: from + 1 };
  }

  private afterSpace(at: number): number {
    let from = at;
    while (from < this.text.length && /\s/.test(this.text[from] as string)) from++;
    return from;
  }
}

/** Offset of the closing quote, or -1. */
function endOfText(text: string, from: number, { close, hasEscapes }: Quotes): number {
  if (!hasEscapes) return text.indexOf(close, from);
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text.startsWith(close, at)) return at;
  }
  return -1;
}

const named: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", "0": "\0" };

/** Replaces the escapes of JSON and of Python. */
export function withoutEscapes(text: string): string {
  return text.replace(
    /\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|U([\da-fA-F]{8})|([\s\S]))/g,
    (whole, four, two, eight, one) => {
      const code = Number.parseInt(four ?? two ?? eight ?? "", 16);
      if (code <= 0xffff) return String.fromCharCode(code);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      return one === undefined ? whole : (named[one] ?? one);
    },
  );
}

/**
 * The value that raw text stands for. Without a schema, what reads as a number, constant, list or object is one.
 *
 * @param types of the parameter's schema; `null`: unknown
 */
export function rawValue(text: string, types: ReadonlySet<string> | null): JsonValue {
  const isText = types === null || types.has("string");
  if (types !== null && isText && types.size === 1) return text;
  const value = wholeValue(text);
  if (value === undefined || typeof value === "string") return text;
  const fits = types === null || jsonTypes.some((type) => types.has(type) && isOfJsonType(value, type));
  return fits || !isText ? value : text;
}

/** Max. references and alternatives that are followed. */
const MAX_STEPS = 32;

/** JSON types that a parameter of a tool allows; `null` if its schema does not say. */
export function typesOfParameter(
  tools: readonly JsonObject[],
  tool: string,
  key: string,
): ReadonlySet<string> | null {
  const own = tools.map(functionOf).find((one) => one?.["name"] === tool);
  const parameters = objectOf(own?.["parameters"]);
  const properties = objectOf(parameters?.["properties"]);
  if (!properties || !Object.hasOwn(properties, key)) return null;
  const types = new Set<string>();
  const open = [properties[key]];
  for (let step = 0; open.length > 0; step++) {
    const schema = objectOf(open.pop());
    if (!schema || step >= MAX_STEPS) return null;
    const { type, $ref: reference } = schema;
    const values = Array.isArray(schema["enum"])
      ? schema["enum"]
      : "const" in schema
        ? [schema["const"]]
        : [];
    const options = [schema["anyOf"], schema["oneOf"]].flatMap((list) => (Array.isArray(list) ? list : []));
    const names = [type].flat().filter((name) => typeof name === "string");
    if (names.length > 0) for (const name of names) types.add(name);
    else if (values.length > 0) for (const value of values) types.add(typeOf(value));
    else if (options.length > 0) open.push(...options.slice(0, MAX_STEPS));
    else if (typeof reference === "string")
      open.push(resolveReference(parameters, reference)?.value as JsonValue);
    else return null;
  }
  return types;
}

function typeOf(value: unknown): string {
  return jsonTypes.find((type) => isOfJsonType(value, type)) ?? "string";
}

function objectOf(value: unknown): JsonObject | null {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : null;
}

/** The function of a tool's definition. */
export function functionOf(tool: JsonObject): JsonObject | null {
  return objectOf(tool["function"]) ?? tool;
}
