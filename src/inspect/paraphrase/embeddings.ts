/**
 * @file Near rows by vectors that somebody else made, where a model of sentences is at hand.
 */

/** Vectors of rows, all of one length, one after the other. */
export interface Embeddings {
  /** `[rows, width]` float32. */
  readonly values: Float32Array;
  /** Numbers in a vector. */
  readonly width: number;
}

/** The known row nearest to a row, by cosine. */
export interface NearestVector {
  readonly row: number;
  readonly other: number;
  /** -1 to 1. */
  readonly cosine: number;
}

/** Known rows compared at once: a block of vectors that stays in the processor's cache. */
const blockBytes = 1 << 18;

/**
 * For each held-out vector the known vector with the highest cosine; by rising row, none under `least`.
 * Vectors of zero length, or with anything but finite numbers, are near to none.
 *
 * @param held `[rows, width]`
 * @param known `[rows, width]`, of the same model
 * @param least lowest cosine that is reported
 */
export function nearestVectors(held: Embeddings, known: Embeddings, least: number): NearestVector[] {
  const width = held.width;
  if (width < 1 || known.width !== width) return [];
  const [mine, theirs] = [normalized(held), normalized(known)];
  const rows = Math.floor(mine.length / width);
  const others = Math.floor(theirs.length / width);
  const best = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
  const nearest = new Int32Array(rows).fill(-1);
  const block = Math.max(1, Math.floor(blockBytes / (4 * width)));
  for (let start = 0; start < others; start += block) {
    const end = Math.min(others, start + block);
    for (let row = 0; row < rows; row++) {
      for (let other = start; other < end; other++) {
        const cosine = dot(mine, row * width, theirs, other * width, width);
        if (cosine > (best[row] as number)) {
          best[row] = cosine;
          nearest[row] = other;
        }
      }
    }
  }
  return Array.from(nearest, (other, row) => ({ row, other, cosine: best[row] as number })).filter(
    ({ other, cosine }) => other >= 0 && cosine >= least,
  );
}

function dot(one: Float32Array, first: number, other: Float32Array, second: number, width: number): number {
  let sum = 0;
  for (let at = 0; at < width; at++) sum += (one[first + at] as number) * (other[second + at] as number);
  return sum;
}

/** Vectors of length one; what has no length becomes NaN, which is never the highest. */
function normalized({ values, width }: Embeddings): Float32Array {
  const scaled = new Float32Array(values.length);
  for (let start = 0; start + width <= values.length; start += width) {
    const length = Math.sqrt(dot(values, start, values, start, width));
    const scale = length > 0 ? 1 / length : Number.NaN;
    for (let at = start; at < start + width; at++) scaled[at] = (values[at] as number) * scale;
  }
  return scaled;
}
