/**
 * @file The plan as `run` shows it before it asks: what it trains and what that takes, the table of places last, so
 * that it stands right above the question.
 */
import type { Plan } from "../../../plan/index.ts";
import { factsText } from "../fitted-table.ts";
import { dataLine, modelLine, placesTable, stepsLine } from "./card.ts";
import { chosenPlace } from "./memory-lines.ts";
import { budgetLine } from "./money-lines.ts";
import { secondsRange } from "./ranges.ts";

/** Rows of the table: this machine, what is recommended, and the next ones. */
const placesShown = 4;

/** The card as text lines within `columns`. @param more the command that shows all of the plan */
export function runCard(plan: Plan, columns: number, more: string): string {
  const facts = [
    ["model", modelLine(plan)],
    ["data", dataLine(plan)],
    ["steps", stepsLine(plan)],
    [
      "derived",
      plan.settings.map(({ key, value }) => `${key.replace(/^training\./, "")} ${value}`).join(", "),
    ],
    ["time", plan.places[0]?.fits === "no" ? "" : `${secondsRange(plan.time.seconds)} on this machine`],
    ["budget", budgetLine(plan)],
  ].filter(([, text]) => text !== "");
  const hidden = plan.places.length - placesShown;
  const all = hidden > 0 ? ` and ${hidden} more places` : "";
  facts.push(["more", `${more} shows memory, money${all}`]);
  return `${factsText(facts, columns)}\n\n${placesTable(shortened(plan), "few", columns)}`;
}

/** The plan with its first places and the one that it recommends. */
function shortened(plan: Plan): Plan {
  const chosen = chosenPlace(plan);
  const first = plan.places.filter((place) => place !== chosen).slice(0, placesShown - 1);
  const places = plan.places.filter((place) => place === chosen || first.includes(place));
  const best = plan.best === null ? -1 : places.indexOf(plan.places[plan.best] as (typeof places)[number]);
  return { ...plan, places, best: best < 0 ? null : best, tradeOff: null };
}
