/** @file Attention and its gradient as plain loops in double precision: the reference for all other implementations. */
import type { Segment } from "../batch/attention-tables.ts";
import type { AttentionShape } from "../graph/build.ts";

/** Queries `[N, H*E]`, keys and values `[N, K*E]`, and the gradient of the result `[N, H*E]`. */
export interface AttentionNumbers {
  readonly query: Float32Array;
  readonly key: Float32Array;
  readonly value: Float32Array;
  readonly gradient: Float32Array;
}

/** The result and the gradients, in the same shapes. */
export interface AttentionResults {
  readonly mixed: Float64Array;
  readonly query: Float64Array;
  readonly key: Float64Array;
  readonly value: Float64Array;
}

/**
 * softmax(cap(q k^T scale)) v over the keys that each query attends to, and its gradients.
 *
 * @source Vaswani et al. 2017 (arXiv 1706.03762), section 3.2.1; gradient: Dao et al. 2022 (arXiv 2205.14135), appendix
 *   B.2
 */
export function plainAttention(
  given: AttentionNumbers,
  segments: readonly Segment[],
  window: number | null,
  shape: AttentionShape,
): AttentionResults {
  const { heads, kvHeads, width, scale, cap } = shape;
  const { query, key, value, gradient } = given;
  const results = {
    mixed: new Float64Array(query.length),
    query: new Float64Array(query.length),
    key: new Float64Array(key.length),
    value: new Float64Array(value.length),
  };
  const dot = (a: Float32Array, from: number, b: Float32Array, to: number): number => {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += (a[from + at] as number) * (b[to + at] as number);
    return sum;
  };
  const addTo = (sum: Float64Array, to: number, x: Float32Array, from: number, times: number): void => {
    for (let at = 0; at < width; at++)
      sum[to + at] = (sum[to + at] as number) + times * (x[from + at] as number);
  };
  for (const segment of segments) {
    for (let token = segment.start; token < segment.end; token++) {
      const keys = seenKeys(segment, token, window);
      for (let head = 0; head < heads; head++) {
        const own = (token * heads + head) * width;
        const places = keys.map((one) => (one * kvHeads + Math.floor((head * kvHeads) / heads)) * width);
        const curved = places.map((one) => curve(scale * dot(query, own, key, one), cap));
        const highest = Math.max(...curved.map(({ score }) => score));
        const powers = curved.map(({ score }) => Math.exp(score - highest));
        const sum = powers.reduce((a, b) => a + b, 0);
        const pulls = places.map((one) => dot(gradient, own, value, one));
        const mean = powers.reduce((all, power, at) => all + power * (pulls[at] as number), 0) / sum;
        for (const [at, one] of places.entries()) {
          const weight = (powers[at] as number) / sum;
          const slope = weight * ((pulls[at] as number) - mean) * (curved[at]?.slope ?? 0) * scale;
          addTo(results.mixed, own, value, one, weight);
          addTo(results.value, one, gradient, own, weight);
          addTo(results.query, own, key, one, slope);
          addTo(results.key, one, query, own, slope);
        }
      }
    }
  }
  return results;
}

function seenKeys({ start, memory }: Segment, token: number, window: number | null): number[] {
  const place = memory + token - start;
  const first = window === null ? 0 : Math.max(0, place - window + 1);
  return Array.from({ length: place - first + 1 }, (_, at) => {
    const key = first + at;
    return key < memory ? key : start + key - memory;
  });
}

/** cap tanh(s / cap) and its derivative; a cap of 0 means no cap. @source Gemma 2 (arXiv 2408.00118), section 2 */
function curve(score: number, cap: number): { readonly score: number; readonly slope: number } {
  if (cap === 0) return { score, slope: 1 };
  const bent = Math.tanh(score / cap);
  return { score: cap * bent, slope: 1 - bent * bent };
}
