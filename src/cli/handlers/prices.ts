/** @file `tunewise prices list`: the price book with sources and ages, and its update. */
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
import { bytes, bytesText, countOf } from "../../quantity/index.ts";
import { type Call, isOn, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE, INTERRUPTED } from "../exit-codes.ts";
import { priceTables, type ShownRows } from "../render/price-tables.ts";
import { findingsText } from "../render/problem.ts";
import { tableText } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { hostOf } from "./context.ts";

/** Rows of each kind that are shown. */
const usualLimit = 40;
/** Milliseconds between lines about one download. */
const _tellEvery = 2_000;

/** Lists prices. */
export async function handleList(call: Call, console: Console): Promise<number> {
  const listed = await listPrices(hostOf(console), filterOf(call));
  const isBlocked = blocks(listed.findings, "error");
  if (console.json) console.document(documentOf(listed));
  else {
    console.result(priceTables(listed, shownRows(call), console.tableColumns));
    if (listed.findings.length > 0) console.result(`\n${findingsText(listed.findings, console.paint)}`);
    console.info(
      `\nnext: ${isBlocked ? "mend the price file, then tunewise prices list" : "tunewise prices update"}`,
    );
  }
  return isBlocked ? CHECK_SAID_NO : DONE;
}

/** An overview where nothing is asked for: of the machines the cheapest of each device. */
function shownRows(call: Call): ShownRows {
  const limit = numberFlag(call, "limit");
  const isOverview = limit === null && textFlag(call, "gpu") === null && textFlag(call, "provider") === null;
  return { limit: limit ?? usualLimit, isOverview };
}

function filterOf(call: Call): PriceFilter {
  const [gpu, provider, file] = ["gpu", "provider", "file"].map((name) => textFlag(call, name) ?? undefined);
  return {
    spot: isOn(call, "spot"),
    ...(gpu === undefined ? {} : { gpu }),
    ...(provider === undefined ? {} : { provider }),
    ...(file === undefined ? {} : { file }),
  };
}

/** Rows in the keys of a price file, with their age beside the date. */
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

/** Milliseconds between lines about one download. */
const tellEvery = 2_000;

/** Updates the price lists. */
export async function handleUpdate(call: Call, console: Console): Promise<number> {
  const runtime = hostOf(console);
  const mirror = textFlag(call, "from");
  const onProgress = teller(console);
  try {
    const done = await updatePrices(runtime, { onProgress, ...(mirror === null ? {} : { mirror }) });
    if (console.json) console.document(done);
    else {
      console.result(updateText(done));
      if (done.findings.length > 0) console.result(`\n${findingsText(done.findings, console.paint)}`);
      console.info("\nnext: tunewise prices list");
    }
    return done.lists.some(({ failure }) => failure !== null) ? CHECK_SAID_NO : DONE;
  } catch (error) {
    if (!runtime.signal.aborted) throw error;
    console.error("interrupted; the prices of before stay in use");
    return INTERRUPTED;
  }
}

/** A line when a list begins, and every two seconds of a long one. */
function teller(console: Console): (progress: UpdateProgress) => void {
  let current = "";
  let toldAt = 0;
  return ({ list: name, doneBytes, totalBytes }) => {
    const now = console.io.now();
    if (name === current && now - toldAt < tellEvery) return;
    [current, toldAt] = [name, now];
    const total = totalBytes === null ? "" : ` of ${bytesText(bytes(totalBytes))}`;
    console.info(`fetching ${name}: ${bytesText(bytes(doneBytes))}${total}`);
  };
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
