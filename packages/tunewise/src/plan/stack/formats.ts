/** @file Number formats, depending on the trained parameters and the framework's mixed precision. */
import { formatBytes, type StackSetting } from "./setting.ts";

const { float32 } = formatBytes;

/** Bytes of a value by its use. */
export interface Formats {
  /** Residual stream. */
  readonly stream: 2 | 4;
  /** Outputs of products: queries, keys, gates. */
  readonly result: 2 | 4;
  /** Inputs and outputs of attention. */
  readonly attention: 2 | 4;
  /** Saved input of a trained matrix. */
  readonly input: 2 | 4;
  /** Whether products with the same input share its saved copy. */
  readonly sharesInputs: boolean;
}

/**
 * Returns the formats of a setting.
 *
 * Mixed precision full fine-tuning on one GPU: float32 weights yield a float32 stream, and each product makes a 16-bit
 * copy of its input. Unquantized parts upcast to float32 do the same to the stream and to every output. A float32
 * adapter on a 16-bit model makes its own float32 copy of the input, or a 16-bit one under autocast. If everything is
 * float32, nothing is copied.
 *
 * @source Micikevicius et al. 2018 (arXiv 1710.03740), section 3; huggingface/peft src/peft/tuners/lora/layer.py,
 *   `_cast_input_dtype`
 */
export function formatsOf({ trained, stack, sharding, devices }: StackSetting): Formats {
  const computed = stack.computeBytes;
  if (computed === float32) {
    return { stream: computed, result: computed, attention: computed, input: computed, sharesInputs: true };
  }
  if (trained.kind === "full") {
    // Sharded weights are cast to 16 bits when gathered, so computation is in 16 bits.
    const isWhole = devices < 2 || sharding === "none";
    const stream = isWhole ? stack.fullWeightBytes : computed;
    const isMixed = stream === float32;
    return { stream, result: computed, attention: computed, input: computed, sharesInputs: !isMixed };
  }
  const isUpcast = trained.kind === "qlora" && stack.upcastsUnquantized;
  const stream = isUpcast ? float32 : computed;
  const attention = stack.autocast ? computed : stream;
  if (stack.adapterInputs === "shared" || stack.adapterBytes === computed) {
    return { stream, result: stream, attention, input: computed, sharesInputs: true };
  }
  const input = stack.autocast ? computed : float32;
  return { stream, result: stream, attention, input, sharesInputs: input === stream };
}
