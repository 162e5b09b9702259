/** @file Empirical constants of GPU speed: achieved share of the peak, and memory traffic. */
import { type Range, range } from "@tunewise/core/quantity";

/**
 * Share of the dense 16-bit peak that large matrix products achieve, by device.
 *
 * @source fitted on the rows of published throughput with the rest of the estimate fixed (test/planner); A100 and H100
 *   agree with stas00/ml-engineering compute/accelerator/benchmarks (maximum achievable matrix FLOPS); power- or
 *   heat-limited cards (T4, L4) from the sustained clocks of their data sheets
 */
export const peakShare: Readonly<Record<string, number>> = {
  P100: 0.8,
  "V100-16GB": 0.65,
  "V100-32GB": 0.65,
  T4: 0.42,
  A10: 0.5,
  L4: 0.5,
  "H100-SXM": 0.64,
  "H100-PCIe": 0.62,
  "H100-NVL": 0.62,
  H200: 0.66,
  GH200: 0.66,
  B200: 0.66,
  "RTX 3090": 0.9,
  "RTX 4090": 0.95,
  "RTX 5090": 0.9,
  MI250X: 0.5,
  MI300X: 0.5,
};

/** Default for other devices. */
export const defaultPeakShare = 0.74;

/** Constants of a step on a GPU. */
export const gpuConstants = {
  /** Max. share of the dense peak that any device reaches. */
  maxPeakShare: 0.95,
  /** Efficiency of fused attention relative to matrix products. */
  attentionShare: 0.85,
  /** Memory crossings of the saved bytes per step, forward and backward. */
  crossings: { eager: 15, fused: 5 },
  /** Low-rank products of adapters: crossings of each 2-byte input and result, per pass. */
  adapterCrossings: { input: 1, result: 3 },
  /** The same for the scores of eager attention, in 2-byte crossings. */
  scoreCrossings: 24,
  /** Memory traffic per weight of a 4-bit matrix in bytes: read, written and read as 16 bits, scales. */
  dequantizeBytes: 6.5,
  /** Achieved share of the nominal bandwidth. */
  bandwidthShare: 0.8,
  /** Kernels per layer in a forward pass: base, and additional ones per adapter. */
  kernels: { eager: 34, fused: 16, adapter: 7 },
  /**
   * Host time per operation: Python, the dispatcher, autograd, the launch. It depends on the processor and on the
   * program's Python code: measurements of four sources with launch-bound steps fit 14 to 38 us, with a median of 16.
   *
   * @source npx tsx bench/plan/accuracy.mjs, 2026-12-01
   */
  launchSeconds: range(12e-6, 16e-6, 38e-6) as Range<number>,
  /** Memory crossings per trained value in an update, in units of the value's size. */
  updateCrossings: 7,
  /** Host-to-GPU bandwidth in bytes per second, and values that a host's CPUs update per second. */
  hostBytesPerSecond: 25e9,
  hostUpdatesPerSecond: 1e9,
  /** The same for pageable host memory, which one thread stages. Assumed, never measured. */
  pageableBytesPerSecond: 10e9,
  /** Ring all-reduce bandwidth within a machine and across machines, in bytes per second. */
  linkBytesPerSecond: { nvlink: 230e9, "infinity-fabric": 150e9, pcie: 12e9 },
  networkBytesPerSecond: 150e9,
  devicesOfMachine: 8,
  /** Share of communication that overlaps with computation. */
  exchangeHidden: 0.6,
} as const;

/**
 * Bounds of measured tokens per second as a factor of the estimate: the narrowest range that holds 96 % of the
 * published measurements, each source with the same weight. If one source is left out, with its cards' shares of the
 * peak if no other source has them, the range of the others holds 90 % of its measurements.
 *
 * @source npx tsx bench/plan/accuracy.mjs, 2026-12-01
 */
export const speedFactors: Range<number> = range(0.39, 1, 1.22);
