/**
 * @file The screen before a run's confirmation: blocking findings in full, others as counts, then the plan.
 */

import { countOf, secondsText, usdText } from "@tunewise/core/quantity";
import type { Placement } from "@tunewise/core/run";
import type { WorstCase } from "../../../app/plan/index.ts";
import type { Plan } from "../../../plan/index.ts";
import type { Finding, Place, Severity } from "../../../problem/index.ts";
import type { Paint } from "../paint.ts";
import { findingsText, severityWord } from "../problem.ts";
import { keyValueText, wrap } from "../table.ts";
import { plain } from "../terminal.ts";
import { dataLine, modelLine, placesTable, stepsLine } from "./card.ts";
import { budgetLine, chosenPlace } from "./lines.ts";
import { whereOf } from "./place-rows.ts";
import { secondsRange } from "./ranges.ts";

/** Contents of the screen. */
export interface RunScreen {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  /** Findings that block the run, see `refusalsOf`. */
  readonly refusals: readonly Finding[];
  /** The recipe as an argument of a command; empty for the default one. */
  readonly recipe: string;
  /** Executor of the run. */
  readonly by: Placement["kind"];
  /** Maximum cost on another machine; `null` if it is computed on this one, or the price is unknown. */
  readonly worst: WorstCase | null;
}

/** The screen as text within `columns`. */
export function runScreen(
  { plan, findings, refusals, recipe, by, worst }: RunScreen,
  paint: Paint,
  columns: number,
): string {
  const blockers = findingsText(refusals, paint, columns);
  const counted = countedFindings(
    findings.filter((finding) => !isRefused(finding, refusals)),
    recipe,
    { paint, columns },
  );
  const card = runCard({ plan, by, worst }, columns, `tunewise plan${recipe}`);
  return [blockers, counted, card].filter((part) => part !== "").join("\n\n");
}

/** Whether a finding is among the refusals, as it is or as an error. */
function isRefused(finding: Finding, refusals: readonly Finding[]): boolean {
  return refusals.some((one) => one === finding || (finding.where.length === 0 && one.code === finding.code));
}

/** One line per code, and the command that shows every row; empty if there are only notes. */
export function countedFindings(
  findings: readonly Finding[],
  recipe: string,
  { paint, columns }: { readonly paint: Paint; readonly columns: number },
): string {
  const counts = findingCounts(findings, paint, columns);
  if (counts === "") return "";
  return [counts, ...wrap(`tunewise check${recipe} shows the rows with their fixes`, columns)].join("\n");
}

/** A recipe as an argument of a command; empty for the default one. */
export function recipeArgument(path: string): string {
  if (path === "tunewise.yaml") return "";
  return ` ${/[^\w./\\:@-]/.test(path) ? JSON.stringify(path) : path}`;
}

/** Maximum rows of the table: this machine, the recommended placement, and the next ones. */
const placesShown = 4;

/** The card as text lines within `columns`. @param more the command that shows the whole plan */
function runCard(
  { plan, by, worst }: Pick<RunScreen, "plan" | "by" | "worst">,
  columns: number,
  more: string,
): string {
  const facts = [
    ["model", modelLine(plan)],
    ["data", dataLine(plan)],
    ["steps", stepsLine(plan)],
    [
      "derived",
      plan.settings.map(({ key, value }) => `${key.replace(/^training\./, "")} ${value}`).join(", "),
    ],
    ["time", timeLine(plan, by)],
    ["budget", budgetLine(plan)],
    ["at most", worst === null ? "" : worstLine(worst)],
  ].filter(([, text]) => text !== "");
  const hidden = plan.places.length - placesShown;
  const all = hidden > 0 ? ` and ${hidden} more places` : "";
  facts.push(["more", `${more} shows memory, money${all}`]);
  return `${keyValueText(facts, columns)}\n\n${placesTable(shortened(plan), "few", columns)}`;
}

/** Text on the worst case: the cost if all processes on this machine die. */
function worstLine({ capUsd, leaseUsd, leaseSeconds, usdPerHour }: WorstCase): string {
  const lease = `one lease of ${secondsText(leaseSeconds)} at ${usdText(usdPerHour)} an hour`;
  if (capUsd === null) return `not limited: no budget is set (--budget 20usd); it goes on alone for ${lease}`;
  const sum = usdText((capUsd + leaseUsd) as typeof capUsd);
  return `${sum}, the cap of ${usdText(capUsd)} and ${lease}, even if this computer and its network die`;
}

/** Text on the time, which is the engine's on this machine unless the plan is for cards. */
function timeLine({ places, time }: Plan, by: Placement["kind"]): string {
  const own = places.find(({ kind }) => kind === "own");
  if (by === "torch" && own?.seconds) return `${secondsRange(own.seconds)} on ${whereOf(own)}`;
  const here = places[0]?.fits === "no" ? "" : `${secondsRange(time.seconds)} on this machine`;
  return here === "" || by === "this-machine" ? here : `${here} by the engine; the worker's is not planned`;
}

/** The plan with only its first placements and the recommended one. */
function shortened(plan: Plan): Plan {
  const chosen = chosenPlace(plan);
  const first = plan.places.filter((place) => place !== chosen).slice(0, placesShown - 1);
  const places = plan.places.filter((place) => place === chosen || first.includes(place));
  const best = plan.best === null ? -1 : places.indexOf(plan.places[plan.best] as (typeof places)[number]);
  return { ...plan, places, best: best < 0 ? null : best, tradeOff: null };
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/**
 * One line per code, errors first: the number of rows, or the sentence of a finding that concerns no rows. Omits
 * notes, except those on the sources of `data.mix`.
 *
 * @param columns of the terminal
 */
function findingCounts(findings: readonly Finding[], paint: Paint, columns: number): string {
  const byCode = grouped(findings);
  const lines = [...byCode.values()]
    .map((same) => same.toSorted((a, b) => rank[a.severity] - rank[b.severity]))
    .filter(([first]) => first?.severity !== "note")
    .sort(([a], [b]) => rank[a?.severity ?? "note"] - rank[b?.severity ?? "note"])
    .flatMap((same) => lineOf(same, paint, columns));
  // the only account of rows that training leaves out
  const sources = (byCode.get("DATA_SOURCE_ROWS") ?? []).flatMap((one) => lineOf([one], paint, columns));
  return [...lines, ...sources].join("\n");
}

function grouped(findings: readonly Finding[]): Map<string, Finding[]> {
  const byCode = new Map<string, Finding[]>();
  for (const finding of findings) byCode.set(finding.code, [...(byCode.get(finding.code) ?? []), finding]);
  return byCode;
}

function lineOf(same: readonly Finding[], paint: Paint, columns: number): string[] {
  const [first] = same;
  if (first === undefined) return [];
  const lead = `${severityWord(first.severity, paint)} ${paint.bold(first.code)}: `;
  const [head = "", ...rest] = wrap(`${lead}${plain(factOf(same, first))}`, columns - 2);
  return [head, ...rest.map((line) => `  ${line}`)];
}

/** The number of rows; for a finding that concerns no rows, its sentence, which has the numbers. */
function factOf(same: readonly Finding[], first: Finding): string {
  const rows = same.reduce((sum, { where, count }) => sum + (where.some(isOfData) ? count : 0), 0);
  if (rows === 0) return first.detail;
  return `${first.title.charAt(0).toLowerCase()}${first.title.slice(1)}, ${countOf(rows, "row")}`;
}

/** Whether a place is a row of the data, not a line of the recipe. */
function isOfData({ row }: Place): boolean {
  return row !== undefined;
}
