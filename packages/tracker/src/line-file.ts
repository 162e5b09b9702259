/** @file Reads files line by line in chunks, so that memory use is bounded by the maximum line length. */
import { errorReason } from "@tunewise/core/files";
import { openRegularFile } from "@tunewise/core/untrusted";
import { problem } from "./problem/index.ts";

/** A line of a file, without its line break. */
export interface FileLine {
  /** `null`: longer than the maximum. */
  readonly text: string | null;
  /** Whether the line break is present; otherwise the writer ended in the middle of the line. */
  readonly isWhole: boolean;
}

/** Bytes per read. */
const pieceBytes = 1 << 18;

/**
 * The lines of a file, some hundred at a time. Empty lines are skipped.
 *
 * @param charsMax maximum line length; the content of a longer line is discarded
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function* readLines(path: string, charsMax: number): AsyncGenerator<readonly FileLine[]> {
  let rest = "";
  let isTooLong = false;
  try {
    const file = await openRegularFile(path);
    for await (const piece of file.createReadStream({ encoding: "utf8", highWaterMark: pieceBytes })) {
      const parts = (rest + String(piece)).split("\n");
      rest = parts.pop() ?? "";
      const lines: FileLine[] = [];
      for (const part of parts) {
        const isReadable = !isTooLong && part.length <= charsMax;
        isTooLong = false;
        if (!isReadable) lines.push({ text: null, isWhole: true });
        else if (part !== "") lines.push({ text: part, isWhole: true });
      }
      // Discarded as it is read, so that a hostile file cannot fill the memory.
      if (rest.length > charsMax) [isTooLong, rest] = [true, ""];
      if (lines.length > 0) yield lines;
    }
  } catch (cause) {
    throw problem("RUN_FILE_UNREADABLE", { path, reason: errorReason(cause) }, { cause });
  }
  if (isTooLong || rest !== "") yield [{ text: isTooLong ? null : rest, isWhole: false }];
}

/** Lines as chunks of a file for `writeWholeFile`, each with its line break, some thousand characters at a time. */
export function* piecesOf(lines: Iterable<string>): Generator<string> {
  let piece = "";
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < pieceBytes) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
