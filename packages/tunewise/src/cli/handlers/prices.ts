/** @file `tunewise prices list` and `update`: the price book with sources and ages. */

import { countOf } from "@tunewise/core/quantity";
import { blocks } from "../../app/check/index.ts";
import {
  type ListedPrices,
  listPrices,
  type PriceFilter,
  type PriceUpdate,
  type UpdateProgress,
  updatePrices,
} from "../../app/prices/index.ts";
import { ageOf, type PriceSource, priceRecords } from "../../catalog/index.ts";
import { type Call, isOn, numberFlag, textFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE, INTERRUPTED } from "../exit-codes.ts";
import { priceTables, type ShownRows } from "../render/price-tables.ts";
import { findingsText } from "../render/problem.ts";
import { tableText } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { fetchingText, progressPrinter, runtimeOf, unlessStopped } from "./context.ts";

/** Default number of rows of each kind. */
const usualLimit = 40;

/** Lists prices. */
export async function handleList(call: Call, console: Console): Promise<number> {
  const listed = await listPrices(runtimeOf(console), filterOf(call));
  const isBlocked = blocks(listed.findings, "error");
  const findings = listed.findings.length > 0 ? `\n\n${findingsText(listed.findings, console.paint)}` : "";
  console.output(
    documentOf(listed),
    () => `${priceTables(listed, shownRows(call), console.tableColumns)}${findings}`,
  );
  const next = isBlocked ? "fix the price file, then tunewise prices list" : "tunewise prices update";
  console.info(`\nnext: ${next}`);
  return isBlocked ? CHECK_SAID_NO : DONE;
}

/** Rows to show; without filters, an overview with the cheapest machine of each device. */
function shownRows(call: Call): ShownRows {
  const limit = numberFlag(call, "limit");
  const isOverview = limit === null && textFlag(call, "gpu") === null && textFlag(call, "provider") === null;
  return { limit: limit ?? usualLimit, isOverview };
}

function filterOf(call: Call): PriceFilter {
  return { spot: isOn(call, "spot"), ...textFlags(call, "gpu", "provider", "file") };
}

/** The JSON document: rows with the keys of a price file, and the age next to the date. */
function documentOf({
  prices,
  findings,
  today,
  storedFile,
  userFile,
}: ListedPrices): Record<string, unknown> {
  const { machines, training, inference } = priceRecords(prices);
  const aged = (rows: readonly object[], sources: readonly { readonly source: PriceSource }[]): object[] =>
    rows.map((row, at) => ({ ...row, age_days: ageIn(sources[at], today) }));
  return {
    machines: aged(machines, prices.machines),
    training: aged(training, prices.training),
    inference: aged(inference, prices.inference),
    findings,
    stored_file: storedFile,
    user_file: userFile,
  };
}

function ageIn(row: { readonly source: PriceSource } | undefined, today: Date): number | null {
  return row === undefined ? null : ageOf(row.source, today);
}

/** Updates the price lists. */
export async function handleUpdate(call: Call, console: Console): Promise<number> {
  const mirror = textFlag(call, "from");
  const print = progressPrinter(console, 2_000);
  let current = "";
  const onProgress = ({ list: name, doneBytes, totalBytes }: UpdateProgress): void => {
    print(fetchingText(name, doneBytes, totalBytes), name !== current);
    current = name;
  };
  const updating = updatePrices(runtimeOf(console), { onProgress, ...(mirror === null ? {} : { mirror }) });
  const done = await unlessStopped(console, updating, "interrupted; the previous prices stay in use");
  if (done === null) return INTERRUPTED;
  const findings = done.findings.length > 0 ? `\n\n${findingsText(done.findings, console.paint)}` : "";
  console.output(done, () => `${updateText(done)}${findings}`);
  console.info("\nnext: tunewise prices list");
  return done.lists.some(({ failure }) => failure !== null) ? CHECK_SAID_NO : DONE;
}

function updateText({ path, lists, machines, inference }: PriceUpdate): string {
  const rows = lists.map(({ list: name, rows: count, failure }) => [
    name,
    failure === null ? String(count) : "",
    failure === null ? "" : plain(`not updated: ${failure}`),
  ]);
  const table = tableText(["list", "#prices", ""], rows);
  return `${table}\n\nstored ${countOf(machines, "machine")} and ${countOf(inference, "model")} in ${plain(path)}`;
}
