/**
 * @file Peak memory of a training setup on one GPU: its terms, the phase of the peak, and three ways of measuring it.
 */
import { type Bytes, bytes, type Range, range } from "@tunewise/core/quantity";
import { certain, type Factor, mapRange, rangeOf, sumOfIndependent, widened } from "../range-arithmetic.ts";
import { phasesOf, type StackPhase } from "./phases.ts";
import { type ReserveSlack, slackOf } from "./reserve.ts";
import type { StackSetting, StackTerm } from "./setting.ts";

/** Memory of one GPU. */
export interface StackMemory {
  /** All phases, and the one of the peak. */
  readonly phases: readonly StackPhase[];
  readonly peak: StackPhase;
  /** Memory allocated by the program (`max_memory_allocated`). */
  readonly allocated: Range<Bytes>;
  /** Including the allocator's cache (`max_memory_reserved`). */
  readonly reserved: Range<Bytes>;
  /** Including the CUDA context: the value of nvidia-smi, which must fit. */
  readonly process: Range<Bytes>;
}

/** Bounds of a measured value as factors of the estimate. */
interface Factors {
  readonly low: number;
  readonly high: number;
}

/**
 * Estimates memory: the largest phase of a step plus overheads.
 *
 * @param cardBytes memory of the card; the allocator returns its cache to the driver before it fails
 * @param slack bytes that the allocator holds in addition to live tensors
 * @source planning reference, section 1: peak = max over phases of what is alive + overhead
 */
export function estimateStackMemory(
  setting: StackSetting,
  cardBytes: number = Number.POSITIVE_INFINITY,
  factors: Factors = rangeFactors,
  slack: ReserveSlack = slackOf(setting),
): StackMemory {
  const phases = phasesOf(setting);
  const peak = phases.reduce((a, b) => (sizeOf(b.terms) > sizeOf(a.terms) ? b : a));
  const live = sizeOf(peak.terms) + overheads.workspaceBytes;
  const collective = setting.devices > 1 ? overheads.collectiveBytes : 0;
  const most = overheads.maxContextBytes + 2 * collective;
  const outside = range(overheads.minContextBytes, overheads.contextBytes + collective, most);
  const held = mapRange(range(slack.low, slack.expected, slack.high), (cached) =>
    Math.max(live, Math.min(live + cached, cardBytes - most)),
  );
  const allocated = widened(certain(live), factors);
  // the cache only adds memory, and only as much as the card has left
  const within = ({ low, expected, high }: Factor, withoutCache: Factor, room: number): Range<Bytes> =>
    range(
      bytes(Math.max(low, withoutCache.low)),
      bytes(expected),
      bytes(Math.max(withoutCache.high, Math.min(high, room))),
    );
  return {
    phases,
    peak,
    allocated: rangeOf(allocated, bytes),
    reserved: within(widened(held, factors), allocated, cardBytes - most),
    process: within(
      widened(sumOfIndependent([held, outside]), factors),
      widened(sumOfIndependent([certain(live), outside]), factors),
      cardBytes,
    ),
  };
}

/** Total bytes of terms. */
function sizeOf(terms: readonly StackTerm[]): number {
  return terms.reduce((sum, term) => sum + term.bytes, 0);
}

/**
 * Overheads on a GPU: workspaces and the CUDA context.
 *
 * @source planning reference, section 1.4
 */
export const overheads = {
  /** cuBLAS workspaces, part of allocated memory: 8 MiB on a T4, 32 MiB on an H100. */
  workspaceBytes: 20e6,
  /** CUDA context and kernels: 0.15e9 on a T4, up to 1.8e9 with many kernels. */
  minContextBytes: 0.15e9,
  contextBytes: 0.6e9,
  maxContextBytes: 1.2e9,
  /** Buffers of collective operations. */
  collectiveBytes: 1e9,
} as const;

/**
 * Bounds of measured memory as factors of the estimate, in addition to the uncertainty from batch order and CUDA
 * context: the narrowest that hold 95 % of the measurements, each source with the same weight. If one source is left
 * out, the range of the others holds 90 % of its measurements and is never wider than 2.2.
 *
 * @source npx tsx bench/plan/accuracy.mjs, 2026-12-01
 */
export const rangeFactors = { low: 0.87, high: 1.67 } as const;
