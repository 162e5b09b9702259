/** @file Recognizes attacker-controlled values by their path. */
import { type Danger, dangers, type Value } from "./value.ts";
import type { Walk } from "./walk.ts";

/** Sets the level of a value whose path matches a source. */
export function fromOutside(walk: Walk, value: Value): Value {
  if (value.path === "" || value.level === 2) return value;
  const source = walk.language.sources.find(
    ({ path, needs }) => path.test(value.path) && (needs === undefined || walk.text.includes(needs)),
  );
  if (source === undefined) return value;
  const roots = source.root === undefined ? value.roots : [...value.roots, source.root];
  return source.level <= value.level
    ? { ...value, roots }
    : { ...value, roots, level: source.level, clean: bitsOf(source.clean) };
}

function bitsOf(clean: readonly Danger[] | undefined): number {
  return (clean ?? []).reduce((sum, danger) => sum | dangers[danger], 0);
}
