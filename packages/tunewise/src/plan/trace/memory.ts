/** @file Memory of a traced step: the memory held by PyTorch's allocator, and the CUDA context. */
import { type Bytes, bytes, bytesText, type Range, range } from "@tunewise/core/quantity";
import { overheads } from "../stack/estimate.ts";
import type { TracedStep } from "./trace.ts";

/** Memory of one card: what must fit, and the peak with its parts. */
export interface CardMemory {
  readonly process: Range<Bytes>;
  readonly peak: {
    readonly name: string;
    readonly terms: readonly { readonly name: string; readonly bytes: Bytes; readonly reason: string }[];
  };
}

/**
 * Bounds of measured peaks as factors of the traced ones: the narrowest range that holds 90 % of a set of measurements
 * that was used once, before the errors it revealed were fixed.
 *
 * @source bench/trace/published.py and bench/trace/reserved.py, 2026-11-28; test/planner/traced.test.ts
 */
export const tracedFactors = { low: 0.96, high: 1.12 } as const;

/** Memory of one card from the trace of its step. */
export function tracedMemory({ peakReservedBytes, moments }: TracedStep, devices: number): CardMemory {
  const { low, high } = tracedFactors;
  const peak = moments.reduce((a, b) => (b.peakBytes > a.peakBytes ? b : a));
  const collective = devices > 1 ? overheads.collectiveBytes : 0;
  return {
    process: range(
      bytes(low * peakReservedBytes + overheads.minContextBytes),
      bytes(peakReservedBytes + overheads.contextBytes + collective),
      bytes(high * peakReservedBytes + overheads.maxContextBytes + 2 * collective),
    ),
    peak: {
      name: peak.name,
      terms: peak.terms
        .toSorted((a, b) => b.bytes - a.bytes)
        .map((term) => ({
          name: term.name,
          bytes: bytes(term.bytes),
          reason: `${bytesText(bytes(term.bytes))} at the traced peak`,
        })),
    },
  };
}
