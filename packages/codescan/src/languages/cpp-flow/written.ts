/** @file What calls write: variables that are handed over, memory behind pointers. */
import { type Node, sourceOf } from "../../engine/tree.ts";
import * as library from "./library.ts";
import type { Run } from "./run.ts";
import { any, type State, type Value, wild } from "./state.ts";
import { rangeOf, type Type } from "./types.ts";

const known = [
  ...[library.moves, library.copies, library.prints, library.makers, library.frees, library.opens],
  ...[library.outsideNumbers],
];

function isOfLibrary(name: string): boolean {
  const isNamed = library.readers.has(name) || library.numbers.has(name) || library.duplicates.has(name);
  return isNamed || library.followers.has(name) || known.some((table) => Object.hasOwn(table, name));
}

/**
 * Whether a call may write a variable that is handed over by name: a macro, or a function that takes references. What
 * the file does not declare may be a macro of a header where nobody looks at what it gives.
 */
export function calleeMayWrite(
  run: Run,
  name: string,
  isDropped: boolean,
): (position: number) => boolean | "deep" {
  const body = run.macros.get(name);
  if (body !== undefined || (/^[A-Z][A-Z0-9_]*$/.test(name) && !run.returns.has(name))) return () => "deep";
  const references = run.references.get(name);
  if (references !== undefined) return (position) => references.has(position);
  const isOpen = !isOfLibrary(name) && (run.isPlusPlus || (isDropped && !run.returns.has(name)));
  return () => isOpen;
}

/** Names in an argument count as written from here on. */
export function settled(run: Run, state: State, node: Node, isDeep: boolean): void {
  const waiting = [node];
  for (let count = 0; waiting.length > 0 && count < 50; count++) {
    const one = waiting.pop();
    const name = one?.kind === "identifier" ? sourceOf(run.tree, one) : undefined;
    const held = name === undefined ? undefined : state.values.get(name);
    if (name !== undefined && held !== undefined && held.unset > 0)
      state.values.set(name, { ...held, unset: 0 });
    if (isDeep || one?.kind === "field_expression")
      waiting.push(...(one?.children.filter(({ named }) => named) ?? []));
  }
}

/** A macro of the file writes what its text names. */
export function macroWrites(run: Run, state: State, name: string): void {
  const body = run.macros.get(name);
  if (body === undefined) return;
  for (const [key, held] of state.values)
    if (held.unset > 0 && body.includes(key)) state.values.set(key, { ...held, unset: 0 });
}

/** A number that somebody outside wrote: a short one can be no more than its type. */
export function outsideNumber(type: Type): Value {
  if (type.kind !== "number") return any(type);
  const [lo, hi] = rangeOf(type);
  const bits = wild.above | wild.zero | (type.signed ? wild.below : 0);
  return (type.bytes ?? 8) < 4 ? { ...any(type), lo, hi, wild: bits } : { ...any(type), wild: bits };
}

/** A block was written, nobody knows what. */
export function filled(run: Run, state: State, { places }: Value, isOutside: boolean): void {
  for (const { block } of places) {
    if (block.kind === "given") state.written.add(block.maker).add(`!${block.maker}`);
    state.texts.delete(block);
    const name = run.owners.get(block);
    const held = name === undefined ? undefined : state.values.get(name);
    if (name === undefined || held === undefined) continue;
    for (const key of state.values.keys()) if (key.startsWith(`${name}.`)) state.values.delete(key);
    state.values.set(
      name,
      held.type.kind === "array"
        ? { ...held, unset: 0 }
        : isOutside
          ? outsideNumber(held.type)
          : any(held.type),
    );
  }
}
