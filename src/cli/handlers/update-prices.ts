/** @file `tunewise prices update`: downloads price lists. */
import { type PriceUpdate, type UpdateProgress, updatePrices } from "../../app/prices/index.ts";
import { bytes, bytesText, countOf } from "../../quantity/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE, INTERRUPTED } from "../exit-codes.ts";
import { plain } from "../render/place.ts";
import { findingsText } from "../render/problem.ts";
import { tableText } from "../render/table.ts";
import { hostOf } from "./surroundings.ts";

/** Milliseconds between lines about one download. */
const tellEvery = 2_000;

/** Updates the price lists. */
export async function handle(call: Call, console: Console): Promise<number> {
  const runtime = hostOf(console);
  const mirror = textFlag(call, "from");
  const onProgress = teller(console);
  try {
    const done = await updatePrices(runtime, { onProgress, ...(mirror === null ? {} : { mirror }) });
    if (console.json) console.document({ ...done });
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
  const table = tableText([{ head: "list" }, { head: "prices", align: "right" }, { head: "" }], rows);
  return `${table}\n\nstored ${countOf(machines, "machine")} and ${countOf(inference, "model")} in ${plain(path)}`;
}
