/** @file A run of any client as text. */
import type { TrackedDetails } from "../../app/tracking/index.ts";
import { seconds, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import { factsText } from "./fitted-table.ts";
import { plain } from "./place.ts";
import { sparkline } from "./sparkline.ts";

/** Parameters, tags and metrics that are shown; trainers log hundreds. */
const shownMost = 30;
/** Columns of a curve. */
const curveColumns = 32;

/** Everything about it, a line each. */
export function trackedText(run: TrackedDetails, columns: number): string {
  const ended = run.endedAt === null ? "" : `, ended ${run.endedAt}`;
  const rows = [
    ["run", `${plain(run.id)} (${run.status})`],
    ["name", plain(run.name)],
    ["project", plain(run.project)],
    [
      "logged by",
      [run.client, run.person]
        .filter((part) => part !== "")
        .map(plain)
        .join(", "),
    ],
    ["purpose", run.purpose],
    ["started", `${run.createdAt}${ended}`],
    ["time", secondsText(seconds(run.seconds))],
    ["cost", `${usdText(run.spentMicroUsd as Usd)}${priceText(run)}`],
    ...(run.result === null ? [] : [["result", plain(run.result)]]),
    ...(run.launchedBy === null ? [] : [["command", plain(run.launchedBy)]]),
    ...(run.launched.length === 0 ? [] : [["logged runs", plain(run.launched.join(", "))]]),
    ...some(run.metrics, "metrics", (metric) => [plain(metric.key), curveText(metric)]),
    ...some(Object.entries(run.params), "parameters", ([key, value]) => [plain(key), plain(value)]),
    ...some(Object.entries(run.tags), "tags", ([key, value]) => [`tag ${plain(key)}`, plain(value)]),
  ];
  return factsText(rows, columns);
}

/** The first ones, and how many there are besides. */
function some<Item>(items: readonly Item[], what: string, row: (item: Item) => string[]): string[][] {
  const rows = items.slice(0, shownMost).map(row);
  const left = items.length - rows.length;
  return left > 0 ? [...rows, ["", `and ${left} more ${what}: --json`]] : rows;
}

function curveText({ last, points }: TrackedDetails["metrics"][number]): string {
  const values = points.map(({ value }) => value);
  const end = last === null ? "none" : last.toPrecision(4);
  return values.length < 2 ? end : `${values[0]?.toPrecision(4)} ${sparkline(values, curveColumns)} ${end}`;
}

function priceText({ spend }: TrackedDetails): string {
  const line = spend.at(-1);
  if (!line || line.priceMicroUsdPerHour === 0) return "";
  return `, at ${usdText(line.priceMicroUsdPerHour as Usd)} an hour (${plain(line.priceSource)})`;
}
