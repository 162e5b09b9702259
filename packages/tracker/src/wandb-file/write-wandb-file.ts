/**
 * @file Encodes and frames the records of a `.wandb` file; the counterpart of `record.ts` and `read-wandb-file.ts`.
 *
 * @source wandb/wandb wandb/proto/wandb_internal.proto; google/leveldb doc/log_format.md
 */
import { crc32 } from "node:zlib";
import { MessageWriter } from "@tunewise/core/format";
import { looseJson } from "../wandb/loose-json.ts";
import { blockBytes, fileHeader, pieceHeaderBytes } from "./read-wandb-file.ts";

/** A key and its value, which may be NaN or infinite. */
export type ItemValue = readonly [key: string, value: unknown];

/** The fields of a run record. */
export interface WrittenRun {
  readonly runId: string;
  readonly entity: string;
  readonly project: string;
  readonly displayName: string;
  readonly group: string;
  readonly jobType: string;
  readonly notes: string;
  readonly tags: readonly string[];
  readonly host: string;
  readonly startedMs: number;
  readonly gitRemote: string;
  readonly gitCommit: string;
  readonly config: readonly ItemValue[];
}

/** Clients send the file once, at the end. @source wandb_internal.proto, FilesItem.PolicyType */
const atEnd = 1;

/** Encodes records, numbered in order. */
export class RecordWriter {
  private count = 0;

  /** The minimum client version is the one that introduced this layout. */
  header(producer: string): Uint8Array {
    const versions = new MessageWriter().optionalText(1, producer).text(2, "0.10.0");
    return this.record(21, new MessageWriter().message(1, versions));
  }

  run(run: WrittenRun): Uint8Array {
    const message = new MessageWriter()
      .optionalText(1, run.runId)
      .optionalText(2, run.entity)
      .optionalText(3, run.project)
      .message(4, keyed(1, run.config))
      .optionalText(6, run.group)
      .optionalText(7, run.jobType)
      .optionalText(8, run.displayName)
      .optionalText(9, run.notes);
    for (const tag of run.tags) message.optionalText(10, tag);
    message.optionalText(13, run.host).message(17, timestamp(run.startedMs));
    const { gitRemote, gitCommit } = run;
    if (gitRemote !== "" || gitCommit !== "") {
      message.message(21, new MessageWriter().optionalText(1, gitRemote).optionalText(2, gitCommit));
    }
    return this.record(17, message);
  }

  /** A history row. */
  history(step: number, items: readonly ItemValue[]): Uint8Array {
    return this.record(2, keyed(1, items).message(2, new MessageWriter().optionalInteger(1, step)));
  }

  /** A row of system metrics, with names without `system.`. */
  stats(ms: number, items: readonly ItemValue[]): Uint8Array {
    return this.record(7, new MessageWriter().message(2, timestamp(ms)).append(keyed(3, items)));
  }

  /** A metric's x axis; `null`: the metric is an x axis itself. */
  metric(name: string, stepMetric: string | null): Uint8Array {
    const options = new MessageWriter().optionalInteger(1, stepMetric === null ? 0 : 1).integer(3, 1);
    const message = new MessageWriter().optionalText(1, name).optionalText(4, stepMetric ?? "");
    return this.record(12, message.message(6, options));
  }

  summary(items: readonly ItemValue[]): Uint8Array {
    return this.record(3, keyed(1, items));
  }

  /** Console output. */
  output(ms: number, isError: boolean, text: string): Uint8Array {
    const message = new MessageWriter().optionalInteger(1, isError ? 0 : 1).message(2, timestamp(ms));
    return this.record(13, message.optionalText(3, text));
  }

  /** Names of files in the folder `files` next to it. */
  files(names: readonly string[]): Uint8Array {
    const message = new MessageWriter();
    for (const name of names) message.message(1, new MessageWriter().optionalText(1, name).integer(2, atEnd));
    return this.record(6, message);
  }

  exit(exitCode: number, runtimeSeconds: number): Uint8Array {
    return this.record(
      18,
      new MessageWriter().optionalInteger(1, exitCode).optionalInteger(2, runtimeSeconds),
    );
  }

  private record(field: number, inner: MessageWriter): Uint8Array {
    return new MessageWriter()
      .integer(1, ++this.count)
      .message(field, inner)
      .encode();
  }
}

/** A message of key-value pairs in one repeated field. */
function keyed(field: number, items: readonly ItemValue[]): MessageWriter {
  const message = new MessageWriter();
  for (const [key, value] of items) {
    message.message(field, new MessageWriter().optionalText(1, key).optionalText(16, looseJson(value)));
  }
  return message;
}

function timestamp(ms: number): MessageWriter {
  const seconds = Math.floor(ms / 1000);
  return new MessageWriter()
    .optionalInteger(1, seconds)
    .optionalInteger(2, (ms - seconds * 1000) * 1_000_000);
}

/** Types of pieces: a whole record, or its first, middle and last part. */
const [full, first, middle, last] = [1, 2, 3, 4] as const;

/** Frames records, in order. */
export class FrameWriter {
  private filled = 0;

  /** The file header, which precedes the first record. */
  head(): Uint8Array {
    this.filled = fileHeader.length;
    return fileHeader;
  }

  /** The framed bytes of a record. */
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
