/** @file The clock by which the engine judges its own speed: it decides how something is computed, never what. */

/** Seconds since some start. */
export function engineSeconds(): number {
  return performance.now() / 1000;
}
