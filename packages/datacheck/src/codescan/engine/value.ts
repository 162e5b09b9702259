/** @file What is known about a value: its origin, what it was sanitized for, and its constant parts. */
import type { Expr } from "./syntax.ts";

/**
 * Taint level. 0: trusted; 1: possibly attacker-controlled, as a function's parameter; 2: from a request, the command
 * line or a socket.
 */
export type Level = 0 | 1 | 2;

/** Dangers of untrusted text. One bit each, so that a value records what it was sanitized for. */
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
  /** A length, or text whose length was not checked. */
  size: 32768,
  /** A property name, which may be `__proto__`. */
  property: 65536,
} as const;
/** The name of a danger. */
export type Danger = keyof typeof dangers;
/** Safe from everything: a number, or a value from a list of allowed ones. */
export const cleanOfAll = 0x1ffff;

/** An attacker-controlled number: not text, but it may be too large. */
export const cleanOfNumber: number = cleanOfAll & ~dangers.size;

/** Root of a value that was looked up under an attacker-controlled name, which may be `__proto__`. */
export const openProperty = "!property";

/** In a shape: a piece that is not constant. */
export const hole = "\u0000";
/** In a shape: a piece that cannot hold free text, such as a number or a date. */
export const plainHole = "\u0001";
const maxShape = 4000;

/** What is known about one value. */
export interface Value {
  readonly level: Level;
  /** Bits of `dangers` that are excluded. */
  readonly clean: number;
  /** Bits of dangers that apply only to pieces of level 1, although other pieces have level 2. Absent: none. */
  readonly calm?: number;
  /** Its identity: `subprocess.run`, `hashlib.md5()`; "" if unknown. */
  readonly path: string;
  /** Its text, with a hole for each piece that is not constant; `undefined` if nothing is known. */
  readonly shape?: string;
  readonly constant?: string | number | boolean | null;
  /** The possible constants, if it is constant on each branch. */
  readonly choices?: readonly (string | number | boolean | null)[];
  /** It cannot hold free text: a number, a date, or converted to one. */
  readonly plain?: boolean;
  /** The expression that created it. */
  readonly made?: Expr;
  /** Variables it was derived from. */
  readonly roots: readonly string[];
  /** Entries of a list or dictionary literal, by key or position. */
  readonly entries?: ReadonlyMap<string, Value>;
  /** Computed from constants by functions that are not evaluated. */
  readonly fixed?: boolean;
  /** The entries are complete: anything else is not in the container. */
  readonly whole?: boolean;
  /** It may change before it is read, so it decides no branch. */
  readonly loose?: boolean;
  /** The result of the function that this value is. */
  readonly gives?: Value;
  /** For composed text: the text before the first piece that may be attacker-controlled. */
  readonly lead?: string;
  /** The path was made absolute and free of `..`. */
  readonly resolved?: boolean;
  /** Settings, by name, on an object created in the file. Absent: it was created elsewhere. */
  readonly set?: ReadonlyMap<string, string | number | boolean | null>;
}

/** The entries of a list or dictionary literal. */
export function itemsOf(value: Value | undefined): Value[] {
  return [...(value?.entries?.values() ?? [])];
}

/** Root of an attacker-controlled value that passed through an unknown function. */
export const throughUnknown = "!outside";

/** A trusted value of which nothing is known. */
export const unknown: Value = { level: 0, clean: 0, path: "", roots: [] };

/** A constant. */
export function constantOf(constant: string | number | boolean | null): Value {
  const shape = typeof constant === "string" ? { shape: constant.slice(0, maxShape) } : {};
  return { ...unknown, constant, ...shape };
}

/** How far the value is tainted for this danger; 0 if it was sanitized for it. */
export function carries(value: Value | undefined, danger: Danger): Level {
  const bit = dangers[danger];
  if (value === undefined || (value.clean & bit) !== 0) return 0;
  return value.level === 2 && ((value.calm ?? 0) & bit) !== 0 ? 1 : value.level;
}

/** The same value, sanitized for additional dangers. */
export function cleaned(value: Value, bits: number): Value {
  return value.level === 0 ? value : { ...value, clean: value.clean | bits };
}

/** Combines several values: as tainted as the worst, and safe only from what all tainted ones are safe from. */
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
    level,
    clean: level === 0 ? 0 : clean,
    path: "",
    roots: [...roots],
    ...(level === 2 && calm !== clean ? { calm } : {}),
    ...(resolved ? { resolved } : {}),
  };
}

const places = /%\([^()%]{0,80}\)[a-z]|%[-+#0-9.]{0,12}[a-zA-Z]|\{[^{}]{0,80}\}/g;

/** The text of a template with its placeholders filled: `%s`, `%(name)d`, `{}`, `{name:>8}`. */
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

/** A value's contribution to a text: a constant, or a hole that says whether it may be free text. */
function pieceIn(value: Value): string {
  const { constant, plain } = value;
  if (typeof constant === "string" || typeof constant === "number") return String(constant);
  return plain ? plainHole : hole;
}

/** Text composed of pieces. */
export function joined(pieces: readonly Value[]): Value {
  let shape = "";
  let lead: string | undefined;
  for (const piece of pieces) {
    if (piece.level > 0) lead ??= shape + (piece.lead ?? "");
    if (shape.length < maxShape) shape += shapeOf(piece);
  }
  const { resolved: _, ...mixed } = blend(pieces);
  const loose = pieces.some((piece) => piece.loose) ? { loose: true } : {};
  if (!shape.includes(hole) && !shape.includes(plainHole))
    return { ...mixed, shape, constant: shape, ...loose };
  return { ...mixed, shape, ...(lead === undefined ? {} : { lead }) };
}

/** The known text of a value; a single hole if nothing is known. */
export function shapeOf({ shape, constant, plain }: Value): string {
  if (shape !== undefined) return shape;
  if (plain) return plainHole;
  return typeof constant === "number" || typeof constant === "boolean" ? String(constant) : hole;
}

/** Merges a variable's values from two branches. */
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
  // a constant on one branch says nothing about tainted text on the other
  const isHidden = both.level > 0 && rest.shape?.includes(hole) === false && shapeOf(a) !== shapeOf(b);
  const shape = isHidden ? { shape: hole } : {};
  const isOneOf = a.constant !== undefined && b.constant !== undefined && a.constant !== b.constant;
  const loose = isOneOf || a.loose || b.loose ? { loose: true } : {};
  return {
    ...rest,
    ...same,
    ...loose,
    ...set,
    ...eitherEntries(a, b),
    ...shape,
    path,
    ...(lead === undefined ? {} : { lead }),
    ...(a.resolved && b.resolved ? { resolved: true } : {}),
    ...(a.plain && b.plain ? { plain: true } : {}),
    ...choicesOf(a, b),
  };
}

const maxChoices = 8;

/** The constants of both branches, if each has one. */
function choicesOf(a: Value, b: Value): Pick<Value, "choices"> {
  const [left, right] = [a, b].map(
    ({ constant, choices }) => choices ?? (constant === undefined ? [] : [constant]),
  );
  if (left === undefined || right === undefined || left.length === 0 || right.length === 0) return {};
  const choices = [...new Set([...left, ...right])];
  return choices.length > 1 && choices.length <= maxChoices ? { choices } : {};
}

/**
 * Merges the entries of both branches. Entries known in only one branch are kept unless the other branch is tainted.
 */
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

/** Whether it is text composed with a piece that is not constant. */
export function isBuilt({ shape, constant }: Value): boolean {
  return constant === undefined && shape !== undefined && shape !== hole && shape.includes(hole);
}
