/** @file Rates of models and machines from the price book, with source and date. */
import { type Range, type Usd, usdText } from "@tunewise/core/quantity";
import {
  batchTermsOf,
  type Device,
  dateText,
  findDevice,
  type InferenceOffer,
  type MachineOffer,
  offersOfModel,
  type PriceBook,
  type PriceSource,
  parametersInName,
} from "../../catalog/index.ts";
import type { TokenRates } from "../../evaluate/index.ts";
import { fitsForServing } from "../../plan/index.ts";
import type { StatedPrice } from "../../report/index.ts";

/** Rates of a model. */
export interface PricedModel {
  readonly offer: InferenceOffer;
  readonly rates: TokenRates;
  readonly price: StatedPrice;
  /** Of the price. */
  readonly source: PriceSource;
}

/** Rates of a model behind an API; `null`: no list has it. */
export function pricedModel(model: string, { inference }: PriceBook): PricedModel | null {
  const [offer] = offersOfModel(model, inference);
  return offer === undefined ? null : priced(offer);
}

/** Rates of the same offer for answers that may take up to 24 hours; `null`: the vendor's are not known. */
export function batchOf({ offer, rates }: PricedModel): Omit<PricedModel, "offer"> | null {
  const terms = batchTermsOf(offer.vendor);
  if (terms === null) return null;
  const part = (money: Usd): Usd => Math.round(money * terms.share) as Usd;
  const half: TokenRates = {
    kind: "tokens",
    inputUsd: part(rates.inputUsd),
    // whether the discount adds to that of cached input is not stated: the lower of both prices
    cachedInputUsd: Math.min(rates.cachedInputUsd, part(rates.inputUsd)) as Usd,
    outputUsd: part(rates.outputUsd),
  };
  const { source } = terms;
  const text = `${100 * (1 - terms.share)} % off, answers within 24 h`;
  return { rates: half, price: { text, source: source.name, date: dateText(source) }, source };
}

/** The cheapest hosted model of about the size, by the size in its name; `null`: no list has one. */
export function hostedOfSize(parameters: number, { inference }: PriceBook): PricedModel | null {
  const found = inference.filter(({ model }) => {
    const size = parametersInName(model);
    return size !== null && size >= parameters / 2 && size <= parameters * 2;
  });
  const [cheapest] = found.toSorted(
    (a, b) =>
      a.inputUsdPerMillionTokens +
      a.outputUsdPerMillionTokens -
      b.inputUsdPerMillionTokens -
      b.outputUsdPerMillionTokens,
  );
  return cheapest === undefined ? null : priced(cheapest);
}

function priced(offer: InferenceOffer): PricedModel {
  const { inputUsdPerMillionTokens: inputUsd, outputUsdPerMillionTokens: outputUsd, source } = offer;
  const cachedUsd = offer.cachedInputUsdPerMillionTokens;
  const cached = cachedUsd === null ? "cached as uncached (not listed)" : `${usdText(cachedUsd)} cached`;
  return {
    offer,
    source,
    rates: { kind: "tokens", inputUsd, cachedInputUsd: cachedUsd ?? inputUsd, outputUsd },
    price: {
      text: `${usdText(inputUsd)} in, ${cached}, ${usdText(outputUsd)} out per million`,
      source: `${offer.vendor} ${offer.model}, ${source.name}`,
      date: dateText(source),
    },
  };
}

/** A GPU for rent. */
export interface RentableGpu {
  readonly device: Device;
  readonly offer: MachineOffer;
  /** Cheapest to median price of such machines. */
  readonly usdPerHour: Range<Usd>;
}

/**
 * Machines with one GPU that fits the model, on demand, the cheapest of each device.
 *
 * @param gpu name of a device; `null`: any
 */
export function rentableGpus(parameters: number, gpu: string | null, { machines }: PriceBook): RentableGpu[] {
  const wanted = gpu === null ? null : findDevice(gpu).device;
  const singles = machines.filter(
    ({ deviceCount, pricing, device, usdPerHour }) =>
      deviceCount === 1 &&
      pricing === "on-demand" &&
      usdPerHour > 0 &&
      (gpu === null || device === wanted?.name),
  );
  const names = [...new Set(singles.map(({ device }) => device))];
  return names.flatMap((name) => {
    const { device } = findDevice(name);
    if (device === null || !fitsForServing({ parameters }, device)) return [];
    const offers = singles.filter((one) => one.device === name);
    const sorted = offers.toSorted((a, b) => a.usdPerHour - b.usdPerHour);
    const [cheapest] = sorted;
    const median = sorted[Math.floor(sorted.length / 2)];
    if (cheapest === undefined || median === undefined) return [];
    const { usdPerHour: low } = cheapest;
    return [{ device, offer: cheapest, usdPerHour: { low, expected: low, high: median.usdPerHour } }];
  });
}
