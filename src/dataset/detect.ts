/**
 * @file What a data file is, told from its content: container first, then row format.
 */
import { problem } from "../problem/index.ts";
import { openRegularFile, parseJson } from "../untrusted/index.ts";
import type { ColumnPair, RowFormat } from "./formats.ts";
import { rowsOfDocument } from "./json-rows.ts";
import { conversationField } from "./messages.ts";
import { foreignFileError } from "./open-file.ts";
import { pairByName, preferenceColumns, roleEvidence } from "./recognize/column-names.ts";
import { type Fields, fieldOf } from "./record.ts";
import { likelySeparator } from "./separator.ts";
import { MAX_ENCODING_SAMPLE_BYTES, type TextEncoding, tellEncoding } from "./text-encoding.ts";

/** How the rows are packed into the file. */
export type Container =
  | { readonly kind: "jsonl" | "json"; readonly encoding: TextEncoding }
  | { readonly kind: "parquet" }
  | { readonly kind: "table"; readonly separator: string; readonly encoding: TextEncoding };

/**
 * The container of a file, by its first bytes; the name decides only between tables and JSON lines.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_KIND` for packed files and others
 *   that are known and not read
 */
export async function detectContainer(path: string, shown: string): Promise<Container> {
  const head = await readHead(path, shown);
  if (head.toString("latin1", 0, 4) === "PAR1" || /\.parquet$/i.test(path)) return { kind: "parquet" };
  const packed = packedKind(head);
  if (packed !== null) throw problem("DATA_FILE_KIND", { file: shown, ...packed });
  const isTable = /\.(?:csv|tsv|tab)$/i.test(path);
  const encoding = tellEncoding(head, isTable || !/\.(?:jsonl|ndjson|json)$/i.test(path));
  const text = new TextDecoder(encoding).decode(head, { stream: true }).trimStart();
  if (!isTable && (/^[[{]/.test(text) || /\.(?:jsonl|ndjson|json)$/i.test(path)))
    return { kind: jsonKind(text, /\.(?:jsonl|ndjson)$/i.test(path)), encoding };
  return { kind: "table", separator: /\.(?:tsv|tab)$/i.test(path) ? "\t" : likelySeparator(text), encoding };
}

/** Beginnings of files that hold rows in a form that is not read. @source Gary Kessler, file signatures table */
const packings: readonly (readonly [bytes: string, what: string, fix: string])[] = [
  ["\x1f\x8b", "a gzip file", "Unpack it: gunzip -k FILE"],
  ["BZh", "a bzip2 file", "Unpack it: bunzip2 -k FILE"],
  ["\x28\xb5\x2f\xfd", "a Zstandard file", "Unpack it: unzstd FILE"],
  ["\xfd7zXZ", "an xz file", "Unpack it: unxz -k FILE"],
  ["PK\x03\x04", "a ZIP file or a spreadsheet", "Unpack it, or save the sheet as CSV"],
  ["\xd0\xcf\x11\xe0", "an old spreadsheet", "Save the sheet as CSV"],
  ["ARROW1", "an Arrow file", "Write it as Parquet"],
  ["SQLite format 3", "a database", "Export the rows as CSV or JSON lines"],
  ["%PDF-", "a PDF", "Write the rows as CSV or JSON lines"],
];

function packedKind(head: Buffer): { readonly what: string; readonly fix: string } | null {
  const start = head.toString("latin1", 0, 16);
  const found = packings.find(([bytes]) => start.startsWith(bytes));
  return found === undefined ? null : { what: found[1], fix: found[2] };
}

/** Lines of JSON of which some are looked at, since one may be damaged. */
const linesSeen = 20;

/** Whether each line is a value of its own, or the lines are parts of one document. */
function jsonKind(text: string, namedLines: boolean): "jsonl" | "json" {
  const lines = text.split("\n", linesSeen + 1).filter((line) => line.trim() !== "");
  const whole = lines.slice(0, linesSeen).map(parsed);
  if (lines.length === 1) {
    if (text.startsWith("[")) return namedLines && !/^\[\s*\{/.test(text) ? "jsonl" : "json";
    return rowsOfDocument(whole[0]) === null ? "jsonl" : "json";
  }
  const isLines = 2 * whole.filter((value) => value !== undefined).length > whole.length;
  return isLines || (namedLines && !text.startsWith("[")) ? "jsonl" : "json";
}

function parsed(line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}

async function readHead(path: string, shown: string): Promise<Buffer> {
  const file = await openRegularFile(path).catch((cause: unknown) => {
    throw foreignFileError(shown, cause);
  });
  try {
    const buffer = Buffer.alloc(MAX_ENCODING_SAMPLE_BYTES);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
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

/** Rows of another kind of training. */
export type UntrainableRows =
  | {
      readonly kind: "preference";
      readonly chosen: string;
      readonly rejected: string;
      readonly prompt: string | null;
    }
  | { readonly kind: "text-only"; readonly text: string };

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
  if (conversationField(fields) !== null) return { format: "chat", columns: usualColumns };
  if (has("instruction") && has("output")) return { format: "instruction", columns: usualColumns };
  const pair = knownPairs.find(({ prompt, completion }) => has(prompt) && has(completion));
  if (pair !== undefined) return { format: "prompt-completion", columns: pair };
  const named = pairByName(Object.keys(fields));
  return named === null ? null : { format: "table", columns: named };
}

/** What rows are that cannot be trained on as they stand, by their names: answers compared, or text alone. */
export function detectUntrainable(fields: Fields): UntrainableRows | null {
  const names = Object.keys(fields);
  const preference = preferenceColumns(names);
  if (preference !== null) {
    const [chosen, rejected] = preference;
    const prompt = knownPairs.map((pair) => pair.prompt).find((name) => names.includes(name)) ?? null;
    return { kind: "preference", chosen, rejected, prompt };
  }
  const texts = names.filter((name) => typeof fieldOf(fields, name) === "string");
  const [text, second] = texts.filter((name) => roleEvidence(name).meta < 1);
  const isAlone = text !== undefined && second === undefined && roleEvidence(text).text === 1;
  return isAlone ? { kind: "text-only", text } : null;
}
