/**
 * @file Memory that is handed out piece by piece and used again from the start.
 */

/** Pieces begin at multiples of a cache line. */
const lineBytes = 64;

/** Hands out pieces; after `reset` the same memory is handed out again. */
export class ByteArena {
  private readonly chunks: Uint8Array[] = [];
  private at = 0;

  /** A piece of so many bytes; what is in it is of no account. */
  take(bytes: number): Uint8Array {
    const known = this.chunks[this.at];
    const chunk =
      known && known.byteLength >= bytes ? known : new Uint8Array(Math.ceil(bytes / lineBytes) * lineBytes);
    this.chunks[this.at++] = chunk;
    return chunk.subarray(0, bytes);
  }

  /** Makes all pieces free again. */
  reset(): void {
    this.at = 0;
  }
}
