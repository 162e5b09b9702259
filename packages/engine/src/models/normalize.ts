/** @file The norm of a family: RMS norm or layer norm. */
import { add, center, rmsNorm } from "../graph/build.ts";
import type { Value } from "../graph/value.ts";
import type { Architecture } from "./architecture.ts";

/**
 * RMS norm; or layer norm, which is the RMS norm of x minus its mean, plus a bias.
 *
 * @param x `[N, D]`
 * @param parameter gives the norm's weight or bias, `[D]`
 * @source Ba et al. 2016 (arXiv 1607.06450), section 3.1; Zhang and Sennrich 2019 (arXiv 1910.07467), equation 4
 */
export function normalize(
  x: Value,
  { norm, epsilon }: Architecture,
  parameter: (part: "weight" | "bias") => Value,
): Value {
  if (norm === "rms") return rmsNorm(x, parameter("weight"), epsilon);
  return add(rmsNorm(center(x), parameter("weight"), epsilon), parameter("bias"));
}
