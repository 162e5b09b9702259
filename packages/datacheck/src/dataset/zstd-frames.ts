/**
 * @file Follows the frames of a Zstandard stream and checks what they declare, before the decoder allocates it.
 *
 * @source RFC 8878, sections 3.1.1 (frames, frame header, blocks) and 3.1.2 (skippable frames)
 */

/** Max. bytes of a window: the limit of the `zstd` program. */
const MAX_WINDOW_BYTES = 128 * 2 ** 20;
/**
 * The decoder moves its whole window at each block, so that many tiny blocks would take hours. Max. bytes moved: a
 * constant, and for each unpacked byte those of the largest window with blocks of 128 KiB, twice.
 */
const MAX_MOVED_BYTES = 2 ** 36;
const MAX_MOVED_PER_BYTE = 2_048;

const MAGIC = 0xfd2fb528;

/**
 * Returns a function that takes consecutive chunks of a stream, and the number of bytes unpacked so far.
 *
 * It throws an `Error` for a window or for work above the limits, and for bytes that are not a frame.
 */
export function zstdFrameCheck(): (chunk: Uint8Array, unpackedBytes: number) => void {
  let state: "magic" | "skippable" | "header" | "block" = "magic";
  let held: number[] = [];
  let needed = 4;
  let skipped = 0;
  let hasChecksum = false;
  let window = 0;
  let moved = 0;

  function next(to: typeof state, bytes: number): void {
    [state, needed, held] = [to, bytes, []];
  }

  function readHeader(): void {
    const [descriptor = 0] = held;
    const length = headerBytes(descriptor);
    if (held.length < length) {
      needed = length;
      return;
    }
    window = windowBytes(held);
    if (window > MAX_WINDOW_BYTES) throw new Error(`a frame claims a window of ${window} bytes`);
    hasChecksum = (descriptor & 4) !== 0;
    next("block", 3);
  }

  function readBlock(): void {
    const header = little(held, 0, 3);
    moved += window;
    // a repeated byte is stored once
    skipped = ((header >> 1) & 3) === 1 ? 1 : header >> 3;
    const isLast = (header & 1) !== 0;
    if (isLast && hasChecksum) skipped += 4;
    next(isLast ? "magic" : "block", isLast ? 4 : 3);
  }

  function read(): void {
    if (state === "block") readBlock();
    else if (state === "header") readHeader();
    else if (state === "skippable") {
      skipped = little(held, 0, 4);
      next("magic", 4);
    } else {
      const magic = little(held, 0, 4);
      if (magic === MAGIC) next("header", 1);
      else if (Math.floor(magic / 16) === 0x184d2a5) next("skippable", 4);
      else throw new Error("it holds bytes that are not a frame");
    }
  }

  return (chunk, unpackedBytes) => {
    for (let at = 0; at < chunk.length; ) {
      if (skipped > 0) {
        const step = Math.min(skipped, chunk.length - at);
        skipped -= step;
        at += step;
        continue;
      }
      held.push(chunk[at++] as number);
      if (held.length >= needed) read();
    }
    if (moved > MAX_MOVED_BYTES + MAX_MOVED_PER_BYTE * unpackedBytes)
      throw new Error("its blocks are too small");
  };
}

/** Bytes of a frame header behind the magic number. */
function headerBytes(descriptor: number): number {
  return 1 + (isSingle(descriptor) ? 0 : 1) + dictionaryBytes(descriptor) + contentBytes(descriptor);
}

function isSingle(descriptor: number): boolean {
  return (descriptor & 32) !== 0;
}

function dictionaryBytes(descriptor: number): number {
  return [0, 1, 2, 4][descriptor & 3] ?? 0;
}

function contentBytes(descriptor: number): number {
  return [isSingle(descriptor) ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
}

/** The window that a decoder must hold: stated, or in a single segment the whole content. */
function windowBytes(header: readonly number[]): number {
  const [descriptor = 0, window = 0] = header;
  if (!isSingle(descriptor)) {
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const length = contentBytes(descriptor);
  return little(header, 1 + dictionaryBytes(descriptor), length) + (length === 2 ? 256 : 0);
}

function little(bytes: readonly number[], from: number, length: number): number {
  let value = 0;
  for (let at = length - 1; at >= 0; at--) value = value * 256 + (bytes[from + at] ?? 0);
  return value;
}
