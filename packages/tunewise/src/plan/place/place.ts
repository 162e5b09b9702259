/** @file Placements of a fine-tune, and their estimates. */

import type { Bytes, Range, Seconds, Usd } from "@tunewise/core/quantity";
import type { Device, MachineOffer, PriceSource, TrainingOffer } from "../../catalog/index.ts";
import type { FinishedRun } from "../calibration/calibrate.ts";
import type { Grounds } from "../evidence.ts";
import type { SpendOutcome } from "../money/simulate.ts";
import type { HeldFormats } from "../stack/states.ts";

/** A machine for rent and its devices. */
export interface Placement {
  /** `machines`: number of machines in a cluster, if more than one. */
  readonly offer: MachineOffer & { readonly machines?: number };
  readonly device: Device;
  /** Where the machine is, if it is the user's own and not rented: `here`, or an address such as `ssh://user@box`. */
  readonly own?: string;
}

/** Hosted training at a price per token. */
export type HostedPlacement = TrainingOffer;

/** The user's own cards, and actual values of earlier worker runs on them. */
export interface OwnMachine {
  /** Has `own` set; its device memory is the free memory of each card. */
  readonly placement: Placement;
  /** Whether weights are sharded over the cards. */
  readonly sharding: "none" | "fsdp";
  /** Finished runs on cards of this name: time, and memory that PyTorch reserved on one card. */
  readonly finished: readonly FinishedRun[];
}

/** Layout of a training on a machine. */
export interface Layout {
  /** Rows of a micro-batch per device, and micro-batches per step. */
  readonly rows: number;
  readonly microBatches: number;
  readonly recompute: "none" | "layer";
  readonly sharding: "none" | "zero-1" | "zero-2" | "zero-3" | "fsdp";
}

/** Estimate of a placement. */
export interface PlaceEstimate {
  /** `here`: the engine on this machine; `own`: the worker on the user's own cards. */
  readonly kind: "here" | "own" | "rented" | "hosted";
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
  /** Memory of one device; `null`: managed by the vendor. */
  readonly memory: PlaceMemory | null;
  /**
   * Basis of the memory and time estimates; `null` for this machine, whose engine has its own planner, for a vendor, or
   * in an older plan.
   */
  readonly restsOn: Grounds | null;
  readonly fits: "yes" | "tight" | "no";
  /** Cheapest change that makes it fit; `null`: not needed, or unknown. */
  readonly change: string | null;
  readonly layout: Layout | null;
  /** Time of one run, including startup and evaluation; `null`: unknown. */
  readonly seconds: Range<Seconds> | null;
  readonly runUsd: Range<Usd>;
  /** Total cost of the fine-tune; `null` if it does not fit. */
  readonly total: SpendOutcome | null;
  /** For own cards: the estimate before calibration by finished runs on such cards. */
  readonly uncalibrated?: { readonly seconds: Range<Seconds>; readonly bytes: Range<Bytes> } | null;
}

/** Whether memory fits: its upper bound, its expected value, or neither. */
export function fitsOf({ expected, high }: Range<Bytes>, usable: Bytes): PlaceEstimate["fits"] {
  return high <= usable ? "yes" : expected <= usable ? "tight" : "no";
}

/** Memory of one device. */
export interface PlaceMemory {
  readonly bytes: Range<Bytes>;
  readonly usableBytes: Bytes;
  /** Host memory of the entire machine, needed and available; `null`: unknown. */
  readonly hostBytes: Bytes;
  readonly hostUsableBytes: Bytes | null;
  /** Largest term of the peak, and its phase. */
  readonly biggestTerm: string;
  readonly phase: string;
  /** Number formats of the stored values; absent for this machine or in an older plan. */
  readonly formats?: HeldFormats;
  readonly terms: readonly { readonly name: string; readonly bytes: Bytes; readonly reason: string }[];
}
