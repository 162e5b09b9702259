/** @file The stored price update: trimmed, in the format of a user's price file. */
import { type Bytes, dollars } from "@tunewise/core/quantity";
import type { InferenceOffer, MachineOffer, PriceBook, TrainingOffer } from "./book.ts";
import type { PriceRecord } from "./record.ts";

/** Incremented when older versions would misread the file. */
const storedFormatVersion = 1;

/** Max. regions per instance and pricing, the cheapest first. */
const maxRegions = 6;

/** Removes the more expensive regions of each instance. */
export function trimPrices(book: PriceBook): PriceBook {
  const kept = new Map<string, number>();
  const machines = [...book.machines]
    .sort((a, b) => a.usdPerHour - b.usdPerHour)
    .filter(({ provider, instance, pricing }) => {
      const key = JSON.stringify([provider, instance, pricing]);
      const count = kept.get(key) ?? 0;
      kept.set(key, count + 1);
      return count < maxRegions;
    });
  return { ...book, machines };
}

/** A book as plain rows with the keys of a price file. */
export interface PriceRecords {
  readonly machines: readonly PriceRecord[];
  readonly training: readonly PriceRecord[];
  readonly inference: readonly PriceRecord[];
}

/** Converts a book into rows with the keys of a price file, in dollars. */
export function priceRecords(book: PriceBook): PriceRecords {
  return {
    machines: book.machines.map(machineRecord),
    training: book.training.map(trainingRecord),
    inference: book.inference.map(inferenceRecord),
  };
}

/** Serializes a book with one row per line, so that files can be diffed. */
export function storedText(book: PriceBook): string {
  const sections = Object.entries(priceRecords(book)).map(
    ([name, rows]: [string, readonly PriceRecord[]]) => {
      const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n");
      return `  "${name}": [\n${lines}\n  ]`;
    },
  );
  return `{\n  "format_version": ${storedFormatVersion},\n${sections.join(",\n")}\n}\n`;
}

function machineRecord(offer: MachineOffer): PriceRecord {
  return {
    provider: offer.provider,
    instance: offer.instance,
    gpu: offer.device,
    count: offer.deviceCount,
    gpu_memory_gib: gib(offer.deviceMemoryBytes),
    vcpus: offer.vcpus,
    memory_gib: offer.memoryBytes === null ? null : gib(offer.memoryBytes),
    region: offer.region,
    pricing: offer.pricing,
    usd_per_hour: dollars(offer.usdPerHour),
    ...sourceKeys(offer),
  };
}

function trainingRecord(offer: TrainingOffer): PriceRecord {
  return {
    vendor: offer.vendor,
    name: offer.name,
    usd_per_million_tokens: dollars(offer.usdPerMillionTokens),
    parameters_above: offer.parametersAbove,
    parameters_up_to: offer.parametersUpTo,
    named_model: offer.isNamedModel,
    billing: offer.billing,
    closing: offer.isClosing,
    quality: offer.quality,
    ...sourceKeys(offer),
  };
}

function inferenceRecord(offer: InferenceOffer): PriceRecord {
  const cached = offer.cachedInputUsdPerMillionTokens;
  return {
    vendor: offer.vendor,
    model: offer.model,
    input_usd_per_million_tokens: dollars(offer.inputUsdPerMillionTokens),
    output_usd_per_million_tokens: dollars(offer.outputUsdPerMillionTokens),
    cached_input_usd_per_million_tokens: cached === null ? null : dollars(cached),
    ...sourceKeys(offer),
  };
}

function sourceKeys({ source }: { readonly source: MachineOffer["source"] }): PriceRecord {
  const readOn = source.readOn === undefined ? {} : { read_on: source.readOn };
  return { source: source.name, as_of: source.asOf, ...readOn };
}

function gib(count: Bytes): number {
  return Number((count / 2 ** 30).toFixed(4));
}
