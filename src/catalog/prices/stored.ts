/**
 * @file The update as it is stored: trimmed, and written in the format of a user's price file.
 */
import { type Bytes, dollars } from "../../quantity/index.ts";
import type { InferenceOffer, MachineOffer, PriceBook, TrainingOffer } from "./book.ts";

/** Grows when a reader of an older version would misunderstand the file. */
export const storedFormatVersion = 1;

/** Regions kept of each instance and pricing, the cheapest first: nobody looks at forty. */
const regionsKept = 6;

/** The book without the dearer regions of each instance. */
export function trimPrices(book: PriceBook): PriceBook {
  const kept = new Map<string, number>();
  const machines = [...book.machines]
    .sort((a, b) => a.usdPerHour - b.usdPerHour)
    .filter(({ provider, instance, pricing }) => {
      const key = JSON.stringify([provider, instance, pricing]);
      const count = kept.get(key) ?? 0;
      kept.set(key, count + 1);
      return count < regionsKept;
    });
  return { ...book, machines };
}

/** The text of the stored file: one row a line, so that two of them can be compared. */
export function storedText(book: PriceBook): string {
  const list = (rows: readonly object[]): string =>
    rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n");
  return `{
  "format_version": ${storedFormatVersion},
  "machines": [
${list(book.machines.map(machineRecord))}
  ],
  "training": [
${list(book.training.map(trainingRecord))}
  ],
  "inference": [
${list(book.inference.map(inferenceRecord))}
  ]
}
`;
}

function machineRecord(offer: MachineOffer): object {
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

function trainingRecord(offer: TrainingOffer): object {
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

function inferenceRecord(offer: InferenceOffer): object {
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

function sourceKeys({ source }: { readonly source: MachineOffer["source"] }): object {
  return { source: source.name, as_of: source.asOf };
}

function gib(count: Bytes): number {
  return Number((count / 2 ** 30).toFixed(4));
}
