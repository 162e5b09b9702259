/** @file Blockwise 8-bit quantization with codes that are denser near zero. */

/**
 * The 256 values of the signed dynamic type, ascending: an exponent of variable length, then a linear fraction.
 *
 * @source Dettmers 2015 (arXiv 1511.04561), section 3; bitsandbytes 0.50.2 bitsandbytes/functional.py
 *   `create_dynamic_map`
 */
export const dynamicValues: Float32Array = makeDynamicValues();

function makeDynamicValues(): Float32Array {
  const values = [0, 1];
  for (let exponent = 0; exponent < 7; exponent++) {
    const scale = Math.fround(10 ** (exponent - 6));
    for (const mean of means(2 ** exponent + 1))
      values.push(Math.fround(scale * mean), -Math.fround(scale * mean));
  }
  return Float32Array.from(values).sort();
}

/** Midpoints of neighbors among `count` evenly spaced numbers from 0.1 to 1, in float32 as in PyTorch. */
function means(count: number): number[] {
  const [start, end] = [Math.fround(0.1), 1];
  const step = Math.fround(Math.fround(end - start) / (count - 1));
  const boundary = (at: number): number =>
    at < count / 2 ? Math.fround(start + step * at) : Math.fround(end - step * (count - 1 - at));
  return Array.from({ length: count - 1 }, (_, at) =>
    Math.fround(Math.fround(boundary(at) + boundary(at + 1)) / 2),
  );
}

/** Numbers in 8 bits with the absmax of each block. */
interface BlockwiseTensor {
  readonly codes: Uint8Array;
  readonly absmax: Float32Array;
}

/** [-1, 1] is split into this many bins; a number gets the code of its bin's midpoint. */
const bins = 65_536;
let binCodes: Uint8Array | null = null;

/**
 * Quantizes to the dynamic value nearest to the midpoint of the number's bin.
 *
 * @source bitsandbytes 0.50.2 csrc/cpu_ops.cpp `quantize_cpu_impl`, `build_quantize_lut` on x86-64, which multiplies
 *   and adds in one rounding
 */
export function quantizeBlockwise(values: Float32Array, block: number): BlockwiseTensor {
  binCodes ??= makeBinCodes();
  const codes = new Uint8Array(values.length);
  const absmax = new Float32Array(Math.ceil(values.length / block));
  for (let at = 0; at < absmax.length; at++) {
    const until = Math.min(values.length, (at + 1) * block);
    let most = 0;
    for (let i = at * block; i < until; i++) most = Math.max(most, Math.abs(values[i] as number));
    absmax[at] = most;
    if (most === 0) continue;
    const inverse = Math.fround(1 / most);
    for (let i = at * block; i < until; i++) {
      const scaled = Math.min(1, Math.max(-1, Math.fround((values[i] as number) * inverse)));
      const bin = Math.fround(Math.fround(scaled + 1) * 0.5 * (bins - 1) + 0.5);
      codes[i] = binCodes[Math.trunc(bin)] as number;
    }
  }
  return { codes, absmax };
}

function makeBinCodes(): Uint8Array {
  const codes = new Uint8Array(bins);
  let code = 0;
  const bound = (): number =>
    Math.fround(0.5 * Math.fround((dynamicValues[code] as number) + (dynamicValues[code + 1] as number)));
  for (let bin = 0; bin < bins; bin++) {
    const middle = Math.fround(-1 + Math.fround((2 * bin) / (bins - 1)));
    while (code < 255 && bound() < middle) code++;
    codes[bin] = code;
  }
  return codes;
}

/** Dequantizes codes into an array of the same length. */
export function dequantizeBlockwise(
  codes: Uint8Array,
  absmax: Float32Array,
  block: number,
  into: Float32Array,
): void {
  for (let at = 0; at < codes.length; at++) {
    into[at] = (dynamicValues[codes[at] as number] as number) * (absmax[Math.floor(at / block)] as number);
  }
}
