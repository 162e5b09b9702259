/** @file Orders of runs that were found, kept by revision and question while there is room: scrolling sorts nothing. */

/** Kept orders. */
export interface OrderCache {
  readonly has: (revision: string, question: string) => boolean;
  /** The order that is kept, or the one that `find` gives; who asks for the same meanwhile waits for it too. */
  readonly get: (
    revision: string,
    question: string,
    find: () => Promise<Float64Array>,
  ) => Promise<Float64Array>;
  /** Bytes of all that is kept. */
  readonly bytes: () => number;
}

/** 32 orders of 100,000 runs. */
const defaultMaxBytes = 32 * 1024 ** 2;
/** However small they are. */
const maxOrders = 256;

interface Kept {
  readonly numbers: Promise<Float64Array>;
  bytes: number;
}

/** Makes a cache. The order that was asked for longest ago goes first. */
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
