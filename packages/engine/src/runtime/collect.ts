/**
 * @file Runs the garbage collector on demand, after much memory has become unused.
 *
 * Large arrays are outside the heap that the collector monitors. It may run late, and unused memory would then add to
 * the peak.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | null = null;

/** Runs the garbage collector, which takes some hundredths of a second. */
export function collectGarbage(): void {
  if (collect === null) {
    setFlagsFromString("--expose-gc");
    const found: unknown = runInNewContext("gc");
    collect = typeof found === "function" ? (found as () => void) : () => undefined;
  }
  collect();
}
