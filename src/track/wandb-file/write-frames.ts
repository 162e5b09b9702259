/**
 * @file Frames records into the blocks of a `.wandb` file: the counterpart of `frames.ts`.
 *
 * @source google/leveldb doc/log_format.md; wandb/wandb core/pkg/leveldb (header of 7 bytes, plain CRC-32)
 */
import { crc32 } from "node:zlib";
import { blockBytes, fileHeader, pieceHeaderBytes } from "./frames.ts";

/** Kinds of pieces: a whole record, or its first, middle and last part. */
const [full, first, middle, last] = [1, 2, 3, 4] as const;

/** Puts records into frames, in their order. */
export class FrameWriter {
  private filled = 0;

  /** The bytes of the file's head; they come before those of the first record. */
  head(): Uint8Array {
    this.filled = fileHeader.length;
    return fileHeader;
  }

  /** The bytes of a record's frames. */
  frame(record: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    let at = 0;
    do {
      const left = blockBytes - this.filled;
      if (left < pieceHeaderBytes) {
        parts.push(new Uint8Array(left));
        this.filled = 0;
      }
      const piece = record.subarray(at, at + blockBytes - this.filled - pieceHeaderBytes);
      const [isFirst, isLast] = [at === 0, at + piece.length === record.length];
      const type = isFirst ? (isLast ? full : first) : isLast ? last : middle;
      parts.push(pieceHeader(piece, type), piece);
      this.filled = (this.filled + pieceHeaderBytes + piece.length) % blockBytes;
      at += piece.length;
    } while (at < record.length);
    return Buffer.concat(parts);
  }
}

function pieceHeader(piece: Uint8Array, type: number): Uint8Array {
  const head = Buffer.alloc(pieceHeaderBytes);
  head.writeUInt32LE(crc32(piece, crc32(Uint8Array.of(type))), 0);
  head.writeUInt16LE(piece.length, 4);
  head[6] = type;
  return head;
}
