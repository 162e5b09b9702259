/**
 * @file Float arrays that are reused from batch to batch and grow when a batch is longer.
 *
 * An outgrown array stays in memory until the garbage collector frees it. So arrays are allocated for the largest batch
 * from the start; pages that have never been written take no physical memory.
 */

/** Floats in a cache line; parts of one array are aligned to it. */
const lineFloats = 16;

/** Named arrays; requesting a name again returns the same memory. */
export class Buffers {
  /** How many times longer than the current batch a later one can be; new arrays reserve capacity for it. */
  room = 1;
  private readonly arrays = new Map<string, Float32Array>();

  /**
   * Returns an array of exactly `length` with the content last written to it.
   *
   * @param min minimum capacity of a new array, in floats
   */
  take(name: string, length: number, min = 0): Float32Array {
    const known = this.arrays.get(name);
    if (known && known.length >= length) return known.subarray(0, length);
    const array = new Float32Array(Math.max(min, Math.ceil(length * this.room)));
    this.arrays.set(name, array);
    return array.subarray(0, length);
  }

  /**
   * Returns adjacent parts of one array, so that batches with different parts share the memory.
   *
   * @param lengths by name of the part
   * @param min minimum capacity of a new array, in floats
   */
  takeParts<Name extends string>(
    name: string,
    lengths: readonly (readonly [Name, number])[],
    min = 0,
  ): Record<Name, Float32Array> {
    const padded = (length: number): number => Math.ceil(length / lineFloats) * lineFloats;
    const total = lengths.reduce((sum, [, length]) => sum + padded(length), 0);
    const all = this.take(name, total, total > 0 ? min : 0);
    let from = 0;
    const parts = lengths.map(([part, length]) => {
      const view = all.subarray(from, from + length);
      from += padded(length);
      return [part, view] as const;
    });
    return Object.fromEntries(parts) as Record<Name, Float32Array>;
  }

  /** Drops all arrays, so that their memory can be freed. */
  clear(): void {
    this.arrays.clear();
  }
}
