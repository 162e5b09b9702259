/**
 * @file Reads the records of a `.wandb` file. The file may be incomplete, because it was copied while it grew or the
 * disk was full. It is a log in blocks of 32 KiB. Records are split into pieces with checksums, so that intact records
 * between damaged places are found.
 *
 * @source google/leveldb doc/log_format.md; wandb/wandb core/pkg/leveldb (header of 7 bytes, plain CRC-32)
 */
import { crc32 } from "node:zlib";
import { readRecord, type WandbRecord } from "./record.ts";

/** A record, or a number of unreadable places. */
export type WandbFilePart = WandbRecord | { readonly kind: "damage"; readonly places: number };

/**
 * The records of a file, in order.
 *
 * @param source the file's bytes, in chunks of any size
 */
export async function* readWandbFile(source: AsyncIterable<Uint8Array>): AsyncGenerator<WandbFilePart> {
  for await (const frame of readFrames(source)) {
    if (!(frame instanceof Uint8Array)) yield { kind: "damage", places: frame.lost };
    else yield readRecord(frame) ?? { kind: "damage", places: 1 };
  }
}

/** A record's bytes, or the number of pieces lost before the next one. */
type Frame = Uint8Array | { readonly lost: number };

/** Size of a block. */
export const blockBytes = 32_768;
/** Size of a piece's header: checksum, length, type. */
export const pieceHeaderBytes = 7;
/** `:W&B`, 0xBEE1, version 0. */
export const fileHeader: Uint8Array = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0);
/** Maximum size of a record. Clients write nothing larger, so a larger record is damaged. */
const maxRecordBytes = 256 * 1024 * 1024;

/** Types of pieces; 3 is a middle piece. */
const [full, first, last] = [1, 2, 4];

/** Whether bytes start with the header of a `.wandb` file. */
function isWandbFile(head: Uint8Array): boolean {
  return head.length >= fileHeader.length && fileHeader.every((byte, at) => head[at] === byte);
}

/**
 * The frames of a file, in order. Damaged data is skipped up to the end of its block. The end of the file may be
 * missing, as it is while a run is active.
 *
 * @param source the file's bytes, in chunks of any size; a file of another type counts as one loss
 */
async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const record = new OpenRecord();
  let at = 0;
  for await (const block of blocksOf(source)) {
    if (at === 0 && !isWandbFile(block)) {
      yield { lost: 1 };
      return;
    }
    yield* readBlock(block, at === 0 ? fileHeader.length : 0, record);
    at++;
  }
}

function* readBlock(block: Uint8Array, from: number, record: OpenRecord): Generator<Frame> {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  for (let at = from; at + pieceHeaderBytes <= block.length; ) {
    const length = view.getUint16(at + 4, true);
    const type = block[at + 6] ?? 0;
    const end = at + pieceHeaderBytes + length;
    // A file also ends like this during its last write.
    if (type === 0 && length === 0) return;
    const isWhole = end <= block.length && crc32(block.subarray(at + 6, end)) === view.getUint32(at, true);
    if (!isWhole || type > last) {
      record.drop();
      // The missing end of a growing file does not count as a loss.
      if (end <= block.length || block.length === blockBytes) yield { lost: 1 };
      return;
    }
    const done = record.take(type, block.subarray(at + pieceHeaderBytes, end));
    if (done) yield done;
    at = end;
  }
}

/** A record being assembled from its pieces. */
class OpenRecord {
  private pieces: Uint8Array[] | null = null;
  private bytes = 0;

  /** Returns the completed record, or a loss if the piece does not follow the previous ones. */
  take(type: number, piece: Uint8Array): Frame | null {
    const isStart = type === full || type === first;
    const wasOpen = this.pieces !== null;
    if (isStart === wasOpen || this.bytes + piece.length > maxRecordBytes) {
      this.drop();
      // The rest of a record whose first piece was lost; that loss is already counted.
      if (!isStart) return wasOpen ? { lost: 1 } : null;
    }
    if (type === full) return piece.slice();
    this.pieces ??= [];
    this.pieces.push(piece.slice());
    this.bytes += piece.length;
    if (type !== last) return null;
    const whole = Buffer.concat(this.pieces);
    this.drop();
    return whole;
  }

  drop(): void {
    this.pieces = null;
    this.bytes = 0;
  }
}

/** Splits a stream into blocks; the last one may be shorter. */
async function* blocksOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const block = new Uint8Array(blockBytes);
  let filled = 0;
  for await (const part of source) {
    for (let from = 0; from < part.length; ) {
      const count = Math.min(part.length - from, blockBytes - filled);
      block.set(part.subarray(from, from + count), filled);
      filled += count;
      from += count;
      if (filled < blockBytes) continue;
      yield block;
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
