/**
 * @file What a data file is, told from its content: container first, then row format.
 */

import { openRegularFile } from "../untrusted/index.ts";
import { likelySeparator } from "./csv.ts";
import type { ColumnPair, RowFormat } from "./formats.ts";
import { foreignFileError } from "./open-file.ts";
import { type Fields, fieldOf } from "./record.ts";

/** How the rows are packed into the file. */
export type Container =
  | { readonly kind: "jsonl" | "json" | "parquet" }
  | { readonly kind: "table"; readonly separator: string };

const HEAD_BYTES = 65_536;

/**
 * The container of a file, by its first bytes; the name decides only between tables and JSON lines.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`
 */
export async function detectContainer(path: string, shown: string): Promise<Container> {
  const head = await readHead(path, shown);
  if (head.startsWith("PAR1") || /\.parquet$/i.test(path)) return { kind: "parquet" };
  const text = head.replace(/^\ufeff/, "").trimStart();
  if (/\.(?:csv|tsv|tab)$/i.test(path)) return { kind: "table", separator: separatorOf(path, text) };
  if (text.startsWith("[") && !/\.(?:jsonl|ndjson)$/i.test(path)) return { kind: "json" };
  if (text.startsWith("{") || /\.(?:jsonl|ndjson|json)$/i.test(path)) return { kind: "jsonl" };
  return { kind: "table", separator: separatorOf(path, text) };
}

function separatorOf(path: string, text: string): string {
  return /\.(?:tsv|tab)$/i.test(path) ? "\t" : likelySeparator(text.slice(0, text.search(/\r?\n|$/)));
}

async function readHead(path: string, shown: string): Promise<string> {
  const file = await openRegularFile(path).catch((cause: unknown) => {
    throw foreignFileError(shown, cause);
  });
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (cause) {
    throw foreignFileError(shown, cause);
  } finally {
    await file.close();
  }
}

/** A row format and, where it is one of columns, which. */
export interface DetectedFormat {
  readonly format: RowFormat;
  readonly columns: ColumnPair;
}

/** Column names that data sets use for prompt and completion, in the order they are tried. */
const knownPairs: readonly ColumnPair[] = [
  { prompt: "prompt", completion: "completion" },
  { prompt: "prompt", completion: "response" },
  { prompt: "question", completion: "answer" },
  { prompt: "input", completion: "output" },
];

/** The pair that `prompt-completion` means when nothing else is said. */
export const usualColumns: ColumnPair = { prompt: "prompt", completion: "completion" };

/** The format of a row by the names of its fields, or `null` where none fits. */
export function detectFormat(fields: Fields): DetectedFormat | null {
  const has = (name: string): boolean => fieldOf(fields, name) !== undefined;
  if (Array.isArray(fieldOf(fields, "messages")) || Array.isArray(fieldOf(fields, "conversations"))) {
    return { format: "chat", columns: usualColumns };
  }
  if (has("instruction") && has("output")) return { format: "instruction", columns: usualColumns };
  const pair = knownPairs.find(({ prompt, completion }) => has(prompt) && has(completion));
  return pair === undefined ? null : { format: "prompt-completion", columns: pair };
}
