/**
 * @file Float arrays that are reused from batch to batch and grow when a batch is longer.
 *
 * An array that is outgrown stays in memory until the collector comes by. So arrays are made long enough for the
 * largest batch at once: pages that nobody has written to take no memory.
 */

/** Floats in a cache line: parts of one array begin at multiples of it. */
const lineFloats = 16;

/** Named arrays; asking again for a name hands out the same memory. */
export class Buffers {
  /** How many times longer than this batch a later one may be; fresh arrays have room for it. */
  room = 1;
  private readonly held = new Map<string, Float32Array>();

  /**
   * An array of exactly `length`; its content is what was last written there.
   *
   * @param least a fresh one has room for so many floats at least
   */
  take(name: string, length: number, least = 0): Float32Array {
    const known = this.held.get(name);
    if (known && known.length >= length) return known.subarray(0, length);
    const fresh = new Float32Array(Math.max(least, Math.ceil(length * this.room)));
    this.held.set(name, fresh);
    return fresh.subarray(0, length);
  }

  /**
   * Parts side by side in one array, so that batches that need other parts share the memory.
   *
   * @param lengths by name of the part
   * @param least as for one array
   */
  takeParts<Name extends string>(
    name: string,
    lengths: readonly (readonly [Name, number])[],
    least = 0,
  ): Record<Name, Float32Array> {
    const padded = (length: number): number => Math.ceil(length / lineFloats) * lineFloats;
    const total = lengths.reduce((sum, [, length]) => sum + padded(length), 0);
    const whole = this.take(name, total, total > 0 ? least : 0);
    let from = 0;
    const parts = lengths.map(([part, length]) => {
      const view = whole.subarray(from, from + length);
      from += padded(length);
      return [part, view] as const;
    });
    return Object.fromEntries(parts) as Record<Name, Float32Array>;
  }

  /** Forgets all arrays, so that their memory can go. */
  clear(): void {
    this.held.clear();
  }
}
