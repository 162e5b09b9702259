/**
 * @file Where a fine-tune may run, and what a plan says of each place.
 */
import type { Device, MachineOffer, PriceSource, TrainingOffer } from "../../catalog/index.ts";
import type { Bytes, Range, Seconds, Usd } from "../../quantity/index.ts";
import type { SpendOutcome } from "../money/simulate.ts";

/** A machine that can be rented, with what is known of its devices. */
export interface Place {
  /** `machines`: how many of them are taken together, where it is more than one. */
  readonly offer: MachineOffer & { readonly machines?: number };
  readonly device: Device;
}

/** A vendor that trains for a price per token. */
export type HostedPlace = TrainingOffer;

/** How a training is laid out on a machine. */
export interface Layout {
  /** Rows of one device at a time, and how often in a step. */
  readonly rows: number;
  readonly microBatches: number;
  readonly recompute: "none" | "layer";
  readonly sharding: "none" | "zero-1" | "zero-2" | "zero-3" | "fsdp";
}

/** One place in the plan's table. */
export interface PlaceEstimate {
  readonly kind: "here" | "rented" | "hosted";
  /** `this machine`, `8x H100-SXM`, `2 machines of 8x H100-SXM`, `together` */
  readonly name: string;
  readonly provider: string;
  readonly instance: string;
  readonly region: string;
  readonly pricing: "on-demand" | "spot" | "per-token" | "own";
  readonly device: string;
  readonly deviceCount: number;
  readonly usdPerHour: Usd;
  readonly price: PriceSource;
  /** Of one device; `null`: the vendor's matter. */
  readonly memory: PlaceMemory | null;
  readonly fits: "yes" | "tight" | "no";
  /** The cheapest change that makes it fit; `null`: none is needed, or none is known. */
  readonly change: string | null;
  readonly layout: Layout | null;
  /** One whole run, start and judging included; `null`: not known. */
  readonly seconds: Range<Seconds> | null;
  readonly runUsd: Range<Usd>;
  /** Everything the fine-tune will cost there; `null` where it does not fit. */
  readonly total: SpendOutcome | null;
}

/** Memory of one device. */
export interface PlaceMemory {
  readonly bytes: Range<Bytes>;
  readonly usableBytes: Bytes;
  /** Of the whole machine's host, and what it has; `null`: the catalog does not say. */
  readonly hostBytes: Bytes;
  readonly hostUsableBytes: Bytes | null;
  /** The largest term of the peak, and the moment. */
  readonly biggestTerm: string;
  readonly phase: string;
  readonly terms: readonly { readonly name: string; readonly bytes: Bytes; readonly reason: string }[];
}
