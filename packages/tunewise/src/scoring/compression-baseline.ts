/** @file What a general compressor needs for the test documents once it has read the training documents. */
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import type { Example } from "@tunewise/core/rows";
import { answerOf } from "@tunewise/datacheck/dataset";

/** Brotli refers back at most this far: a window of 2^24 bytes. */
const windowBits = 24;
/** The last bytes of the training documents that are compressed; more lie outside the window. */
const maxTrainBytes: number = 2 ** windowBits - 2 ** 20;
/** Max. bytes of test documents; more take a minute. */
const maxTestBytes: number = 64 * 2 ** 20;
/** Level 9 of 11: the two highest take ten times as long and need a few percent fewer bits. */
const quality = 9;

const compress = promisify(brotliCompress);

/**
 * Bits per byte of the test documents: the compressed size of training and test documents together, without that of the
 * training documents alone. `null` without text, or for too much of it.
 *
 * The value depends on the version of Brotli in Node by less than a percent.
 *
 * @param references the scored text of each test document
 * @source conditional complexity by concatenation: Cilibrasi and Vitanyi 2005, "Clustering by Compression", section V
 */
export async function compressedBitsPerByte(
  train: readonly Example[],
  references: readonly string[],
): Promise<number | null> {
  const test = Buffer.from(references.join("\n"), "utf8");
  if (test.length === 0 || test.length > maxTestBytes) return null;
  const known = lastBytes(train);
  const sizeOf = async (text: Buffer): Promise<number> => {
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: windowBits,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    };
    return (await compress(text, { params })).length;
  };
  const added = (await sizeOf(Buffer.concat([known, test]))) - (await sizeOf(known));
  return (8 * Math.max(0, added)) / test.length;
}

/** The end of the training documents, up to the compressor's window. */
function lastBytes(train: readonly Example[]): Buffer {
  const texts: Buffer[] = [];
  let size = 0;
  for (let at = train.length - 1; at >= 0 && size < maxTrainBytes; at--) {
    const text = Buffer.from(`${answerOf(train[at] as Example)}\n`, "utf8");
    texts.unshift(text);
    size += text.length;
  }
  return Buffer.concat(texts).subarray(-maxTrainBytes);
}
