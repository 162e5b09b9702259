/** @file How long the text is that a template of `printf` makes, and which places `scanf` fills. */
import { type Node, sourceOf } from "../../engine/tree.ts";
import { literalLength } from "./literal.ts";
import type { Run } from "./run.ts";
import type { State, Value } from "./state.ts";
import { rangeOf } from "./types.ts";

/** A place of a template. */
export interface Place {
  readonly width: number | undefined;
  readonly precision: number | undefined;
  /** Skipped by `*` in `scanf`. */
  readonly star: boolean;
  readonly long: boolean;
  readonly verb: string;
}

const place =
  /%([-+ #0']{0,6})(\*|\d{1,6})?(?:\.(\*|\d{1,6}))?(hh|h|ll|l|L|q|j|z|t|I64)?(\[\^?\]?[^\]]{0,80}\]|[a-zA-Z%])/g;

/** The template's places and how long the text between them is. */
export function placesOf(source: string): { readonly plain: number; readonly places: readonly Place[] } {
  const places: Place[] = [];
  let plain = source;
  for (const found of source.matchAll(place)) {
    const [whole, , width, precision, length = "", verb = ""] = found;
    plain = plain.replace(whole, verb === "%" ? "x" : "");
    if (verb === "%") continue;
    places.push({
      width: width === undefined || width === "*" ? undefined : Number(width),
      precision: precision === undefined || precision === "*" ? undefined : Number(precision),
      ...{ star: width === "*" || precision === "*", long: /^(l|ll|j|z|t|q|I64)$/.test(length), verb },
    });
  }
  return { plain: literalLength(`"${plain}"`), places };
}

/** The template where it is written in the call. */
export function templateOf(run: Run, node: Node | undefined): string | undefined {
  if (node?.kind !== "string_literal") return undefined;
  return sourceOf(run.tree, node).replace(/^\w{0,2}"|"$/g, "");
}

/** Least and most characters that are printed, without the end's zero. */
export function printedLength(
  state: State,
  template: string,
  values: readonly Value[],
): readonly [least: number, most: number] {
  const { plain, places } = placesOf(template);
  let [least, most] = [plain, plain];
  for (const [position, one] of places.entries()) {
    if (one.star) return [plain, Infinity];
    const [from, to] = lengthOf(state, one, values[position]);
    least += Math.max(from, one.width ?? 0);
    most += Math.max(to, one.width ?? 0);
  }
  return [least, most];
}

function lengthOf(
  state: State,
  { verb, precision, long }: Place,
  value: Value | undefined,
): readonly [number, number] {
  switch (verb) {
    case "s":
    case "S": {
      const [lo, hi] = value === undefined ? [0, Infinity] : textLength(state, value);
      return [Math.min(lo, precision ?? Infinity), Math.min(hi, precision ?? Infinity)];
    }
    case "c":
      return [1, 1];
    case "d":
    case "i":
    case "u":
      return digits(value, verb !== "u", long);
    case "x":
    case "X":
    case "o":
      return [1, long ? 16 : 8];
    case "f":
    case "F":
      return [1, 310 + (precision ?? 6) + 1];
    case "e":
    case "E":
    case "g":
    case "G":
      return [1, 8 + (precision ?? 6)];
    case "p":
      return [1, 16];
    default:
      return [0, Infinity];
  }
}

function digits(value: Value | undefined, signed: boolean, long: boolean): readonly [number, number] {
  const [least, most] = rangeOf({ kind: "number", bytes: long ? 8 : 4, signed });
  const lo = Math.max(value?.lo ?? least, least);
  const hi = Math.min(value?.hi ?? most, most);
  const own = value === undefined ? [least, most] : rangeOf(value.type);
  const ends = [Math.max(lo, own[0] ?? least), Math.min(hi, own[1] ?? most)];
  return [1, Math.max(...ends.map((one) => (Number.isFinite(one) ? one.toFixed(0).length : 20)))];
}

/** Least and most characters of the text that a pointer points at. */
export function textLength(state: State, { places }: Value): readonly [number, number] {
  if (places.length === 0) return [0, Infinity];
  let [lo, hi] = [Infinity, 0];
  for (const { block, from, to } of places) {
    const held = state.texts.get(block);
    if (held === undefined || !Number.isFinite(from) || !Number.isFinite(to)) return [0, Infinity];
    lo = Math.min(lo, Math.max(0, held.lo - to));
    hi = Math.max(hi, Math.max(0, held.hi - from));
  }
  return [lo, hi];
}
