/**
 * @file Whoever guesses passwords has to wait: after some failures of one address for one name, longer each time.
 *
 * The reply stays 401, as clients repeat what comes with 429. Behind a proxy all addresses are one; then somebody who
 * guesses at a name makes its owner wait too, and tokens go on to work.
 */

/** Failures without a wait: people mistype. */
const freeFailures = 5;
const firstWaitMs = 1_000;
const waitMostMs = 300_000;
/** Pairs of address and name that are remembered; the oldest are forgotten. */
const pairsMost = 10_000;

interface Failed {
  readonly count: number;
  readonly untilMs: number;
}

/** Counts failures. */
export interface Failures {
  /** Whether a password may be tried now. */
  readonly mayTry: (address: string, name: string) => boolean;
  readonly noteFailure: (address: string, name: string) => void;
  readonly noteSuccess: (address: string, name: string) => void;
}

/** Counts in memory: a restart forgets them. @param now milliseconds */
export function createFailures(now: () => number): Failures {
  const pairs = new Map<string, Failed>();
  const keyOf = (address: string, name: string): string => `${address} ${name.slice(0, 100)}`;
  return {
    mayTry: (address, name) => now() >= (pairs.get(keyOf(address, name))?.untilMs ?? 0),
    noteFailure: (address, name) => {
      const key = keyOf(address, name);
      const count = (pairs.get(key)?.count ?? 0) + 1;
      const wait = count < freeFailures ? 0 : Math.min(firstWaitMs * 2 ** (count - freeFailures), waitMostMs);
      pairs.delete(key);
      pairs.set(key, { count, untilMs: now() + wait });
      for (const oldest of pairs.keys()) {
        if (pairs.size <= pairsMost) break;
        pairs.delete(oldest);
      }
    },
    noteSuccess: (address, name) => void pairs.delete(keyOf(address, name)),
  };
}
