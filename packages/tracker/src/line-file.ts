/** @file Files of lines, read in pieces: however large a file is, a line of bounded length is in memory. */
import { errorReason } from "@tunewise/core/files";
import { openRegularFile } from "@tunewise/core/untrusted";
import { problem } from "./problem/index.ts";

/** A line of a file, without its break. */
export interface FileLine {
  /** `null`: longer than what is read. */
  readonly text: string | null;
  /** Whether its break is there; without one the writer ended in the middle of it. */
  readonly isWhole: boolean;
}

/** Bytes read at a time. */
const pieceBytes = 1 << 18;

/**
 * The lines of a file, some hundred at a time. Empty lines are left out.
 *
 * @param charsMax longest line that is given; of a longer one nothing is kept
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
      // dropped as it comes in, so that a hostile file cannot fill the memory
      if (rest.length > charsMax) [isTooLong, rest] = [true, ""];
      if (lines.length > 0) yield lines;
    }
  } catch (cause) {
    throw problem("RUN_FILE_UNREADABLE", { path, reason: errorReason(cause) }, { cause });
  }
  if (isTooLong || rest !== "") yield [{ text: isTooLong ? null : rest, isWhole: false }];
}

/** Lines as pieces of a file for `writeWholeFile`, each with its break, some thousand characters at a time. */
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
