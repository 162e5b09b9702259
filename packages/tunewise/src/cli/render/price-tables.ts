/** @file The price book as tables: machines, training, answers, each row with its source and age. */

import { dollars, type Usd, usdText } from "@tunewise/core/quantity";
import { ageOf, dateText, type PriceBook, type PriceSource } from "../../catalog/index.ts";
import { type Column, fittedTable } from "./table.ts";
import { plain } from "./terminal.ts";

/** Maximum width of a source's name; `--json` has the whole. */
const sourceColumns = 44;

/** Selected prices, and the date for computing their ages. */
interface ShownPrices {
  readonly prices: PriceBook;
  readonly today: Date;
}

/** Which rows are shown; the rest are counted. */
export interface ShownRows {
  /** Maximum rows of each kind. */
  readonly limit: number;
  /** Whether only the cheapest machine of each device and pricing is shown. */
  readonly isOverview: boolean;
}

/** Tables of the kinds that have rows. */
export function priceTables(
  { prices, today }: ShownPrices,
  { limit, isOverview }: ShownRows,
  room: number,
): string {
  const { machines, training, inference } = prices;
  const parts = [
    isOverview ? overviewTable(machines, today, room) : machineTable(machines, today, limit, room),
    trainingTable(training, today, limit, room),
    inferenceTable(inference, today, limit, room),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "no prices of this kind" : parts.join("\n\n");
}

const origin: readonly Column[] = [
  ["as of", 2],
  ["source", 4],
];

/** Shows the first machine of each device and pricing, which is the cheapest since they are sorted. */
function overviewTable(machines: PriceBook["machines"], today: Date, room: number): string {
  const seen = new Set<string>();
  const cheapest = machines.filter(({ device, pricing }) => {
    const key = `${device} ${pricing}`;
    return !seen.has(key) && seen.add(key);
  });
  const table = machineTable(cheapest, today, cheapest.length, room);
  const more = machines.length - cheapest.length;
  return more === 0
    ? table
    : `${table}\nand ${more} more expensive ones: --gpu NAME, or --limit ${machines.length}`;
}

function machineTable(machines: PriceBook["machines"], today: Date, limit: number, room: number): string {
  const columns: readonly Column[] = [
    "#n",
    "device",
    "pricing",
    "#$/h",
    "#each",
    "provider",
    ["instance", 3],
    ["region", 3],
    ...origin,
  ];
  const rows = machines
    .slice(0, limit)
    .map((row) => [
      String(row.deviceCount),
      row.device,
      row.pricing,
      dollars(row.usdPerHour).toFixed(2),
      (dollars(row.usdPerHour) / row.deviceCount).toFixed(2),
      plain(row.provider),
      plain(row.instance),
      plain(row.region),
      ...originCells(row.source, today),
    ]);
  return titled("machines, dollars per hour", columns, rows, machines.length, room);
}

function trainingTable(training: PriceBook["training"], today: Date, limit: number, room: number): string {
  const columns: readonly Column[] = ["vendor", "for", "#training", ["bills", 3], ["note", 1], ...origin];
  const rows = training
    .slice(0, limit)
    .map((row) => [
      plain(row.vendor),
      plain(row.name),
      usdText(row.usdPerMillionTokens),
      row.billing === "tokens" ? "tokens" : "padded rows",
      row.isClosing ? "closing" : "",
      ...originCells(row.source, today),
    ]);
  return titled("hosted training, per million tokens", columns, rows, training.length, room);
}

function inferenceTable(inference: PriceBook["inference"], today: Date, limit: number, room: number): string {
  const columns: readonly Column[] = ["vendor", "model", "#input", "#output", "#cached", ...origin];
  const money = (value: Usd | null): string => (value === null ? "" : usdText(value));
  const rows = inference
    .slice(0, limit)
    .map((row) => [
      plain(row.vendor),
      plain(row.model),
      money(row.inputUsdPerMillionTokens),
      money(row.outputUsdPerMillionTokens),
      money(row.cachedInputUsdPerMillionTokens),
      ...originCells(row.source, today),
    ]);
  return titled("answers, per million tokens", columns, rows, inference.length, room);
}

/** `2026-11-20 (5 d)`, `read 2026-11-25` or `undated`, and the source. */
function originCells(source: PriceSource, today: Date): string[] {
  const age = ageOf(source, today);
  const date = age === null ? dateText(source) : `${source.asOf} (${Math.max(0, age)} d)`;
  const name = plain(source.name);
  return [date, name.length <= sourceColumns ? name : `${name.slice(0, sourceColumns - 1)}…`];
}

function titled(
  title: string,
  columns: readonly Column[],
  rows: readonly string[][],
  count: number,
  room: number,
): string {
  if (rows.length === 0) return "";
  const more = count > rows.length ? `\nand ${count - rows.length} more: --limit ${count}` : "";
  return `${title}\n${fittedTable(columns, rows, room)}${more}`;
}
