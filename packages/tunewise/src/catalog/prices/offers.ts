/**
 * @file Converts price rows in tunewise's format into offers; used by the snapshot, the stored update and the user's
 * file.
 */
import { bytes, type Usd, usd } from "@tunewise/core/quantity";
import { findDevice } from "../devices/devices.ts";
import type { InferenceOffer, MachineOffer, PriceSource, TrainingOffer } from "./book.ts";
import { type FieldIssue, type PriceRecord, RecordReader, shownText } from "./record.ts";

/** Values that apply to all rows of a file. */
export interface RowsContext {
  /** Default source. */
  readonly source: PriceSource;
  /** Default provider or vendor; `null`: required in every row. */
  readonly provider: string | null;
  /** Currency of `price_...` keys. */
  readonly currency: string;
  /** Dollars per unit of each currency, given by the user. */
  readonly usdPer: Readonly<Record<string, number>>;
}

/** An offer, or the issues that prevent it. */
export interface OfferReading<Offer> {
  readonly offer: Offer | null;
  readonly issues: readonly FieldIssue[];
}

/** Keys of all rows. */
const sharedKeys = ["source", "as_of", "read_on", "currency"] as const;

/** Keys of a machine's row. */
const machineKeys: readonly string[] = [
  ...["provider", "instance", "gpu", "count", "gpu_memory_gib", "vcpus", "memory_gib", "region", "pricing"],
  ...["usd_per_hour", "price_per_hour", ...sharedKeys],
];

/** Keys of a training row. */
const trainingKeys: readonly string[] = [
  ...["vendor", "name", "usd_per_million_tokens", "price_per_million_tokens", "parameters_above"],
  ...["parameters_up_to", "named_model", "billing", "closing", "quality", ...sharedKeys],
];

/** Keys of an inference row. */
const inferenceKeys: readonly string[] = [
  ...["vendor", "model", "input_usd_per_million_tokens", "output_usd_per_million_tokens"],
  ...["cached_input_usd_per_million_tokens", "input_price_per_million_tokens"],
  ...["output_price_per_million_tokens", "cached_input_price_per_million_tokens", ...sharedKeys],
];

/** Converts a row into a machine offer. */
export function machineFrom(record: PriceRecord, context: RowsContext): OfferReading<MachineOffer> {
  const row = new RecordReader(record, machineKeys);
  const gib = row.sizeOrNull("gpu_memory_gib");
  const name = row.text("gpu");
  const found = findDevice(name, gib);
  if (name !== "" && found.device === null) {
    row.issues.push({ kind: "device", key: "gpu", name, suggestions: found.suggestions });
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

/** Converts a row into a training offer. */
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

/** Converts a row into an inference offer. */
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

/** `usd_per_hour` is always in dollars; `price_per_hour` is in the file's currency and needs an exchange rate. */
function priceOf(row: RecordReader, prefix: string, unit: string, context: RowsContext): Usd {
  const [dollarKey, plainKey] = [`${prefix}usd_${unit}`, `${prefix}price_${unit}`];
  if (row.has(dollarKey) || !row.has(plainKey)) return usd(row.price(dollarKey));
  const currency = currencyOf(row, context.currency);
  const rate = currency === "usd" ? 1 : context.usdPer[currency];
  if (rate === undefined) row.issues.push({ kind: "rate", key: plainKey, currency });
  return usd(row.price(plainKey) * (rate ?? 1));
}

/** Returns the currency code in lower case. */
export function currencyOf(row: RecordReader, fallback: string): string {
  const currency = row.text("currency", fallback).toLowerCase();
  if (/^[a-z]{3}$/.test(currency)) return currency;
  const found = row.has("currency") ? currency : fallback;
  row.issues.push({
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
    name,
    asOf,
    ...(isRead ? { readOn } : {}),
    ...(source.isUserOwn === true ? { isUserOwn: true } : {}),
  };
}

function readingOf<Offer>({ issues }: RecordReader, offer: Offer): OfferReading<Offer> {
  return { offer: issues.length === 0 ? offer : null, issues };
}
