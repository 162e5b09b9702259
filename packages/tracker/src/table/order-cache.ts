/** @file Caches sorted run numbers by revision and query, up to a size limit, so that scrolling needs no sorting. */

/** A cache of sorted run numbers. */
export interface OrderCache {
  readonly has: (revision: string, question: string) => boolean;
  /** The cached order, or the result of `find`. Concurrent requests for the same order share one call. */
  readonly get: (
    revision: string,
    question: string,
    find: () => Promise<Float64Array>,
  ) => Promise<Float64Array>;
  /** Size of all cached orders in bytes. */
  readonly bytes: () => number;
}

/** Enough for about 40 orders of 100,000 runs. */
const defaultMaxBytes = 32 * 1024 ** 2;
/** Maximum number of orders, however small they are. */
const maxOrders = 256;

interface Kept {
  readonly numbers: Promise<Float64Array>;
  bytes: number;
}

/** Creates a cache that evicts the least recently used order first. */
export function createOrderCache(maxBytes: number = defaultMaxBytes): OrderCache {
  const kept = new Map<string, Kept>();
  const nameOf = (revision: string, question: string): string => `${revision}\n${question}`;
  const bytes = (): number => [...kept.values()].reduce((sum, one) => sum + one.bytes, 0);
  const makeRoom = (): void => {
    for (const oldest of kept.keys()) {
      if (kept.size <= maxOrders && bytes() <= maxBytes) return;
      kept.delete(oldest);
    }
  };
  return {
    bytes,
    has: (revision, question) => kept.has(nameOf(revision, question)),
    get: async (revision, question, find) => {
      const name = nameOf(revision, question);
      const known = kept.get(name);
      if (known) {
        kept.delete(name);
        kept.set(name, known);
        return known.numbers;
      }
      const fresh: Kept = { numbers: find(), bytes: 2 * name.length };
      kept.set(name, fresh);
      try {
        const numbers = await fresh.numbers;
        fresh.bytes += numbers.byteLength;
        makeRoom();
        return numbers;
      } catch (error) {
        kept.delete(name);
        throw error;
      }
    },
  };
}
