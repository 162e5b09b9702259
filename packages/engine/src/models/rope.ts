/** @file Rotary position embedding: cosines and sines per token. */
import type { Architecture, Rope } from "./architecture.ts";

/** Rotation tables for tokens at given positions: `[N, pairs]` each. */
export type Rotation = Readonly<Record<"cosine" | "sine", Float32Array>>;

/**
 * Angle per position of each of the pairs.
 *
 * @source Su et al. 2021 (arXiv 2104.09864), section 3.4.2; yarn: Peng et al. 2023 (arXiv 2309.00071); longrope: Ding
 *   et al. 2024 (arXiv 2402.13753); no positions: Yang et al. 2025 (arXiv 2501.18795); all scalings as in
 *   huggingface/transformers src/transformers/modeling_rope_utils.py
 */
export function rotaryFrequencies({ theta, width, scaling }: Rope): Float64Array {
  const plain = Float64Array.from({ length: width / 2 }, (_, pair) => theta ** ((-2 * pair) / width));
  switch (scaling.kind) {
    case "none":
      return plain;
    case "absent":
      return plain.fill(0);
    case "longrope":
      return plain.map((frequency, pair) => frequency / (scaling.factors[pair] ?? 1));
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
        (width * Math.log(scaling.originalLength / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
      const round = scaling.truncate;
      const first = Math.max(0, round ? Math.floor(pairAt(scaling.betaFast)) : pairAt(scaling.betaFast));
      const last = Math.min(
        width - 1,
        round ? Math.ceil(pairAt(scaling.betaSlow)) : pairAt(scaling.betaSlow),
      );
      const span = Math.max(last - first, 0.001);
      return plain.map((frequency, pair) => {
        const stretch = Math.min(1, Math.max(0, (pair - first) / span));
        return frequency * (1 - stretch) + (frequency / scaling.factor) * stretch;
      });
    }
  }
}

/** Factor on cosines and sines, which sharpens scores when the context is extended. */
export function rotationStrength({ scaling }: Rope): number {
  return scaling.kind === "yarn" || scaling.kind === "longrope" ? scaling.attentionFactor : 1;
}

/** The tables of every rotation of a model, for tokens at `positions`. */
export function rotations({ ropes }: Architecture, positions: Int32Array): ReadonlyMap<Rope, Rotation> {
  return new Map([...new Set(ropes)].map((rope) => [rope, rotation(rope, positions)]));
}

/**
 * Tables for tokens at `positions`.
 *
 * @source Su et al. 2021 (arXiv 2104.09864), equation 34: cosines and sines of position times frequency
 */
function rotation(rope: Rope, positions: Int32Array): Rotation {
  // single precision as in transformers, so that results agree at large positions
  const single = Float32Array.from(rotaryFrequencies(rope));
  const half = single.length;
  const cosine = new Float32Array(positions.length * half);
  const sine = new Float32Array(positions.length * half);
  const strength = rotationStrength(rope);
  for (let token = 0; token < positions.length; token++) {
    for (let pair = 0; pair < half; pair++) {
      const angle = Math.fround((positions[token] as number) * (single[pair] as number));
      cosine[token * half + pair] = strength * Math.cos(angle);
      sine[token * half + pair] = strength * Math.sin(angle);
    }
  }
  return { cosine, sine };
}
