/** @file The price book: prices of machines, hosted training and inference, each with its source and date. */
import type { Bytes, Usd } from "@tunewise/core/quantity";

/** Source of a price. */
export interface PriceSource {
  readonly name: string;
  /** ISO date for which the price was valid; `null`: undated, so always flagged. */
  readonly asOf: string | null;
  /** ISO date on which it was read, if the source is undated; the price may be older. */
  readonly readOn?: string;
  /** Whether it comes from the user's price file. */
  readonly isUserOwn?: boolean;
}

/** Pricing model; spot machines may be preempted. */
export type Pricing = "on-demand" | "spot";

/** A machine that can be rented by the hour. */
export interface MachineOffer {
  readonly provider: string;
  readonly instance: string;
  /** Name in the device table. */
  readonly device: string;
  readonly deviceCount: number;
  /** Memory of each device, as stated in the catalog. */
  readonly deviceMemoryBytes: Bytes;
  readonly vcpus: number | null;
  readonly memoryBytes: Bytes | null;
  readonly region: string;
  readonly pricing: Pricing;
  /** Price of the entire instance. */
  readonly usdPerHour: Usd;
  readonly source: PriceSource;
}

/** Billing unit of hosted training: tokens of the rows, or rows times the maximum length. */
export type TrainingBilling = "tokens" | "padded-rows";

/** A vendor's price of training, for a model or a size class. */
export interface TrainingOffer {
  readonly vendor: string;
  /** Model or size class, as named by the vendor. */
  readonly name: string;
  readonly usdPerMillionTokens: Usd;
  /** Size class in parameters: above this (exclusive) ... */
  readonly parametersAbove: number;
  /** ... up to this (inclusive); `null`: no known limit, or only for the named model. */
  readonly parametersUpTo: number | null;
  /** Whether the row applies to one named model only. */
  readonly isNamedModel: boolean;
  readonly billing: TrainingBilling;
  /** Whether the service is closing to new customers. */
  readonly isClosing: boolean;
  /** Reliability of the price, in words. */
  readonly quality: string;
  readonly source: PriceSource;
}

/** A vendor's price of inference. */
export interface InferenceOffer {
  readonly vendor: string;
  readonly model: string;
  readonly inputUsdPerMillionTokens: Usd;
  readonly outputUsdPerMillionTokens: Usd;
  /** Price of cached input; `null`: unknown. */
  readonly cachedInputUsdPerMillionTokens: Usd | null;
  readonly source: PriceSource;
}

/** All prices. Plain data. */
export interface PriceBook {
  readonly machines: readonly MachineOffer[];
  readonly training: readonly TrainingOffer[];
  readonly inference: readonly InferenceOffer[];
}

/** A book without rows. */
export const emptyPrices: PriceBook = { machines: [], training: [], inference: [] };

/**
 * Merges books; rows of later books replace earlier ones with the same key.
 *
 * Keys: a machine by provider, instance, region and pricing, since regions differ by a third and more; training by
 * vendor and name; inference by vendor and model.
 *
 * @param books in increasing precedence: snapshot, update, the user's file
 */
export function mergePrices(...books: readonly PriceBook[]): PriceBook {
  return {
    machines: mergeRows(
      books.map(({ machines }) => machines),
      ({ provider, instance, region, pricing }) => [provider, instance, region, pricing],
    ),
    training: mergeRows(
      books.map(({ training }) => training),
      ({ vendor, name }) => [vendor, name],
    ),
    inference: mergeRows(
      books.map(({ inference }) => inference),
      ({ vendor, model }) => [vendor, model],
    ),
  };
}

/**
 * Returns a vendor's cheapest offer for a model of this size; offers for named models are ignored.
 *
 * @param parameters parameters of the model to be trained
 */
export function trainingOfferFor(
  offers: readonly TrainingOffer[],
  vendor: string,
  parameters: number,
): TrainingOffer | null {
  const fits = offers.filter(
    (offer) =>
      offer.vendor === vendor &&
      !offer.isNamedModel &&
      parameters > offer.parametersAbove &&
      parameters <= (offer.parametersUpTo ?? Number.POSITIVE_INFINITY),
  );
  return fits.sort((a, b) => a.usdPerMillionTokens - b.usdPerMillionTokens)[0] ?? null;
}

function mergeRows<Row>(lists: readonly (readonly Row[])[], keyOf: (row: Row) => readonly string[]): Row[] {
  const rows = new Map<string, Row>();
  for (const row of lists.flat()) rows.set(JSON.stringify(keyOf(row).map((part) => part.toLowerCase())), row);
  return [...rows.values()];
}
