/**
 * @file Rows of prices in our own format, to offers: the snapshot, the stored update and the user's file all have it.
 */
import { bytes, type Usd, usd } from "../../quantity/index.ts";
import { findDevice } from "../devices/devices.ts";
import type { InferenceOffer, MachineOffer, PriceSource, TrainingOffer } from "./book.ts";
import { shownText } from "./finding.ts";
import { type Complaint, type PriceRecord, RecordReader } from "./record.ts";

/** What is said once for all rows of a file. */
export interface RowsContext {
  /** Source of rows that name none. */
  readonly source: PriceSource;
  /** Provider or vendor of rows that name none; `null`: every row must name it. */
  readonly provider: string | null;
  /** Currency of `price_...` keys. */
  readonly currency: string;
  /** Dollars for one unit of each currency; the user's own figures. */
  readonly usdPer: Readonly<Record<string, number>>;
}

/** An offer, or why there is none. */
export interface OfferReading<Offer> {
  readonly offer: Offer | null;
  readonly complaints: readonly Complaint[];
}

/** Keys of all rows. */
const sharedKeys = ["source", "as_of", "read_on", "currency"] as const;

/** Keys of a machine's row. */
export const machineKeys: readonly string[] = [
  ...["provider", "instance", "gpu", "count", "gpu_memory_gib", "vcpus", "memory_gib", "region", "pricing"],
  ...["usd_per_hour", "price_per_hour", ...sharedKeys],
];

/** Keys of a training row. */
export const trainingKeys: readonly string[] = [
  ...["vendor", "name", "usd_per_million_tokens", "price_per_million_tokens", "parameters_above"],
  ...["parameters_up_to", "named_model", "billing", "closing", "quality", ...sharedKeys],
];

/** Keys of an inference row. */
export const inferenceKeys: readonly string[] = [
  ...["vendor", "model", "input_usd_per_million_tokens", "output_usd_per_million_tokens"],
  ...["cached_input_usd_per_million_tokens", "input_price_per_million_tokens"],
  ...["output_price_per_million_tokens", "cached_input_price_per_million_tokens", ...sharedKeys],
];

/** A machine's offer from its row. */
export function machineFrom(record: PriceRecord, context: RowsContext): OfferReading<MachineOffer> {
  const row = new RecordReader(record, machineKeys);
  const gib = row.sizeOrNull("gpu_memory_gib");
  const name = row.text("gpu");
  const found = findDevice(name, gib);
  if (name !== "" && found.device === null) {
    row.complaints.push({ kind: "device", key: "gpu", name, suggestions: found.suggestions });
  }
  const hostGib = row.sizeOrNull("memory_gib");
  const { device } = found;
  const count = row.count("count", 1);
  const offer = {
    provider: row.text("provider", context.provider ?? undefined),
    instance: row.text("instance", `${count} x ${device?.name ?? name}`),
    device: device?.name ?? "",
    deviceCount: count,
    deviceMemoryBytes: gib === null ? (device?.memoryBytes.expected ?? bytes(0)) : bytes(gib * 2 ** 30),
    vcpus: row.sizeOrNull("vcpus"),
    memoryBytes: hostGib === null ? null : bytes(hostGib * 2 ** 30),
    region: row.text("region", "any"),
    pricing: row.word("pricing", ["on-demand", "spot"], "on-demand"),
    usdPerHour: priceOf(row, "", "per_hour", context),
    source: sourceOf(row, context),
  };
  return readingOf(row, offer);
}

/** A training offer from its row. */
export function trainingFrom(record: PriceRecord, context: RowsContext): OfferReading<TrainingOffer> {
  const row = new RecordReader(record, trainingKeys);
  const offer = {
    vendor: row.text("vendor", context.provider ?? undefined),
    name: row.text("name"),
    usdPerMillionTokens: priceOf(row, "", "per_million_tokens", context),
    parametersAbove: row.parametersOrNull("parameters_above") ?? 0,
    parametersUpTo: row.parametersOrNull("parameters_up_to"),
    isNamedModel: row.flag("named_model"),
    billing: row.word("billing", ["tokens", "padded-rows"], "tokens"),
    isClosing: row.flag("closing"),
    quality: row.text("quality", "not stated"),
    source: sourceOf(row, context),
  };
  return readingOf(row, offer);
}

/** An inference offer from its row. */
export function inferenceFrom(record: PriceRecord, context: RowsContext): OfferReading<InferenceOffer> {
  const row = new RecordReader(record, inferenceKeys);
  const cached = ["cached_input_usd_per_million_tokens", "cached_input_price_per_million_tokens"];
  const offer = {
    vendor: row.text("vendor", context.provider ?? undefined),
    model: row.text("model"),
    inputUsdPerMillionTokens: priceOf(row, "input_", "per_million_tokens", context),
    outputUsdPerMillionTokens: priceOf(row, "output_", "per_million_tokens", context),
    cachedInputUsdPerMillionTokens: cached.some((key) => row.has(key))
      ? priceOf(row, "cached_input_", "per_million_tokens", context)
      : null,
    source: sourceOf(row, context),
  };
  return readingOf(row, offer);
}

/** `usd_per_hour` is dollars whatever the file's currency; `price_per_hour` is in it and needs a rate. */
function priceOf(row: RecordReader, prefix: string, unit: string, context: RowsContext): Usd {
  const [dollarKey, plainKey] = [`${prefix}usd_${unit}`, `${prefix}price_${unit}`];
  if (row.has(dollarKey) || !row.has(plainKey)) return usd(row.price(dollarKey));
  const currency = currencyOf(row, context.currency);
  const rate = currency === "usd" ? 1 : context.usdPer[currency];
  if (rate === undefined) row.complaints.push({ kind: "rate", key: plainKey, currency });
  return usd(row.price(plainKey) * (rate ?? 1));
}

/** Three letters in lower case. */
export function currencyOf(row: RecordReader, fallback: string): string {
  const currency = row.text("currency", fallback).toLowerCase();
  if (/^[a-z]{3}$/.test(currency)) return currency;
  const found = row.has("currency") ? currency : fallback;
  row.complaints.push({
    kind: "value",
    key: "currency",
    expected: "three letters such as EUR",
    found: shownText(found),
  });
  return "usd";
}

function sourceOf(row: RecordReader, { source }: RowsContext): PriceSource {
  const name = row.text("source", source.name);
  const asOf = row.dateOrNull("as_of") ?? (row.has("source") ? null : source.asOf);
  const readOn = row.dateOrNull("read_on") ?? (row.has("source") ? null : (source.readOn ?? null));
  const isRead = asOf === null && readOn !== null;
  return {
    ...{ name, asOf },
    ...(isRead ? { readOn } : {}),
    ...(source.isUserOwn === true ? { isUserOwn: true } : {}),
  };
}

function readingOf<Offer>({ complaints }: RecordReader, offer: Offer): OfferReading<Offer> {
  return { offer: complaints.length === 0 ? offer : null, complaints };
}
