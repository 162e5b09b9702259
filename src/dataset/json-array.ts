/**
 * @file Rows of a JSON file that is one array of objects.
 */
import { isUtf8 } from "node:buffer";
import { problem } from "../problem/index.ts";
import { parseJson } from "../untrusted/index.ts";
import { jsonReason } from "./jsonl.ts";
import { MAX_WHOLE_FILE_BYTES } from "./limits.ts";
import { readWhole } from "./open-file.ts";
import { kindOf, type RawRow, rowOf } from "./record.ts";

/**
 * Rows of a JSON array, numbered from 1. The file is held whole, so it has a smaller size limit than JSONL.
 *
 * @throws {TunewiseError} `DATA_FILE_UNREADABLE` if the file is not a JSON array; as `readWhole`
 */
export async function* readJsonArray(path: string, shown: string): AsyncGenerator<RawRow[]> {
  const bytes = await readWhole(path, shown, MAX_WHOLE_FILE_BYTES);
  if (!isUtf8(bytes)) {
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason: "it holds bytes that are not UTF-8" });
  }
  let value: unknown;
  try {
    value = parseJson(bytes.toString("utf8").replace(/^\ufeff/, ""));
  } catch (cause) {
    const reason = `it is not valid JSON (${jsonReason(cause)})`;
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason }, { cause });
  }
  if (!Array.isArray(value)) {
    throw problem("DATA_FILE_UNREADABLE", {
      file: shown,
      reason: `it is ${kindOf(value)}, not a list of rows`,
    });
  }
  yield value.map((row: unknown, index) => rowOf(index + 1, row));
}
