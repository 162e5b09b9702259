/** @file Random numbers from a seed, distributions and summary statistics; pure. */
export { type BootstrapSettings, bootstrapInterval, resampled } from "./bootstrap.ts";
export { logChoose } from "./gamma.ts";
export { fitLine } from "./line.ts";
export { normal80, normal95, normal975, normalCdf, normalQuantile } from "./normal.ts";
export { wilsonInterval } from "./proportion.ts";
export {
  linearCongruential,
  mix32,
  mulberry32,
  mulberry32For,
  type Random,
  randomBelow,
  randomNormal,
  randomPoisson,
  shuffled,
  xoshiro128From,
} from "./random.ts";
export * from "./shuffle.ts";
export { studentQuantile } from "./student.ts";
export {
  largest,
  mean,
  meanVariance,
  median,
  nearestQuantile,
  populationVariance,
  product,
  quantile,
  robustDeviation,
  sum,
} from "./summary.ts";
