/** @file C# rules' helpers for assigned properties and constant data. */
import type { NamePattern } from "../../engine/language.ts";
import type { AssignSeen } from "../../engine/seen.ts";
import { carries, type Danger, itemsOf, type Level, type Value } from "../../engine/value.ts";
import type { Match } from "../../rule.ts";
import { assigns } from "../matches.ts";

/** Tainted text is assigned to a property: `command.CommandText = text`. */
export function sets(
  danger: Danger,
  least: Level,
  name: NamePattern,
  when: (seen: AssignSeen) => boolean = () => true,
): Match {
  return assigns(
    name,
    (seen) =>
      (seen.form === "attribute" || seen.form === "argument" || seen.form === "entry") &&
      carries(seen.value, danger) >= least &&
      when(seen) &&
      carries(seen.value, danger),
  );
}

/** Whether a value is a complete text or byte-list literal. */
export function isConstantData(value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value.constant === "string") return value.constant !== "";
  const entries = itemsOf(value);
  return entries.length > 3 && entries.every(({ constant }) => typeof constant === "number");
}
