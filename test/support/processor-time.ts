/** @file What work costs the processor, on machines that do other things beside it. */

/**
 * Measures work a few times, since a busy machine makes single measurements several times what they are.
 *
 * @param enoughMs a time below which no further attempt is made
 * @returns the least time of this process in milliseconds
 */
export function processorMs(work: () => void, enoughMs: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 8 && least >= enoughMs; attempt++) {
    const begun = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begun);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
