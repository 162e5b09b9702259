/** @file C#: what rules ask of properties that are set, and of code that says it looks first. */
import type { Asked } from "../../engine/language.ts";
import type { AssignSeen } from "../../engine/seen.ts";
import { carries, type Danger, itemsOf, type Level, type Value } from "../../engine/value.ts";
import type { Match } from "../../rule.ts";
import { assigns } from "../matches.ts";

/** Text from outside, not cleaned for the danger, is put into a property: `command.CommandText = text`. */
export function sets(
  danger: Danger,
  least: Level,
  name: Asked,
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

/** Whether a value is a whole text or list of bytes that is written down. */
export function isConstantData(value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value.constant === "string") return value.constant !== "";
  const entries = itemsOf(value);
  return entries.length > 3 && entries.every(({ constant }) => typeof constant === "number");
}
