/**
 * @file Rows of a JSON file that is one array of objects, or one object that holds such an array.
 */
import { isUtf8 } from "node:buffer";
import { problem } from "../problem/index.ts";
import { parseJson } from "../untrusted/index.ts";
import { locateRows, rowsOfDocument } from "./json-rows.ts";
import { jsonReason } from "./jsonl.ts";
import { MAX_WHOLE_FILE_BYTES } from "./limits.ts";
import { readWhole } from "./open-file.ts";
import { kindOf, type RawRow, rowOf } from "./record.ts";
import type { TextEncoding } from "./text-encoding.ts";

/**
 * Rows of a JSON array with the line each begins in. The file is held whole, so it has a smaller size limit than JSONL.
 *
 * @throws {TunewiseError} `DATA_FILE_UNREADABLE` if the file is no JSON, or holds no list of rows; as `readWhole`
 */
export async function* readJsonArray(
  path: string,
  shown: string,
  encoding: TextEncoding = "utf-8",
): AsyncGenerator<RawRow[]> {
  const bytes = await readWhole(path, shown, MAX_WHOLE_FILE_BYTES);
  if (encoding === "utf-8" && !isUtf8(bytes)) {
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason: "it holds bytes that are not UTF-8" });
  }
  const text = new TextDecoder(encoding).decode(bytes);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    const reason = `it is not valid JSON (${jsonReason(cause)})`;
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason }, { cause });
  }
  const found = rowsOfDocument(value);
  if (found === null) {
    throw problem("DATA_FILE_UNREADABLE", {
      file: shown,
      reason: `it is ${kindOf(value)}, not a list of rows`,
    });
  }
  const places = locateRows(text, found.key);
  yield found.rows.map((row, index) => rowOf(places[index] ?? { row: index + 1 }, row));
}
