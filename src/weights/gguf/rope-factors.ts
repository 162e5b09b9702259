/**
 * @file Recognizes Llama 3's RoPE scaling in the factors that GGUF files carry in its place.
 *
 * @source huggingface/transformers src/transformers/modeling_rope_utils.py `_compute_llama3_parameters`;
 *   ggml-org/llama.cpp convert_hf_to_gguf.py `LlamaModel.generate_extra_tensors`
 */

/** The settings of every published Llama 3 model; only the factor differs (8 or 32). */
const lowFrequencyFactor = 1;
const highFrequencyFactor = 4;
const originalLength = 8192;

/**
 * `rope_scaling` of a `config.json` that gives these factors; `null` if none does within float32 rounding.
 *
 * @param factors `[E / 2]`, by which each wave length is multiplied
 * @param base rope_theta
 */
export function llama3Scaling(
  factors: Float32Array,
  base: number,
  headWidth: number,
): Readonly<Record<string, unknown>> | null {
  const factor = factors.reduce((most, value) => Math.max(most, value), 0);
  if (factors.length !== headWidth / 2 || !(factor >= 1)) return null;
  const fits = factors.every((value, i) => {
    const waveLength = 2 * Math.PI * base ** ((2 * i) / headWidth);
    const expected = stretch(waveLength, factor);
    return Math.abs(value - expected) <= 1e-4 * expected;
  });
  if (!fits) return null;
  return {
    rope_type: "llama3",
    factor,
    low_freq_factor: lowFrequencyFactor,
    high_freq_factor: highFrequencyFactor,
    original_max_position_embeddings: originalLength,
  };
}

/** Short waves stay, long ones are stretched by the factor, those between in part. */
function stretch(waveLength: number, factor: number): number {
  if (waveLength < originalLength / highFrequencyFactor) return 1;
  if (waveLength > originalLength / lowFrequencyFactor) return factor;
  const smooth =
    (originalLength / waveLength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  return 1 / ((1 - smooth) / factor + smooth);
}
