/**
 * @file Speeds that no data sheet states: what share of its peak a device reaches, how often values cross its memory.
 */
import { type Range, range } from "../../quantity/index.ts";

/**
 * Share of the dense 16-bit peak that large products reach, by generation.
 *
 * @source fitted on the rows of published throughput with the rest of the estimate fixed (test/planner); A100 and H100
 *   agree with stas00/ml-engineering compute/accelerator/benchmarks (maximum achievable matrix FLOPS); cards that are
 *   held back by power or heat (T4, L4) from their data sheets' sustained clocks
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

/** The same for a device that is not in the list. */
export const usualPeakShare = 0.74;

/** Constants of a step on a GPU. */
export const gpuConstants = {
  /** No device computes faster than this share of its dense peak. */
  mostOfPeak: 0.95,
  /** Fused attention reaches so much of what plain products reach. */
  attentionShare: 0.85,
  /** How often the bytes that a layer keeps cross the memory in a step, forward and backward. */
  crossings: { eager: 15, fused: 5 },
  /** Thin products of adapters: crossings of each input and each result of two bytes, in each pass. */
  adapterCrossings: { input: 1, result: 3 },
  /** The same for the score arrays of eager attention, in crossings of two bytes. */
  scoreCrossings: 24,
  /** Bytes that cross the memory for one weight of a 4-bit matrix: read, written and read in 16 bits, scales. */
  dequantizeBytes: 6.5,
  /** Share of the data sheet's bandwidth that such kernels reach. */
  bandwidthShare: 0.8,
  /** Kernels of one layer in a forward pass: without adapters, and more for each adapter. */
  kernels: { eager: 34, fused: 16, adapter: 7 },
  /** Time to start one from Python. */
  launchSeconds: 8e-6,
  /** Bytes that cross the memory per trained value in an update, in number formats of the value. */
  updateCrossings: 7,
  /** Bytes per second from host to GPU, and values that a host's processors update per second. */
  hostBytesPerSecond: 25e9,
  hostUpdatesPerSecond: 1e9,
  /** Bytes per second that a ring over the GPUs of one machine reaches, and one over several machines. */
  linkBytesPerSecond: { nvlink: 230e9, "infinity-fabric": 150e9, pcie: 12e9 },
  networkBytesPerSecond: 150e9,
  devicesOfMachine: 8,
  /** So much of an exchange hides behind computing. */
  exchangeHidden: 0.6,
  /** Estimates times these factors hold nine of ten rows. */
  doubt: range(0.7, 1, 1.5) as Range<number>,
} as const;
