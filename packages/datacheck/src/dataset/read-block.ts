/** @file Parts of a JSONL file that several machines read: their boundaries, their rows, and the combined findings. */

import type { Example } from "@tunewise/core/rows";
import { type GatheredIssue, issueFindings } from "@tunewise/core/rows";
import { type Finding, findingOf, type ProblemCode, problem } from "../problem/index.ts";
import { type DetectedFormat, detectContainer } from "./detect.ts";
import { readJsonl } from "./jsonl.ts";
import { openDataFile } from "./open-file.ts";
import {
  absentColumns,
  detectedNote,
  documentsIn,
  gatherExamples,
  type OriginCounts,
  type ReadOptions,
  settleFormat,
} from "./read.ts";
import type { ByteRange } from "./records.ts";
import { sourceFiles } from "./source-files.ts";

const LINE_FEED = 0x0a;
const MAX_PEEK_BYTES = 1 << 16;

/** A file that is read in parts. */
export interface FileBlocks {
  /** File name as written in the recipe. */
  readonly shown: string;
  readonly path: string;
  /** Size in bytes, and modification time in milliseconds since 1970. */
  readonly bytes: number;
  readonly changed: number;
  /** Detected from the first row with fields; `null` if there is none. */
  readonly format: DetectedFormat | null;
  readonly blocks: readonly ByteRange[];
}

/** The rows of a part. Rows and lines are numbered from the start of the part. */
export interface BlockRows {
  readonly examples: readonly Example[];
  readonly issues: readonly GatheredIssue<ProblemCode>[];
  readonly values: OriginCounts;
  readonly records: number;
  readonly lines: number;
}

/**
 * Divides a file at line ends.
 *
 * @param blockBytes min size of a part, except the last one
 * @throws {TunewiseError} `CHECK_NOT_ON_CLUSTER` for files other than JSONL in UTF-8, and those of `readExamples`
 */
export async function divideFile(
  path: string,
  shown: string,
  options: ReadOptions,
  blockBytes: number,
): Promise<FileBlocks> {
  const files = await sourceFiles(path, shown);
  if (files[0]?.path !== path) {
    throw problem("CHECK_NOT_ON_CLUSTER", {
      what: `${shown} names ${files.length} files; only one JSONL file for each part is supported`,
      fix: `write the rows as one JSONL file and name it in the recipe, in place of ${shown}`,
    });
  }
  const container = await detectContainer(path, shown, documentsIn(options));
  if (container.kind !== "jsonl" || container.encoding !== "utf-8" || container.compression !== null) {
    const form = container.kind === "jsonl" ? (container.compression ?? container.encoding) : "";
    const found = container.kind === "jsonl" ? `JSONL in ${form}` : `a ${container.kind} file`;
    throw problem("CHECK_NOT_ON_CLUSTER", {
      what: `${shown} is ${found}; only JSONL in UTF-8 is supported`,
      fix: `write the rows as JSONL and name that file in the recipe, in place of ${shown}`,
    });
  }
  const { format } = await gatherExamples(firstRows(path, shown), shown, options, (fields) =>
    settleFormat(fields, container, options, shown),
  );
  const file = await openDataFile(path, shown);
  try {
    const { size, mtimeMs } = await file.stat();
    const blocks: ByteRange[] = [];
    const room = Buffer.alloc(MAX_PEEK_BYTES);
    for (let from = 0; from < size; ) {
      let to = Math.min(size, from + blockBytes);
      while (to < size) {
        const { bytesRead } = await file.read(room, 0, room.length, to);
        const end = room.subarray(0, bytesRead).indexOf(LINE_FEED);
        to += end < 0 ? bytesRead : end + 1;
        if (end >= 0 || bytesRead === 0) break;
      }
      blocks.push({ from, to });
      from = to;
    }
    return { shown, path, bytes: size, changed: mtimeMs, format, blocks };
  } finally {
    await file.close();
  }
}

/** The rows up to the first one with fields. */
async function* firstRows(path: string, shown: string): ReturnType<typeof readJsonl> {
  for await (const rows of readJsonl(path, shown)) {
    const at = rows.findIndex((row) => "fields" in row);
    yield at < 0 ? rows : rows.slice(0, at + 1);
    if (at >= 0) return;
  }
}

/**
 * Reads a part of a file.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`
 */
export async function readBlock(
  file: FileBlocks,
  range: ByteRange,
  options: ReadOptions,
): Promise<BlockRows> {
  let [records, lines] = [0, 0];
  const onEnd = (all: number, feeds: number): void => {
    [records, lines] = [all, feeds];
  };
  const source = readJsonl(file.path, file.shown, { range, onEnd });
  const { examples, issues } = await gatherExamples(source, file.shown, options, () => {
    if (file.format === null) throw new Error(`Internal: ${file.shown} has changed`);
    return file.format;
  });
  const values = {
    rows: examples.length,
    group: examples.filter(({ group }) => group !== undefined).length,
    time: examples.filter(({ time }) => time !== undefined).length,
  };
  return { examples, issues: issues.gathered(), values, records, lines };
}

/**
 * The findings that `readExamples` would report about the whole file.
 *
 * @param blocks all parts of the file, in order
 */
export function blockFindings(
  { shown, format }: FileBlocks,
  blocks: readonly Omit<BlockRows, "examples">[],
  options: ReadOptions,
): Finding[] {
  let [row, line] = [0, 0];
  const issues = blocks.map((block) => {
    const [rowsBefore, linesBefore] = [row, line];
    row += block.records;
    line += block.lines;
    return block.issues.map((one) => ({
      ...one,
      places: one.places.map((place) => ({
        ...place,
        row: (place.row ?? 0) + rowsBefore,
        line: (place.line ?? 0) + linesBefore,
      })),
    }));
  });
  const sum = (of: keyof OriginCounts): number => blocks.reduce((all, { values }) => all + values[of], 0);
  const values = { rows: sum("rows"), group: sum("group"), time: sum("time") };
  const detected =
    format !== null && options.format === "auto"
      ? [detectedNote(shown, { kind: "jsonl", encoding: "utf-8", compression: null }, format, options)]
      : [];
  return [...detected, ...issueFindings(issues, findingOf), ...absentColumns(shown, values, options)];
}
