/** @file A model of PyTorch's caching allocator: replays allocations and frees, and counts reserved bytes. */

const mebibyte = 2 ** 20;
/** Allocations up to this size come from a separate pool, which is negligible here. */
const maxSmall = mebibyte;
const sharedSegment = 20 * mebibyte;
/** Min. size of an allocation that gets its own segment, in steps of `segmentStep`. */
const minOwnSegment = 10 * mebibyte;
const segmentStep = 2 * mebibyte;
const blockStep = 512;

/** A part of a segment, linked to its neighbors. */
export interface Block {
  size: number;
  isUsed: boolean;
  before: Block | null;
  after: Block | null;
}

/**
 * Allocations of one stream on one card.
 *
 * @source c10/cuda/CUDACachingAllocator.cpp of PyTorch: best fit, split and merged blocks, segments of 20 MiB or of the
 *   size itself; unused segments return to the driver only where a new one does not fit
 */
export class CachingAllocator {
  readonly #capacity: number;
  /** Free blocks in ascending order of size. */
  readonly #free: Block[] = [];
  #reserved = 0;
  #allocated = 0;
  /** Max. bytes reserved from the driver so far. */
  peakReserved = 0;
  /** Max. bytes in use so far. */
  peakAllocated = 0;
  /** Whether an allocation exceeded the capacity, even with an empty cache. */
  isExceeded = false;

  /** @param capacity bytes that the driver grants */
  constructor(capacity: number = Number.POSITIVE_INFINITY) {
    this.#capacity = capacity;
  }

  /** Returns a block of at least `bytes`, or `null` if the allocation is too small to matter. */
  allocate(bytes: number): Block | null {
    if (bytes <= maxSmall) return null;
    const size = Math.ceil(bytes / blockStep) * blockStep;
    const at = this.#firstOf(size);
    const [found] = this.#free.splice(at, 1);
    const block = found ?? this.#newSegment(size);
    const rest = block.size - size;
    if (rest > maxSmall) {
      const other: Block = { size: rest, isUsed: false, before: block, after: block.after };
      if (block.after) block.after.before = other;
      block.after = other;
      block.size = size;
      this.#add(other);
    }
    block.isUsed = true;
    this.#allocated += block.size;
    this.peakAllocated = Math.max(this.peakAllocated, this.#allocated);
    return block;
  }

  /** Returns a block to the cache, merged with free neighbors. */
  free(block: Block | null): void {
    if (block === null) return;
    this.#allocated -= block.size;
    block.isUsed = false;
    const { before, after } = block;
    if (before && !before.isUsed) {
      this.#remove(before);
      block.size += before.size;
      block.before = before.before;
      if (before.before) before.before.after = block;
    }
    if (after && !after.isUsed) {
      this.#remove(after);
      block.size += after.size;
      block.after = after.after;
      if (after.after) after.after.before = block;
    }
    this.#add(block);
  }

  #newSegment(size: number): Block {
    const bytes = size < minOwnSegment ? sharedSegment : Math.ceil(size / segmentStep) * segmentStep;
    if (this.#reserved + bytes > this.#capacity) this.#releaseUnused();
    if (this.#reserved + bytes > this.#capacity) this.isExceeded = true;
    this.#reserved += bytes;
    this.peakReserved = Math.max(this.peakReserved, this.#reserved);
    return { size: bytes, isUsed: false, before: null, after: null };
  }

  #releaseUnused(): void {
    for (let at = this.#free.length - 1; at >= 0; at -= 1) {
      const block = this.#free[at];
      if (block === undefined || block.before || block.after) continue;
      this.#free.splice(at, 1);
      this.#reserved -= block.size;
    }
  }

  /** Index of the first free block of at least `size`. */
  #firstOf(size: number): number {
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#free[middle]?.size ?? 0) < size) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #add(block: Block): void {
    this.#free.splice(this.#firstOf(block.size), 0, block);
  }

  #remove(block: Block): void {
    for (let at = this.#firstOf(block.size); at < this.#free.length; at += 1) {
      if (this.#free[at] !== block) continue;
      this.#free.splice(at, 1);
      return;
    }
  }
}
