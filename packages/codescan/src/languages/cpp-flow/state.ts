/** @file What is known at one place of a function: ranges of numbers, what pointers point at, which memory lives. */
import type { Span } from "../../engine/syntax.ts";
import { other, type Type } from "./types.ts";

/** A piece of memory. */
export interface Block extends Span {
  readonly kind: "stack" | "static" | "text" | "heap" | "given";
  /** `undefined` where nobody knows. */
  readonly bytes: number | undefined;
  /** What made it: a variable's name, `malloc`, `new`, `new[]`, `fopen`. */
  readonly maker: string;
}

/** A pointer's possible place: a block, and how many bytes behind its start. */
export interface Place {
  readonly block: Block;
  readonly from: number;
  readonly to: number;
}

/** Bits of `Value.wild`. */
export const wild = {
  /** A number from outside that nobody compared with an upper limit. */
  above: 1,
  /** The same with a lower limit. */
  below: 2,
  /** Text from outside. */
  text: 4,
  /** A number from outside that nobody compared with zero. */
  zero: 8,
} as const;

/** What is known of a value. */
export interface Value {
  readonly type: Type;
  readonly lo: number;
  readonly hi: number;
  readonly wild: number;
  /** What it points at, as far as it is known; empty: anything. */
  readonly places: readonly Place[];
  /** `maybe`: of a function that gives null where it fails, and nobody asked. */
  readonly nothing: "no" | "yes" | "maybe" | "unknown";
  /** Nobody wrote it yet: 2 for certain, 1 on some way. */
  readonly unset: 0 | 1 | 2;
  /** A pointer that was followed before anybody asked whether it is null. */
  readonly followed?: true;
}

/** Anything of a type. */
export function any(type: Type = other): Value {
  return { type, ...{ lo: floorOf(type), hi: Infinity, wild: 0 }, places: [], nothing: "unknown", unset: 0 };
}

/** A limit is known where something says it: the type of a signed number says none. */
function floorOf({ kind, signed }: Type): number {
  return kind === "number" && !signed ? 0 : -Infinity;
}

/** A number. */
export function exactly(value: number, type: Type): Value {
  return { ...any(type), lo: value, hi: value, nothing: value === 0 ? "yes" : "unknown" };
}

/** A pointer to the start of a block. */
export function pointing(block: Block, type: Type, nothing: Value["nothing"] = "no"): Value {
  return { ...any(type), places: [{ block, from: 0, to: 0 }], nothing };
}

/** How memory stands: 0 lives, 1 given back on some way, 2 given back. */
export interface Life {
  readonly freed: 0 | 1 | 2;
  /** Somebody else knows it: handed over, returned, stored. */
  readonly shared: boolean;
  /** Made on some ways alone. */
  readonly partial: boolean;
}

/** Text in a block: least and most of its length in characters. */
export interface Held {
  readonly lo: number;
  readonly hi: number;
  readonly wild: boolean;
}

/** The state; `undefined` stands for a place that nothing reaches. */
export interface State {
  readonly values: Map<string, Value>;
  readonly lives: Map<Block, Life>;
  readonly texts: Map<Block, Held>;
  /** Parameters whose memory was written. */
  readonly written: Set<string>;
}

/** The same state, to be changed apart. */
export function copied({ values, lives, texts, written }: State): State {
  return { values: new Map(values), lives: new Map(lives), texts: new Map(texts), written: new Set(written) };
}

/** What is known behind either of two ways. */
export function joined(a: State | undefined, b: State | undefined): State | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const values = new Map<string, Value>();
  for (const [name, value] of a.values) {
    const second = b.values.get(name);
    if (second !== undefined) values.set(name, value === second ? value : merged(value, second));
  }
  const lives = new Map<Block, Life>();
  for (const block of new Set([...a.lives.keys(), ...b.lives.keys()])) {
    const [first, second] = [a.lives.get(block), b.lives.get(block)];
    const one = first ?? second;
    if (one === undefined) continue;
    const isSame = first !== undefined && second !== undefined;
    const freed = isSame && first.freed === second.freed ? first.freed : isSame ? 1 : one.freed;
    const shared = (first?.shared ?? false) || (second?.shared ?? false);
    lives.set(block, { freed, shared, partial: !isSame || first.partial || second.partial });
  }
  const texts = new Map<Block, Held>();
  for (const [block, held] of a.texts) {
    const second = b.texts.get(block);
    if (second === undefined) continue;
    const [lo, hi] = [Math.min(held.lo, second.lo), Math.max(held.hi, second.hi)];
    texts.set(block, { lo, hi, wild: held.wild || second.wild });
  }
  // what was written on every way, and `!name` for what was written on any
  const all = [...a.written, ...b.written].filter(
    (one) => one.startsWith("!") || (a.written.has(one) && b.written.has(one)),
  );
  return { values, lives, texts, written: new Set(all) };
}

const placesMost = 6;

/** Either of two values. */
export function merged(a: Value, b: Value): Value {
  const isOpen = (one: Value): boolean => one.places.length === 0 && one.nothing !== "yes" && one.unset < 2;
  const places = isOpen(a) || isOpen(b) ? [] : bothPlaces(a.places, b.places);
  // what nobody wrote says nothing of what somebody did
  const [first, second] = a.unset === 2 ? [b, b] : b.unset === 2 ? [a, a] : [a, b];
  const same = first.nothing === second.nothing ? first.nothing : undefined;
  const maybe = a.nothing === "maybe" || b.nothing === "maybe" ? "maybe" : "unknown";
  return {
    type: a.type.kind === "other" ? b.type : a.type,
    ...{ lo: Math.min(first.lo, second.lo), hi: Math.max(first.hi, second.hi) },
    ...{ wild: a.wild | b.wild, places, nothing: same ?? maybe },
    unset: a.unset === b.unset ? a.unset : 1,
    ...(a.followed === true && b.followed === true ? { followed: true as const } : {}),
  };
}

function bothPlaces(a: readonly Place[], b: readonly Place[]): readonly Place[] {
  const places = [...a];
  for (const one of b) {
    const at = places.findIndex(({ block }) => block === one.block);
    const before = places[at];
    if (before === undefined) places.push(one);
    else {
      const [from, to] = [Math.min(before.from, one.from), Math.max(before.to, one.to)];
      places[at] = { block: one.block, from, to };
    }
  }
  return places.length > placesMost ? [] : places;
}

/** Behind a loop's turn: what still grows has no limit on that side. */
export function widened(before: State, after: State | undefined): State {
  const both = joined(before, after) ?? before;
  for (const [name, value] of both.values) {
    const old = before.values.get(name);
    if (old === undefined || old === value) continue;
    const lo = value.lo < old.lo ? floorOf(value.type) : value.lo;
    const hi = value.hi > old.hi ? Infinity : value.hi;
    const places = value.places.map((one) =>
      widerPlace(
        one,
        old.places.find(({ block }) => block === one.block),
      ),
    );
    both.values.set(name, { ...value, lo, hi, places });
  }
  return both;
}

function widerPlace(place: Place, old: Place | undefined): Place {
  if (old === undefined) return place;
  const from = place.from < old.from ? -Infinity : place.from;
  return { block: place.block, from, to: place.to > old.to ? Infinity : place.to };
}
