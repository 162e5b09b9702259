/**
 * @file Gives memory back at once where much of it has become free.
 *
 * Large arrays lie outside the heap that the collector watches, so it may come by late, and a peak would then hold
 * what nobody needs any more.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | null = null;

/** Collects now, in some hundredths of a second. */
export function collectGarbage(): void {
  if (collect === null) {
    setFlagsFromString("--expose-gc");
    const found: unknown = runInNewContext("gc");
    collect = typeof found === "function" ? (found as () => void) : () => undefined;
  }
  collect();
}
