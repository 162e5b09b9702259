/** @file Columns of the runs table. Their names are those of the filter grammar. */
import { agoText, differenceText, durationText, moneyText, numberText, timeText } from "../format.ts";

/** Columns shown by default. */
export const usualColumns: readonly string[] = [
  "attributes.status",
  "attributes.start_time",
  "attributes.duration",
  "attributes.spent",
  "attributes.waste",
  "attributes.plan",
  "attributes.person",
];

const titles: Readonly<Record<string, string>> = {
  "attributes.name": "name",
  "attributes.status": "status",
  "attributes.start_time": "started",
  "attributes.end_time": "ended",
  "attributes.last_seen": "heard of",
  "attributes.duration": "time",
  "attributes.spent": "spent",
  "attributes.waste": "waste",
  "attributes.plan": "plan",
  "attributes.person": "who",
  "attributes.client": "client",
  "attributes.project": "project",
  "attributes.purpose": "purpose",
  "attributes.run_id": "id",
};

const times = new Set(["attributes.start_time", "attributes.end_time", "attributes.last_seen"]);

/** A column's title: only its key, because the group it is chosen from shows the rest. */
export function columnTitle(name: string): string {
  return titles[name] ?? keyOf(name);
}

/** The part after the first dot. */
export function keyOf(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

/** A column's name for use in a filter, quoted if the grammar requires it. */
export function filterName(name: string): string {
  const key = keyOf(name);
  return /^[\w./-]+$/.test(key) ? name : `${name.slice(0, -key.length)}\`${key.replaceAll("`", "``")}\``;
}

/** Whether values are numbers, which are right-aligned. */
export function isNumeric(name: string): boolean {
  return (
    name.startsWith("metrics.") ||
    ["attributes.duration", "attributes.spent", "attributes.waste", "attributes.plan"].includes(name)
  );
}

/** A cell as text. */
export function cellText(name: string, value: Cell): string {
  if (value === null || Array.isArray(value)) return "";
  if (name === "attributes.spent" || name === "attributes.waste") return moneyText(Number(value) * 1e6);
  if (name === "attributes.plan") return `${differenceText(Math.round(Number(value)))} %`;
  if (name === "attributes.duration") return durationText(Number(value));
  if (times.has(name)) return agoText(Number(value));
  return numberText(value as number | string);
}

/** Tooltip of a cell; empty: nothing to add. */
export function cellTitle(name: string, value: Cell): string {
  if (times.has(name)) return timeText(Number(value));
  if (name === "attributes.plan" && value !== null)
    return `${differenceText(Number(value))} % of the planned time (P50)`;
  return typeof value === "number" && isNumeric(name) ? String(value) : "";
}

/** A value of a cell. */
export type Cell = number | string | null | readonly (number | string)[];
