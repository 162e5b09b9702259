/** @file Rotary position embedding: cosines and sines per token. */
import type { Rope } from "./architecture.ts";

/** Rotation tables for tokens at given positions: `[N, E/2]` each. */
export interface Rotation {
  readonly cosine: Float32Array;
  readonly sine: Float32Array;
}

/**
 * Angle per position of each of the E/2 pairs.
 *
 * @source Su et al. 2021 (arXiv 2104.09864), section 3.4.2; yarn: Peng et al. 2023 (arXiv 2309.00071); all scalings
 *   as in huggingface/transformers src/transformers/modeling_rope_utils.py
 */
export function rotaryFrequencies(rope: Rope, headWidth: number): Float64Array {
  const half = headWidth / 2;
  const plain = Float64Array.from({ length: half }, (_, pair) => rope.theta ** ((-2 * pair) / headWidth));
  const { scaling } = rope;
  switch (scaling.kind) {
    case "none":
      return plain;
    case "linear":
      return plain.map((frequency) => frequency / scaling.factor);
    case "llama3":
      return plain.map((frequency) => {
        const turns = (scaling.originalLength * frequency) / (2 * Math.PI);
        const { lowFrequencyFactor: low, highFrequencyFactor: high } = scaling;
        const keep = Math.min(1, Math.max(0, (turns - low) / (high - low)));
        return keep * frequency + ((1 - keep) * frequency) / scaling.factor;
      });
    case "yarn": {
      const pairAt = (turns: number): number =>
        (headWidth * Math.log(scaling.originalLength / (turns * 2 * Math.PI))) / (2 * Math.log(rope.theta));
      const round = scaling.truncate;
      const first = Math.max(0, round ? Math.floor(pairAt(scaling.betaFast)) : pairAt(scaling.betaFast));
      const last = Math.min(
        headWidth - 1,
        round ? Math.ceil(pairAt(scaling.betaSlow)) : pairAt(scaling.betaSlow),
      );
      const width = Math.max(last - first, 0.001);
      return plain.map((frequency, pair) => {
        const stretch = Math.min(1, Math.max(0, (pair - first) / width));
        return frequency * (1 - stretch) + (frequency / scaling.factor) * stretch;
      });
    }
  }
}

/**
 * Tables for tokens at `positions`.
 *
 * @source Su et al. 2021 (arXiv 2104.09864), equation 34: cosines and sines of position times frequency
 */
export function rotation(rope: Rope, frequencies: Float64Array, positions: Int32Array): Rotation {
  const half = frequencies.length;
  const cosine = new Float32Array(positions.length * half);
  const sine = new Float32Array(positions.length * half);
  const strength = rope.scaling.kind === "yarn" ? rope.scaling.attentionFactor : 1;
  // single precision as in transformers, so that results agree at large positions
  const single = Float32Array.from(frequencies);
  for (let token = 0; token < positions.length; token++) {
    for (let pair = 0; pair < half; pair++) {
      const angle = Math.fround((positions[token] as number) * (single[pair] as number));
      cosine[token * half + pair] = strength * Math.cos(angle);
      sine[token * half + pair] = strength * Math.sin(angle);
    }
  }
  return { cosine, sine };
}
