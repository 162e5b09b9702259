/** @file Storage options of a model's frozen weights. */

import type { Compute } from "../models/matrix-format.ts";

/** How the base's weights are stored. */
export interface BaseOptions {
  /** Number format of matrix products; `fp32` by default. */
  readonly compute?: Compute;
  /**
   * - `float32`: widened once; the fastest in float32, 4 bytes per weight.
   * - `stored`: as in the file if that format is exact in 16 bits (or NF4), widened layer by layer. With bfloat16
   *   products, matrices are rounded to bfloat16 and multiplied in that format.
   * - `nf4`: quantized to 4 bits on first use, then read from the cache.
   */
  readonly format: "float32" | "stored" | "nf4";
  /** `disk`: read layer by layer, so that a model larger than memory can be trained. */
  readonly place: "memory" | "disk";
  /** Quantizes NF4's scales to 8 bits as well. */
  readonly doubleQuantization: boolean;
  /**
   * Key of the calibration rows. With it, NF4 codes compensate for each other's errors on these rows; without it each
   * weight is rounded to the nearest code.
   */
  readonly calibration?: string;
  /** Cache of derived weights: quantized ones, or widened ones for `disk`. */
  readonly cache: { readonly folder: string; readonly modelKey: string };
}

/** Widened once and kept in memory, which needs no cache. */
export const wideBase: BaseOptions = {
  format: "float32",
  place: "memory",
  doubleQuantization: true,
  cache: { folder: "", modelKey: "" },
};
