/** @file What is known of a value: where it may come from, what it was cleaned for, and its constant part. */
import type { Expr } from "./syntax.ts";

/** 0: from nobody outside; 1: a function's parameter, so perhaps; 2: a request, the command line, a socket. */
export type Level = 0 | 1 | 2;

/** What text can be dangerous for; one bit each, so that a value knows what it was cleaned for. */
export const dangers = {
  shell: 1,
  sql: 2,
  html: 4,
  path: 8,
  url: 16,
  code: 32,
  log: 64,
  ldap: 128,
  xpath: 256,
  header: 512,
  regex: 1024,
  nosql: 2048,
  redirect: 4096,
  upload: 8192,
  format: 16384,
  /** A length, or text whose length nobody compared with anything. */
  size: 32768,
  /** The name of a property, which may be `__proto__`. */
  property: 65536,
} as const;
/** One of them. */
export type Danger = keyof typeof dangers;
/** Cleaned for everything: a number, or one of a list of allowed ones. */
export const cleanOfAll = 0x1ffff;

/** A number that somebody outside chose: no text, but it may be too large. */
export const cleanOfNumber: number = cleanOfAll & ~dangers.size;

/** Among the roots of a value that was looked up under a name from outside, which may be `__proto__`. */
export const openProperty = "!property";

/** Stands in a shape for a piece that is not constant. */
export const hole = "\u0000";
/** Stands in a shape for a piece that holds no free text: a number, a date. */
export const plainHole = "\u0001";
const shapeMost = 4000;

/** What is known of one value. */
export interface Value {
  readonly level: Level;
  /** Bits of `dangers`. */
  readonly clean: number;
  /** Bits of dangers that are left in pieces of level 1 alone, where others are of level 2; absent: none. */
  readonly calm?: number;
  /** What it is: `subprocess.run`, `hashlib.md5()`; "" where nobody knows. */
  readonly path: string;
  /** Its text, with a hole for each piece that is not constant; `undefined` where nothing of it is known. */
  readonly shape?: string;
  readonly constant?: string | number | boolean | null;
  /** The constants it may be where it is one on each of several ways. */
  readonly choices?: readonly (string | number | boolean | null)[];
  /** It holds no free text: a number, a date, what was converted into one. */
  readonly plain?: boolean;
  /** The expression it was made by. */
  readonly made?: Expr;
  /** Variables it was made from. */
  readonly roots: readonly string[];
  /** Entries of a list or dictionary that was written out, by key or position. */
  readonly entries?: ReadonlyMap<string, Value>;
  /** Made of constants alone, by functions that nobody evaluates. */
  readonly fixed?: boolean;
  /** The entries are all there are: what is not among them is not in it. */
  readonly whole?: boolean;
  /** It may be another by the time it is asked, so that no branch is decided by it. */
  readonly loose?: boolean;
  /** What a function gives back that stands here as a value. */
  readonly gives?: Value;
  /** The text before the first piece that somebody outside may have written, where it was put together. */
  readonly lead?: string;
  /** The path was made absolute and free of `..`. */
  readonly resolved?: boolean;
  /** What was set on an object that was made in the text, by name; absent: it was made elsewhere. */
  readonly set?: ReadonlyMap<string, string | number | boolean | null>;
}

/** What a list or dictionary was written down with. */
export function itemsOf(value: Value | undefined): Value[] {
  return [...(value?.entries?.values() ?? [])];
}

/** The root of what came from outside and went through a function that nobody here has seen. */
export const throughUnknown = "!outside";

/** Nothing is known, and it comes from nobody. */
export const unknown: Value = { level: 0, clean: 0, path: "", roots: [] };

/** A constant. */
export function constantOf(constant: string | number | boolean | null): Value {
  const shape = typeof constant === "string" ? { shape: constant.slice(0, shapeMost) } : {};
  return { ...unknown, constant, ...shape };
}

/** Whether it may carry what a person outside wrote, and was not cleaned for this danger. */
export function carries(value: Value | undefined, danger: Danger): Level {
  const bit = dangers[danger];
  if (value === undefined || (value.clean & bit) !== 0) return 0;
  return value.level === 2 && ((value.calm ?? 0) & bit) !== 0 ? 1 : value.level;
}

/** The same value, cleaned for more. */
export function cleaned(value: Value, bits: number): Value {
  return value.level === 0 ? value : { ...value, clean: value.clean | bits };
}

/** What is made of several values: as dangerous as the worst, clean of what all dangerous ones are clean of. */
export function blend(values: readonly Value[]): Value {
  let level: Level = 0;
  let clean = cleanOfAll;
  let calm = cleanOfAll;
  const roots = new Set<string>();
  let resolved = false;
  for (const value of values) {
    if (value.level > level) level = value.level;
    if (value.level > 0) clean &= value.clean;
    if (value.level === 2) calm &= value.clean | (value.calm ?? 0);
    for (const root of value.roots) if (roots.size < 20) roots.add(root);
    if (value.resolved) resolved = true;
  }
  return {
    ...{ level, clean: level === 0 ? 0 : clean, path: "", roots: [...roots] },
    ...(level === 2 && calm !== clean ? { calm } : {}),
    ...(resolved ? { resolved } : {}),
  };
}

