/** @file The shipped price book, for offline use. */

import { readTableText } from "../../table-text.ts";
import type { MachineOffer, PriceBook, PriceSource } from "../book.ts";
import { inferenceFrom, machineFrom, type OfferReading, type RowsContext, trainingFrom } from "../offers.ts";
import type { PriceRecord } from "../record.ts";
import { machineSources, machineTable } from "./machines.ts";
import { inferenceTable, serviceSources, trainingTable } from "./services.ts";

let book: PriceBook | undefined;

/**
 * Returns the snapshot of this version of tunewise. Most rows have only a read date: show it with the source, and offer
 * an update.
 *
 * @example const onDemand = shippedPrices().machines.filter(({ pricing }) => pricing === "on-demand");
 */
export function shippedPrices(): PriceBook {
  book ??= {
    machines: rowsOf(machineTable).flatMap(machinesFrom),
    training: rowsOf(trainingTable).map((record) => take(record, serviceSources, trainingFrom)),
    inference: rowsOf(inferenceTable).map(({ input, output, ...record }) => {
      const prices = { input_usd_per_million_tokens: input, output_usd_per_million_tokens: output };
      return take({ ...record, ...prices }, serviceSources, inferenceFrom);
    }),
  };
  return book;
}

function rowsOf(table: string): PriceRecord[] {
  return [...readTableText(table).rows].map(({ record }) => record ?? {});
}

/** Converts a row into up to two offers: on-demand and spot. */
function machinesFrom({ on_demand, spot, ...record }: PriceRecord): MachineOffer[] {
  const provider = String(record["source"]).split("-")[0] ?? "";
  const prices = [
    { pricing: "on-demand", usd_per_hour: on_demand },
    { pricing: "spot", usd_per_hour: spot },
  ];
  return prices
    .filter(({ usd_per_hour }) => usd_per_hour !== "")
    .map((price) => take({ ...record, ...price, provider }, machineSources, machineFrom));
}

function take<Offer>(
  { source, ...record }: PriceRecord,
  sources: Readonly<Record<string, PriceSource>>,
  read: (record: PriceRecord, context: RowsContext) => OfferReading<Offer>,
): Offer {
  const known = sources[String(source)];
  if (known === undefined) throw new Error(`Internal: the price snapshot has no source ${String(source)}`);
  const { offer, issues } = read(record, { source: known, provider: null, currency: "usd", usdPer: {} });
  if (offer === null) throw new Error(`Internal: the price snapshot is broken: ${JSON.stringify(issues)}`);
  return offer;
}
