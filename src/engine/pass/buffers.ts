/**
 * @file Float arrays that are reused from batch to batch and grow when a batch is longer.
 */

/** Named arrays; asking again for a name hands out the same memory. */
export class Buffers {
  private readonly held = new Map<string, Float32Array>();

  /** An array of exactly `length`; its content is what was last written there. */
  take(name: string, length: number): Float32Array {
    const known = this.held.get(name);
    if (known && known.length >= length) return known.subarray(0, length);
    const fresh = new Float32Array(length);
    this.held.set(name, fresh);
    return fresh;
  }

  /** Forgets all arrays, so that their memory can go. */
  clear(): void {
    this.held.clear();
  }
}
