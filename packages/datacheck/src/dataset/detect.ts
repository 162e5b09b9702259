/** @file Detects the kind of a data file from its content: first the container, then the row format. */
import { type Compression, dataFormatOf } from "@tunewise/core/format";
import { problem } from "../problem/index.ts";
import {
  type Container,
  type ContainerKind,
  containerKinds,
  containers,
  documentContainer,
  isTableText,
  namedContainers,
} from "./container.ts";
import type { SampleBy } from "./documents.ts";
import type { RowFormat } from "./formats.ts";
import { conversationField } from "./messages.ts";
import { foreignFileError, openDataFile } from "./open-file.ts";
import { promptColumn } from "./preference/preference-row.ts";
import { ratedAnswers } from "./preference/rated-answers.ts";
import { type ColumnPair, instructionColumns, pairByName, roleEvidence } from "./recognize/column-names.ts";
import { type Fields, fieldOf } from "./record.ts";
import { detectEncoding, MAX_ENCODING_SAMPLE_BYTES } from "./text-encoding.ts";
import { transcriptField } from "./transcript.ts";
import { compressionOf, compressions, readUnpackedStart } from "./unpack.ts";

/**
 * Detects the container of a file from its first bytes, unpacked if the file is compressed. The file name decides only
 * where the content fits several: between tables and JSON Lines, and between tables with tabs and with commas.
 *
 * @param documents what a text file (`.txt`, `.md`) contains, if its rows are documents; `null`: it is a table
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_KIND` for known kinds of files that
 *   are not supported
 */
export async function detectContainer(
  path: string,
  shown: string,
  documents: SampleBy | null = null,
): Promise<Container> {
  const packed = await readHead(path, shown);
  const compression = compressionOf(packed.toString("latin1", 0, 4));
  const head =
    compression === null
      ? packed
      : await readUnpackedStart(path, shown, compression, MAX_ENCODING_SAMPLE_BYTES);
  const named = dataFormatOf(path);
  const stated = named === null ? null : namedContainers[named];
  const start = head.toString("latin1", 0, 16);
  const binary = binaryKind(start, stated);
  if (binary !== null) {
    if (compression !== null) throw packedBinary(shown, compression, containers[binary].title);
    const nothing = { text: "", encoding: "utf-8", compression, named } as const;
    return containers[binary].recognize(nothing, path, shown);
  }
  const unsupported = magicNumbers.find(([bytes]) => start.startsWith(bytes));
  if (unsupported !== undefined) {
    throw problem("DATA_FILE_KIND", { file: shown, what: unsupported[1], fix: unsupported[2] });
  }
  const encoding = detectEncoding(head, stated === null || !containers[stated].isUnicode);
  if (documents !== null && named === "text") return documentContainer(encoding, compression, documents);
  const text = new TextDecoder(encoding).decode(head, { stream: true }).trimStart();
  const kind = isTableText(text, stated) ? "table" : stated === "jsonl" ? stated : "json";
  return containers[kind].recognize({ text, encoding, compression, named }, path, shown);
}

/** The binary container of a file: by its first bytes, otherwise by its name, so that its reader reports the damage. */
function binaryKind(start: string, stated: ContainerKind | null): ContainerKind | null {
  const found = containerKinds.find((kind) =>
    containers[kind].magic.some((magic) => start.startsWith(magic)),
  );
  if (found !== undefined) return found;
  const isText = magicNumbers.every(([bytes]) => !start.startsWith(bytes));
  return stated !== null && containers[stated].magic.length > 0 && isText ? stated : null;
}

function packedBinary(file: string, compression: Compression, inner: string): Error {
  const what = `${inner} compressed with ${compressions[compression].title}, which only text may be`;
  return problem("DATA_FILE_KIND", {
    file,
    what,
    fix: compression === "gzip" ? "Unpack it: gunzip -k FILE" : "Unpack it: unzstd FILE",
  });
}

/** Magic numbers of unsupported kinds of files. @source Gary Kessler, file signatures table */
const magicNumbers: readonly (readonly [bytes: string, what: string, fix: string])[] = [
  ["BZh", "a bzip2 file", "Unpack it: bunzip2 -k FILE"],
  ["\xfd7zXZ", "an xz file", "Unpack it: unxz -k FILE"],
  [
    "\xd0\xcf\x11\xe0",
    "an old or encrypted spreadsheet",
    "Save the sheet as xlsx without a password, or as CSV",
  ],
  ["SQLite format 3", "a database", "Export the rows as CSV or JSON lines"],
  ["%PDF-", "a PDF", "Write the rows as CSV or JSON lines"],
];

