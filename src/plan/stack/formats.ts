/**
 * @file Number formats that follow from what is trained and how the program mixes precisions.
 */
import { formatBytes, type StackSetting } from "./setting.ts";

const { float32, half } = formatBytes;

/** Bytes of a value by where it flows. */
export interface Formats {
  /** Between layers. */
  readonly stream: 2 | 4;
  /** Results of products: queries, keys, gates. */
  readonly result: 2 | 4;
  /** What attention reads and gives. */
  readonly attention: 2 | 4;
  /** A product's input that must be kept for a trained matrix. */
  readonly input: 2 | 4;
  /** Products that read the same value keep one of it. */
  readonly sharesInputs: boolean;
}

/**
 * Formats of a setting.
 *
 * Mixed full fine-tuning on one GPU: float32 weights make a float32 stream, and each product makes a 16-bit copy of its
 * input. Parts left out of a quantization and made float32 do the same to the stream and to every result. A float32
 * adapter on a 16-bit model makes a float32 copy of its input for itself, or a 16-bit one under autocast.
 *
 * @source Micikevicius et al. 2018 (arXiv 1710.03740), section 3; huggingface/peft src/peft/tuners/lora/layer.py,
 *   `_cast_input_dtype`
 */
export function formatsOf({ trained, stack, sharding, devices }: StackSetting): Formats {
  if (trained.kind === "full") {
    // Sharded weights are cast to 16 bits when they are gathered, so that a 16-bit model computes.
    const isWhole = devices < 2 || sharding === "none";
    const stream = isWhole ? stack.fullWeightBytes : half;
    const isMixed = stream === float32;
    return { stream, result: half, attention: half, input: half, sharesInputs: !isMixed };
  }
  const isUpcast = trained.kind === "qlora" && stack.upcastsUnquantized;
  const stream = isUpcast ? float32 : half;
  const attention = stack.autocast ? half : stream;
  if (stack.adapterInputs === "shared" || stack.adapterBytes === half) {
    return { stream, result: stream, attention, input: half, sharesInputs: true };
  }
  const input = stack.autocast ? half : float32;
  return { stream, result: stream, attention, input, sharesInputs: input === stream };
}