const places = /%\([^()%]{0,80}\)[a-z]|%[-+#0-9.]{0,12}[a-zA-Z]|\{[^{}]{0,80}\}/g;

/** A template's text with its places filled: `%s`, `%(name)d`, `{}`, `{name:>8}`. */
export function filled(template: Value, values: readonly Value[]): Value {
  const [only] = values;
  const isList = values.length === 1 && only?.entries !== undefined && only.whole === true;
  const held = isList ? [...only.entries.values()] : values;
  const isPlain = held.length > 0 && held.every((one) => one.plain);
  let next = 0;
  const shape = (template.shape ?? hole).replace(places, (place) => {
    const named = /^%\(|^\{[^\d:!}]/.test(place);
    const at = /^\{\d/.test(place) ? Number.parseInt(place.slice(1), 10) : next++;
    const value = named ? undefined : held[at];
    return value === undefined ? (isPlain ? plainHole : hole) : pieceIn(value);
  });
  return { ...blend([template, ...values]), shape };
}

/** What is known of a value in the middle of a text: a constant, or that it is no free text. */
function pieceIn(value: Value): string {
  const { constant, plain } = value;
  if (typeof constant === "string" || typeof constant === "number") return String(constant);
  return plain ? plainHole : hole;
}

/** Text put together of pieces. */
export function joined(pieces: readonly Value[]): Value {
  let shape = "";
  let lead: string | undefined;
  for (const piece of pieces) {
    if (piece.level > 0) lead ??= shape + (piece.lead ?? "");
    if (shape.length < shapeMost) shape += shapeOf(piece);
  }
  const { resolved: _, ...mixed } = blend(pieces);
  const loose = pieces.some((piece) => piece.loose) ? { loose: true } : {};
  if (!shape.includes(hole) && !shape.includes(plainHole))
    return { ...mixed, shape, constant: shape, ...loose };
  return { ...mixed, shape, ...(lead === undefined ? {} : { lead }) };
}

/** A value's text as far as it is known; a lone hole where it is not. */
export function shapeOf({ shape, constant, plain }: Value): string {
  if (shape !== undefined) return shape;
  if (plain) return plainHole;
  return typeof constant === "number" || typeof constant === "boolean" ? String(constant) : hole;
}

/** What a variable holds behind two ways through the program. */
export function either(a: Value, b: Value): Value {
  if (a === b) return a;
  const both = blend([a, b]);
  const more = (a.shape?.includes(hole) ?? false) || b.shape === undefined ? a : b;
  const {
    constant: _,
    resolved: __,
    lead: ___,
    entries: ____,
    whole: _____,
    ...others
  } = { ...more, ...both };
  const { choices: ______, plain: _______, ...rest } = others;
  const lead = a.level === 0 ? b.lead : b.level === 0 || a.lead === b.lead ? a.lead : undefined;
  const path = a.path === b.path || b.path === "" ? a.path : a.path === "" ? b.path : more.path;
  const same = a.constant !== undefined && a.constant === b.constant ? { constant: a.constant } : {};
  const set = a.set !== undefined && b.set !== undefined ? { set: new Map([...b.set, ...a.set]) } : {};
  // a constant on one way says nothing of the text that comes from outside on the other
  const isHidden = both.level > 0 && rest.shape?.includes(hole) === false && shapeOf(a) !== shapeOf(b);
  const shape = isHidden ? { shape: hole } : {};
  const isOneOf = a.constant !== undefined && b.constant !== undefined && a.constant !== b.constant;
  const loose = isOneOf || a.loose || b.loose ? { loose: true } : {};
  return {
    ...{ ...rest, ...same, ...loose, ...set, ...eitherEntries(a, b), ...shape, path },
    ...(lead === undefined ? {} : { lead }),
    ...(a.resolved && b.resolved ? { resolved: true } : {}),
    ...(a.plain && b.plain ? { plain: true } : {}),
    ...choicesOf(a, b),
  };
}

const choicesMost = 8;

/** The constants of both ways where each holds one. */
function choicesOf(a: Value, b: Value): Pick<Value, "choices"> {
  const [left, right] = [a, b].map(
    ({ constant, choices }) => choices ?? (constant === undefined ? [] : [constant]),
  );
  if (left === undefined || right === undefined || left.length === 0 || right.length === 0) return {};
  const choices = [...new Set([...left, ...right])];
  return choices.length > 1 && choices.length <= choicesMost ? { choices } : {};
}

/** Entries of either; those of one alone, unless the other is dangerous and nobody knows in which entry. */
function eitherEntries(a: Value, b: Value): Pick<Value, "entries" | "whole"> {
  if (a.entries === b.entries) return a.entries === undefined ? {} : { entries: a.entries };
  if (a.entries === undefined || b.entries === undefined) {
    const entries = a.entries ?? b.entries;
    return entries === undefined || (a.entries === undefined ? a : b).level > 0 ? {} : { entries };
  }
  const entries = new Map(a.entries);
  for (const [key, value] of b.entries) {
    const other = entries.get(key);
    entries.set(key, other === undefined ? value : either(other, value));
  }
  const isWhole = a.whole && b.whole && entries.size === a.entries.size && entries.size === b.entries.size;
  return { entries, ...(isWhole ? { whole: true } : {}) };
}

/** Whether it is text that was put together with something that is not constant. */
export function isBuilt({ shape, constant }: Value): boolean {
  return constant === undefined && shape !== undefined && shape !== hole && shape.includes(hole);
}
