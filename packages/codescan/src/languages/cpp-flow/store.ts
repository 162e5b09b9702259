/** @file Values that are put into variables, members and places behind pointers. */
import type { Node } from "../../engine/tree.ts";
import { converted, narrowed } from "./arithmetic.ts";
import { keyOf, spotOf } from "./evaluate.ts";
import { share, touch } from "./memory.ts";
import { fault, type Run } from "./run.ts";
import { any, type Block, type State, type Value } from "./state.ts";

/** Puts a value where an expression names: a variable, a member, a place behind a pointer. */
export function store(run: Run, state: State, target: Node, value: Value, node: Node): undefined {
  const key = keyOf(run, target);
  if (target.kind === "identifier" && key !== undefined) return setName(run, state, key, value, node);
  const spot = spotOf(run, state, target);
  if (spot.type.kind !== "array") touch(run, spot.places, spot.type.bytes ?? 1, target, "!overrun");
  share(state, value);
  for (const { block, from, to } of spot.places) {
    if (block.kind === "given") state.written.add(block.maker).add(`!${block.maker}`);
    const named = run.owners.get(block);
    const held = named === undefined ? undefined : state.values.get(named);
    if (named !== undefined && held !== undefined)
      state.values.set(named, held.type.kind === "array" ? held : { ...any(held.type), nothing: "unknown" });
    endOfText(state, block, from, to, value, spot.type.bytes ?? 1);
  }
  if (key !== undefined) state.values.set(key, converted({ ...value, unset: 0 }, spot.type));
}

/** `buffer[9] = 0` ends the text there. */
function endOfText(state: State, block: Block, from: number, to: number, value: Value, unit: number): void {
  const held = state.texts.get(block);
  if (held === undefined) return;
  const isZero = value.lo === 0 && value.hi === 0;
  if (isZero && from === to)
    state.texts.set(block, {
      ...held,
      lo: Math.min(held.lo, from / unit),
      hi: Math.min(held.hi, from / unit),
    });
  else if (isZero || value.lo <= 0) state.texts.set(block, { ...held, lo: 0 });
}

/** What was said of an order with the name no longer holds. */
function isOrderOf(key: string, name: string): boolean {
  return key.startsWith("?") && key.slice(1).split(/\W+/).includes(name);
}

function setName(run: Run, state: State, name: string, value: Value, node: Node): undefined {
  const before = state.values.get(name);
  const type = before?.type ?? run.names.types.get(`=${name}`) ?? value.type;
  for (const key of state.values.keys())
    if (key.startsWith(`${name}->`) || key.startsWith(`${name}.`) || isOrderOf(key, name))
      state.values.delete(key);
  if (type.kind === "array" || (before === undefined && !run.globals.has(name))) {
    if (before === undefined) share(state, value);
    return;
  }
  if (run.globals.has(name)) share(state, value);
  narrowed(run, value, type, node);
  if (value.type.label === "result" && type.label === "truth") fault(run, "!truth_of_result", node);
  state.values.set(name, converted({ ...value, unset: 0 }, type));
}