async function readHead(path: string, shown: string): Promise<Buffer> {
  const file = await openDataFile(path, shown);
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

/** A row format and its columns, if it has any. */
export interface DetectedFormat {
  readonly format: RowFormat;
  readonly columns: ColumnPair;
}

/** Rows intended for another kind of training. Compared answers, for example, are not examples to imitate. */
export type UntrainableRows =
  | {
      readonly kind: "preference";
      readonly chosen: string;
      readonly rejected: string;
      readonly prompt: string | null;
      /** Whether the fields say which answer is better. */
      readonly isDecided: boolean;
    }
  | { readonly kind: "text-only"; readonly text: string };

/** Common column names for prompt and completion, in order of precedence. */
const knownPairs: readonly ColumnPair[] = [
  { prompt: "prompt", completion: "completion" },
  { prompt: "prompt", completion: "response" },
  { prompt: "question", completion: "answer" },
  { prompt: "input", completion: "output" },
];

/** Default columns of `prompt-completion`. */
export const usualColumns: ColumnPair = { prompt: "prompt", completion: "completion" };

/** Detects the format of a row from its field names, or returns `null`. */
export function detectFormat(fields: Fields): DetectedFormat | null {
  const has = (name: string): boolean => fieldOf(fields, name) !== undefined;
  if (conversationField(fields) !== null) return { format: "chat", columns: usualColumns };
  const instruction = instructionColumns(Object.keys(fields));
  if (instruction !== null && (instruction.input !== null || has("output")))
    return { format: "instruction", columns: usualColumns };
  const pair = knownPairs.find(({ prompt, completion }) => has(prompt) && has(completion));
  if (pair !== undefined) return { format: "prompt-completion", columns: pair };
  const named = pairByName(Object.keys(fields));
  if (named !== null) return { format: "table", columns: named };
  return transcriptField(fields) === null ? null : { format: "chat", columns: usualColumns };
}

/** Detects rows that cannot be trained on as is from their field names: preference pairs, or plain text. */
export function detectUntrainable(fields: Fields): UntrainableRows | null {
  const names = Object.keys(fields);
  const rated = ratedAnswers(fields);
  if (rated !== null) {
    const [chosen, rejected] = rated.fields;
    const prompt = promptColumn(names.filter((name) => !rated.fields.includes(name))) ?? null;
    return { kind: "preference", chosen, rejected, prompt, isDecided: rated.isDecided };
  }
  const texts = names.filter((name) => typeof fieldOf(fields, name) === "string");
  const [text, second] = texts.filter((name) => roleEvidence(name).meta < 1);
  const isAlone = text !== undefined && second === undefined && roleEvidence(text).text === 1;
  return isAlone ? { kind: "text-only", text } : null;
}

/**
 * The column with the documents of a row: `text`, as Hugging Face's libraries name it, otherwise the only text that is
 * not metadata; `null` if several columns have text.
 */
export function textColumnOf(fields: Fields): string | null {
  if (typeof fieldOf(fields, "text") === "string") return "text";
  const rows = detectUntrainable(fields);
  return rows?.kind === "text-only" ? rows.text : null;
}

/** Rows of a text file without separators: its first line is not a column unless it is a known name. */
export function plainLines(fields: Fields, container: Container): UntrainableRows | null {
  const [name, second] = Object.keys(fields);
  if (container.kind !== "table" || name === undefined || second !== undefined) return null;
  const isKnown = Object.values(roleEvidence(name)).some((weight) => weight >= 0.8);
  return { kind: "text-only", text: isKnown ? name : "column1" };
}

/** The problem for rows of another kind of training. Its fix names existing columns. */
export function untrainableRows(file: string, rows: UntrainableRows): Error {
  if (rows.kind === "text-only") return problem("DATA_TEXT_ONLY", { file, column: rows.text });
  const { chosen, rejected, isDecided } = rows;
  const fix = isDecided
    ? "To imitate the better answers, and lose the comparison, write below data: answers: chosen"
    : `Name the better answer of each row chosen and the other one rejected, then write below data: answers: chosen`;
  return problem("DATA_PREFERENCE_PAIRS", { file, chosen, rejected, fix });
}
