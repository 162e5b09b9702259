/** @file Memory in a run: blocks that are made, used, given back and handed on. */
import type { Span } from "../../engine/syntax.ts";
import type { Node } from "../../engine/tree.ts";
import { type FlowFault, fault, type Run } from "./run.ts";
import type { Block, Life, Place, State, Value } from "./state.ts";

/** The block that a place of the text makes: the same for each turn of a loop. */
export function blockAt(run: Run, { start, end }: Span, about: Omit<Block, keyof Span>): Block {
  const key = `${start} ${about.kind} ${about.maker} ${about.bytes ?? ""}`;
  const known = run.blocks.get(key);
  if (known !== undefined) return known;
  const block: Block = { ...about, start, end };
  run.blocks.set(key, block);
  return block;
}

const perhaps: Partial<Record<FlowFault, FlowFault>> = {
  "!overrun": "!perhaps_overrun",
  "!overread": "!perhaps_overread",
};

/** Reads or writes at places: `bytes` of each must lie inside. @param least where the number is a range */
export function touch(
  run: Run,
  places: readonly Place[],
  bytes: number,
  node: Span,
  name: FlowFault,
  least: number = bytes,
): undefined {
  if (bytes <= 0 || places.some(({ block }) => block.bytes === undefined)) return;
  const isOutside = ({ block, from, to }: Place): boolean =>
    to < 0 || (block.bytes !== undefined && from + least > block.bytes);
  if (places.length > 0 && places.every(isOutside)) return fault(run, name, node);
  for (const { block, from, to } of places) {
    if (block.bytes === undefined) continue;
    // of a range with one open end only what is surely outside counts
    const isClosed = Number.isFinite(from) && Number.isFinite(to);
    // a place and a number that both vary may depend on each other: the farther, the less
    const isBehind = Math.max(from + bytes, (isClosed ? to : from) + least) > block.bytes;
    const isBefore = isClosed && least === bytes && from < 0;
    if (isBehind || isBefore) return fault(run, perhaps[name] ?? name, node);
  }
}

/** Memory is used through a pointer: it must live. */
export function alive(run: Run, state: State, { places }: Value, node: Span, name: FlowFault): undefined {
  if (places.length === 0) return;
  const lives = places.map(({ block }) => state.lives.get(block));
  if (lives.every((life) => life?.freed === 2)) {
    fault(run, name, node);
    // said once
    for (const { block } of places) state.lives.set(block, { freed: 1, shared: true, partial: true });
  }
}

/** Somebody else knows the memory from here on: nobody can tell who gives it back. */
export function share(state: State, { places }: Value): undefined {
  for (const { block } of places) {
    const life = state.lives.get(block);
    if (life !== undefined && !life.shared) state.lives.set(block, { ...life, shared: true });
  }
}

const matching: Readonly<Record<string, string>> = { malloc: "free", new: "delete", "new[]": "delete[]" };

/** `free(p)`, `delete p`. */
export function free(run: Run, state: State, node: Node, value: Value, by: string): undefined {
  const { places } = value;
  if (places.length === 0 || value.nothing === "yes") return;
  alive(run, state, value, node, "!freed_twice");
  if (places.every(({ block }) => block.kind === "stack" || block.kind === "static" || block.kind === "text"))
    return fault(run, "!freed_other", node);
  if (places.every(({ from, to }) => from === to && from !== 0 && Number.isFinite(from)))
    fault(run, "!freed_inside", node);
  const isSure = places.length === 1;
  for (const { block } of places) {
    const wanted = matching[block.maker];
    if (isSure && wanted !== undefined && by !== "" && by !== wanted) fault(run, "!unmatched_free", node);
    const isClosed = wanted === undefined && block.kind === "heap" && by !== "";
    if (isSure && isClosed && by.replace(/^_/, "") !== block.maker.replace(/^_/, ""))
      fault(run, "!unmatched_close", node);
    const life: Life = state.lives.get(block) ?? { freed: 0, shared: true, partial: false };
    state.lives.set(block, { ...life, freed: isSure ? 2 : 1 });
  }
}

/** A test said that the pointer is null: the memory was never made. */
export function neverMade(state: State, { places }: Value): undefined {
  for (const { block } of places) if (state.lives.get(block)?.freed === 0) state.lives.delete(block);
}

/** Where a function ends: memory that it alone knew and that it did not give back. */
export function lost(run: Run, state: State): undefined {
  for (const [block, { freed, shared, partial }] of state.lives) {
    if (freed !== 0 || shared || partial || block.kind !== "heap") continue;
    fault(run, Object.hasOwn(matching, block.maker) ? "!freed_never" : "!closed_never", block);
  }
}
