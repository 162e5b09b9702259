/**
 * @file Reads a `.wandb` file: bytes in, records out. Nothing is taken for granted: such a file is copied while it
 * grows, and cut off when a disk is full.
 */
import { readFrames } from "./frames.ts";
import { readRecord, type WandbRecord } from "./record.ts";

/** A record, or places that could not be read. */
export type WandbFilePart = WandbRecord | { readonly kind: "damage"; readonly places: number };

/**
 * The records of a file in their order.
 *
 * @param source the file's bytes, in parts of any size
 */
export async function* readWandbFile(source: AsyncIterable<Uint8Array>): AsyncGenerator<WandbFilePart> {
  for await (const frame of readFrames(source)) {
    if (!(frame instanceof Uint8Array)) yield { kind: "damage", places: frame.lost };
    else yield readRecord(frame) ?? { kind: "damage", places: 1 };
  }
}
