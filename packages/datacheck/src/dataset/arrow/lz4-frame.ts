/**
 * @file Unpacks LZ4 frames, the usual compression of Arrow files. Blocks may refer to the blocks before them.
 *
 * @source lz4/lz4 doc/lz4_Frame_format.md, version 1.6.4; doc/lz4_Block_format.md
 */

const MAGIC = 0x184d2204;

/**
 * Unpacks a frame of known unpacked length.
 *
 * @throws {Error} if the frame is damaged or holds another number of bytes
 */
export function unpackLz4Frame(packed: Uint8Array, length: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (packed.length < 11 || view.getUint32(0, true) !== MAGIC) throw new Error("a part is not an LZ4 frame");
  const flags = packed[4] as number;
  const hasChecksums = (flags & 16) !== 0;
  let at = 7 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0);
  const output = new Uint8Array(length);
  let filled = 0;
  for (;;) {
    if (at + 4 > packed.length) throw new Error("an LZ4 frame ends early");
    const header = view.getUint32(at, true);
    at += 4;
    if (header === 0) break;
    const size = header & 0x7fffffff;
    const block = packed.subarray(at, at + size);
    if (block.length !== size) throw new Error("an LZ4 frame ends early");
    if (header > 0x7fffffff) {
      if (filled + size > length) throw new Error("an LZ4 frame is longer than stated");
      output.set(block, filled);
      filled += size;
    } else filled = unpackBlock(block, output, filled);
    at += size + (hasChecksums ? 4 : 0);
  }
  if (filled !== length) throw new Error("an LZ4 frame is shorter than stated");
  return output;
}

/** Unpacks a block behind the bytes before it, and returns the number of bytes filled. */
function unpackBlock(block: Uint8Array, output: Uint8Array, start: number): number {
  let filled = start;
  let at = 0;
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    for (let more = nibble === 15 ? 255 : 0; more === 255; ) {
      more = block[at++] ?? 0;
      length += more;
    }
    return length;
  };
  while (at < block.length) {
    const token = block[at++] as number;
    const literals = lengthFrom(token >> 4);
    if (at + literals > block.length || filled + literals > output.length)
      throw new Error("an LZ4 block is longer than stated");
    output.set(block.subarray(at, at + literals), filled);
    at += literals;
    filled += literals;
    if (at >= block.length) break;
    const distance = (block[at] as number) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    const match = lengthFrom(token & 15) + 4;
    if (distance === 0 || distance > filled || filled + match > output.length)
      throw new Error("an LZ4 block refers outside of its bytes");
    // byte by byte, since a match may overlap the bytes that it writes
    for (const end = filled + match; filled < end; filled++)
      output[filled] = output[filled - distance] as number;
  }
  return filled;
}
