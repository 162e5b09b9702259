/** @file Output of a model that is served on one GPU, estimated from the GPU's memory bandwidth and peak. */
import type { Range } from "@tunewise/core/quantity";
import type { Device } from "../../catalog/index.ts";

/** Assumptions, from slow to fast. None is measured here, so the range is wide. */
const assumed = {
  /** Requests that are answered together. */
  requests: [4, 16, 64],
  /** Share of the bandwidth that reading the weights reaches. */
  bandwidthShare: [0.5, 0.65, 0.8],
  /** Share of the peak that prompts reach. */
  peakShare: [0.2, 0.35, 0.5],
} as const;

const bytesPerParameter = 2;
/** Memory besides the weights: keys and values, buffers and the runtime. */
const [memoryFactor, runtimeBytes] = [1.2, 2 * 2 ** 30];

/** A served model and the tokens of a request. */
export interface ServedModel {
  readonly parameters: number;
  /** Parameters that a token uses; differs for mixtures of experts. */
  readonly activeParameters: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Whether a model in 16 bits fits into the memory of one GPU, with room for requests. */
export function fitsForServing({ parameters }: Pick<ServedModel, "parameters">, device: Device): boolean {
  return parameters * bytesPerParameter * memoryFactor + runtimeBytes <= device.memoryBytes.low;
}

/**
 * Output tokens per second of all concurrent requests together, with the time for their prompts.
 *
 * Each step of the answers reads the weights once for all requests; the products of all tokens are limited by the peak.
 *
 * @source Williams, Waterman and Patterson 2009, "Roofline", CACM 52(4); two FLOP per parameter and token
 */
export function estimateServing(model: ServedModel, device: Device): Range<number> {
  const { parameters, activeParameters, inputTokens, outputTokens } = model;
  const speed = (at: 0 | 1 | 2): number => {
    const flops = device.flopsPerSecond * assumed.peakShare[at];
    const products = ((inputTokens + outputTokens) * 2 * activeParameters) / flops;
    const bandwidth = device.bandwidthBytesPerSecond * assumed.bandwidthShare[at];
    const reading = (outputTokens * parameters * bytesPerParameter) / bandwidth / assumed.requests[at];
    return outputTokens / (products + reading);
  };
  return { low: speed(0), expected: speed(1), high: speed(2) };
}
