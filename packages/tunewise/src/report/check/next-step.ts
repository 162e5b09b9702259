/** @file Suggests the next command after a check. */

import { touchedRows } from "@tunewise/datacheck";
import { type DataCheck, topicsOf } from "./topics.ts";

/** A command and its effect on the data. */
export interface NextStep {
  readonly command: string;
  readonly does: string;
}

/** Rows that `--fix` would drop, and those it would mask. */
export interface Fixable {
  readonly dropped: number;
  readonly redacted: number;
}

/** Counts rows; a dropped row does not count as masked. Rows that cannot be rendered are dropped. */
export function fixable({ observations, refused }: Pick<DataCheck, "observations" | "refused">): Fixable {
  const rows = [...touchedRows(observations).values()].flatMap((lines) => [...lines.values()]);
  const dropped = rows.filter((touches) => touches.some(({ action }) => action === "drop")).length;
  return { dropped: dropped + refused.length, redacted: rows.length - dropped };
}

/** The command with the most automatic fixes; otherwise the one that shows the worst finding; otherwise the plan. */
export function nextStep(check: DataCheck): NextStep {
  const { dropped, redacted } = fixable(check);
  if (dropped + redacted > 0) {
    const without = dropped > 0 ? `without ${rowsText(dropped)}` : "";
    const masked = redacted > 0 ? `with secrets masked in ${rowsText(redacted)}` : "";
    const does = `a copy ${[without, masked].filter((part) => part !== "").join(" and ")}; your files stay as they are`;
    return { command: commandText("check", check, "--fix"), does };
  }
  const [worst] = topicsOf(check).filter(({ severity }) => severity !== "note");
  if (worst === undefined) return { command: commandText("plan", check), does: "what a run will take" };
  return { command: showCommand(check, worst.code), does: "every row of the worst finding" };
}

/** Command that lists all rows of a code. */
export function showCommand(check: DataCheck, code: string): string {
  return commandText("check", check, "--show", code);
}

/** Names the recipe unless it is the default. */
function commandText(verb: string, { recipe }: DataCheck, ...words: readonly string[]): string {
  const named =
    recipe === "tunewise.yaml" ? [] : [/[^\w./\\:@-]/.test(recipe) ? JSON.stringify(recipe) : recipe];
  return ["tunewise", verb, ...named, ...words].join(" ");
}

function rowsText(count: number): string {
  return `${count} row${count === 1 ? "" : "s"}`;
}
