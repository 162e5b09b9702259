/**
 * @file The price book: what machines, hosted training and inference cost, each row with its source and date.
 */
import type { Bytes, Usd } from "../../quantity/index.ts";

/** Where a price was read. */
export interface PriceSource {
  readonly name: string;
  /** ISO date for which the price held; `null`: undated, and therefore always to be flagged. */
  readonly asOf: string | null;
  /** ISO date on which it was read, where the source states none; the price may be older than that. */
  readonly readOn?: string;
  /** From the user's own price file. */
  readonly isUserOwn?: boolean;
}

/** Whether a machine may be taken away. */
export type Pricing = "on-demand" | "spot";

/** A machine that can be rented by the hour. */
export interface MachineOffer {
  readonly provider: string;
  readonly instance: string;
  /** Name in the table of devices. */
  readonly device: string;
  readonly deviceCount: number;
  /** Memory of each device, as the catalog states it. */
  readonly deviceMemoryBytes: Bytes;
  readonly vcpus: number | null;
  readonly memoryBytes: Bytes | null;
  readonly region: string;
  readonly pricing: Pricing;
  /** Of the whole instance. */
  readonly usdPerHour: Usd;
  readonly source: PriceSource;
}

/** What a vendor of hosted training counts: tokens of the rows, or rows times the maximum length. */
export type TrainingBilling = "tokens" | "padded-rows";

/** A vendor's price of training, for models of one size. */
export interface TrainingOffer {
  readonly vendor: string;
  /** The model, or the class of models, in the vendor's words. */
  readonly name: string;
  readonly usdPerMillionTokens: Usd;
  /** Parameters of the class: above this ... */
  readonly parametersAbove: number;
  /** ... up to and with this; `null`: no bound is known, or the row is for the named model alone. */
  readonly parametersUpTo: number | null;
  /** Whether the row is for one named model and not for any model of a size. */
  readonly isNamedModel: boolean;
  readonly billing: TrainingBilling;
  /** The vendor takes no new customers, or none soon. */
  readonly isClosing: boolean;
  /** How far the figure can be trusted, in words. */
  readonly quality: string;
  readonly source: PriceSource;
}

/** A vendor's price of answers. */
export interface InferenceOffer {
  readonly vendor: string;
  readonly model: string;
  readonly inputUsdPerMillionTokens: Usd;
  readonly outputUsdPerMillionTokens: Usd;
  /** Input that the vendor still has from an earlier call; `null`: not known. */
  readonly cachedInputUsdPerMillionTokens: Usd | null;
  readonly source: PriceSource;
}

/** Everything that has a price. Plain data. */
export interface PriceBook {
  readonly machines: readonly MachineOffer[];
  readonly training: readonly TrainingOffer[];
  readonly inference: readonly InferenceOffer[];
}

/** A book without rows. */
export const emptyPrices: PriceBook = { machines: [], training: [], inference: [] };

/**
 * One book of several: a later one replaces rows of the same key and adds the others.
 *
 * Keys: a machine by provider, instance, region and pricing, since regions differ by a third and more; training by
 * vendor and name; inference by vendor and model.
 *
 * @param books weakest first: snapshot, update, the user's file
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
 * The cheapest row of a vendor that takes a model of so many parameters: by size, never one for another named model.
 *
 * @param parameters of the model to be trained
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
