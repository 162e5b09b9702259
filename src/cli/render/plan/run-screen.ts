/**
 * @file What stands on the screen when a run asks for its yes: what blocks it in full, the rest counted, the plan last.
 */
import type { Plan } from "../../../plan/index.ts";
import type { Finding } from "../../../problem/index.ts";
import { findingCounts } from "../finding-counts.ts";
import type { Paint } from "../paint.ts";
import { findingsText } from "../problem.ts";
import { wrap } from "../table.ts";
import { runCard } from "./run-card.ts";

/** What is shown. */
export interface RunScreen {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  /** What a run refuses, see `refusalsOf`. */
  readonly refusals: readonly Finding[];
  /** The recipe as an argument of a command; empty for the usual one. */
  readonly recipe: string;
}

/** The screen as text within `columns`. */
export function runScreen(
  { plan, findings, refusals, recipe }: RunScreen,
  paint: Paint,
  columns: number,
): string {
  const blockers = findingsText(refusals, paint, columns);
  const counted = countedFindings(
    findings.filter((finding) => !refusals.includes(finding)),
    recipe,
    { paint, columns },
  );
  const card = runCard(plan, columns, `tunewise plan${recipe}`);
  return [blockers, counted, card].filter((part) => part !== "").join("\n\n");
}

/** A line per code, and the command that shows each row of them; empty where there is nothing but notes. */
export function countedFindings(
  findings: readonly Finding[],
  recipe: string,
  { paint, columns }: { readonly paint: Paint; readonly columns: number },
): string {
  const counts = findingCounts(findings, paint, columns);
  if (counts === "") return "";
  return [counts, ...wrap(`tunewise check${recipe} shows the rows with their fixes`, columns)].join("\n");
}

/** A recipe as an argument behind a command: nothing for the one that is taken anyway. */
export function recipeArgument(path: string): string {
  if (path === "tunewise.yaml") return "";
  return ` ${/[^\w./\\:@-]/.test(path) ? JSON.stringify(path) : path}`;
}
