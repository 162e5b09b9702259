/**
 * @file Ways of holding a model's frozen weights.
 */

/** How the base is held. */
export interface BaseOptions {
  /**
   * - `float32`: widened once; quickest, 4 bytes a weight.
   * - `stored`: as in the file where that is exact in 16 bits (or NF4), widened layer by layer.
   * - `nf4`: quantized to 4 bits on the first use, then kept in the cache.
   */
  readonly format: "float32" | "stored" | "nf4";
  /** `disk`: read layer by layer, so that a model larger than memory can be trained. */
  readonly place: "memory" | "disk";
  /** NF4's scales in 8 bits. */
  readonly doubleQuantization: boolean;
  /** NF4's codes make up for each other's errors on rows of this key; without it each is the nearest one. */
  readonly calibration?: string;
  /** Where what is made from a model once is kept: quantized weights, or widened ones for `disk`. */
  readonly cache: { readonly folder: string; readonly modelKey: string };
}

/** Widened once, in memory: what needs no cache. */
export const wideBase: BaseOptions = {
  format: "float32",
  place: "memory",
  doubleQuantization: true,
  cache: { folder: "", modelKey: "" },
};
