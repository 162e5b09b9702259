/** @file Reads the rows of a spreadsheet (xlsx): those of its first visible sheet, below a line of column names. */

import { problem, TunewiseError } from "../../problem/index.ts";
import { clauseOf } from "../expansion.ts";
import { MAX_COLUMNS, MAX_LINE_BYTES, MAX_LOADED_FILE_BYTES } from "../limits.ts";
import { readEntireFile } from "../open-file.ts";
import type { RawRow } from "../record.ts";
import { tableHeader } from "../table-header.ts";
import { type Archive, openArchive } from "./archive.ts";
import { type CellContext, cellValue, columnName, columnOf, type StoredCell } from "./cell.ts";
import { isWorkbook, readDateStyles, readSharedStrings, readWorkbook } from "./workbook.ts";
import { openXmlParser, type XmlEvents } from "./xml.ts";

/** The sheet that is read, and the names of those that are not. */
export interface SheetChoice {
  readonly sheet: string;
  readonly otherSheets: readonly string[];
}

/**
 * Chooses the sheet of a file.
 *
 * @throws {TunewiseError} `DATA_FILE_KIND` for another ZIP file; `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`,
 *   `PACKAGE_MISSING`
 */
export async function chooseSheet(path: string, shown: string): Promise<SheetChoice> {
  return reading(shown, async () => {
    const archive = openArchive(await readEntireFile(path, shown, MAX_LOADED_FILE_BYTES));
    if (!isWorkbook(archive))
      throw problem("DATA_FILE_KIND", { file: shown, what: "a ZIP file", fix: "Unpack it: unzip FILE" });
    const { sheets } = await readWorkbook(archive, await openXmlParser());
    const [first, ...others] = sheets.map(({ name }) => name);
    if (first === undefined) throw new Error("it has no visible sheet");
    return { sheet: first, otherSheets: others };
  });
}

/**
 * Reads the rows of the first visible sheet. `line` is the row's number in the sheet. Empty cells are `null`, and empty
 * rows are skipped. The packed file and its shared strings are in memory; cells are read as a stream.
 *
 * Issues: `DATA_CELL_INVALID` (an error, or a formula whose result was not saved), `DATA_LINE_TOO_LONG`.
 *
 * @param wanted columns that the caller needs, see `readTable`
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`, `PACKAGE_MISSING`
 */
export async function* readXlsx(
  path: string,
  shown: string,
  wanted: readonly string[],
): AsyncGenerator<RawRow[]> {
  const bytes = await readEntireFile(path, shown, MAX_LOADED_FILE_BYTES);
  const start = await openXmlParser();
  const opened = await reading(shown, async () => {
    const archive = openArchive(bytes);
    const { sheets, isFrom1904 } = await readWorkbook(archive, start);
    if (sheets[0] === undefined) throw new Error("it has no visible sheet");
    const strings = await readSharedStrings(archive, start, bytes.length);
    const dateStyles = await readDateStyles(archive, start);
    return { archive, part: sheets[0].part, context: { strings, dateStyles, isFrom1904 } };
  });
  const rows = new SheetRows(opened.context, wanted, shown);
  const write = start(rows);
  const chunks = chunksOf(opened.archive, opened.part, shown);
  for await (const chunk of chunks) {
    await reading(shown, async () => write(chunk));
    const batch = rows.take();
    if (batch.length > 0) yield batch;
  }
  await reading(shown, async () => write());
  const last = rows.take();
  if (last.length > 0) yield last;
}

async function* chunksOf(archive: Archive, part: string, shown: string): AsyncGenerator<string> {
  const chunks = archive.read(part);
  for (;;) {
    const { value, done } = await reading(shown, () => chunks.next());
    if (done === true) return;
    yield value;
  }
}

/** Does a part of the reading, and reports an `Error` as one of the file. */
async function reading<Result>(shown: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (TunewiseError.is(cause)) throw cause;
    const reason = `not a whole spreadsheet (${clauseOf(cause, "a part is damaged")})`;
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason }, { cause });
  }
}

/** Builds rows from the elements of a sheet. */
class SheetRows implements XmlEvents {
  readonly #context: CellContext;
  readonly #wanted: readonly string[];
  readonly #shown: string;
  #rows: RawRow[] = [];
  #header: readonly string[] | null = null;
  #count = 0;
  #line = 0;
  #cells: StoredCell[] = [];
  #units = 0;
  #cell: { column: number; type: string; style: number; value: string; hasFormula: boolean } | null = null;
  #isValue = false;

  constructor(context: CellContext, wanted: readonly string[], shown: string) {
    this.#context = context;
    this.#wanted = wanted;
    this.#shown = shown;
  }

  /** The rows since the last call. */
  take(): RawRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === "row") {
      const stated = Number(attributes["r"]);
      this.#line = Number.isSafeInteger(stated) && stated > 0 ? stated : this.#line + 1;
      [this.#cells, this.#units] = [[], 0];
    } else if (name === "c") {
      const stated = columnOf(attributes["r"] ?? "");
      const column = stated < 0 ? (this.#cells.at(-1)?.column ?? -1) + 1 : stated;
      if (column >= MAX_COLUMNS) throw new Error(`row ${this.#line} has more than ${MAX_COLUMNS} columns`);
      const { t: type = "n", s: style = "0" } = attributes;
      this.#cell = { column, type, style: Number(style), value: "", hasFormula: false };
    } else if (name === "f" && this.#cell !== null) this.#cell.hasFormula = true;
    this.#isValue = name === "v" || name === "t";
  }

  text(text: string): void {
    if (this.#cell === null || !this.#isValue) return;
    this.#units += text.length;
    if (this.#units <= MAX_LINE_BYTES) this.#cell.value += text;
  }

  close(name: string): void {
    this.#isValue = false;
    if (name === "c" && this.#cell !== null) {
      // more cells than columns would be repeated references
      if (this.#cells.length < MAX_COLUMNS) this.#cells.push(this.#cell);
      this.#cell = null;
    } else if (name === "row") this.#endRow();
  }

  #endRow(): void {
    const values = new Map(this.#cells.map((cell) => [cell.column, cellValue(cell, this.#context)]));
    if ([...values.values()].every((value) => value === null)) return;
    const valueAt = (column: number): unknown => values.get(column) ?? null;
    if (this.#header === null) {
      const last = Math.max(...values.keys());
      const cells = Array.from({ length: last + 1 }, (_, column) => textAt(valueAt(column)));
      const { names, isHeader } = tableHeader(cells, this.#wanted, this.#shown);
      this.#header = names;
      if (isHeader) return;
    }
    const at = { row: ++this.#count, line: this.#line };
    if (this.#units > MAX_LINE_BYTES) {
      const reason = `has ${this.#units} characters, more than ${MAX_LINE_BYTES}`;
      this.#rows.push({ at, issue: { code: "DATA_LINE_TOO_LONG", reason } });
      return;
    }
    const broken = [...values].find(([, value]) => typeof value === "object" && value !== null);
    if (broken !== undefined) {
      const reason = `cell ${columnName(broken[0])}${this.#line} ${(broken[1] as { reason: string }).reason}`;
      this.#rows.push({ at, issue: { code: "DATA_CELL_INVALID", reason } });
      return;
    }
    const fields = Object.fromEntries(this.#header.map((name, column) => [name, valueAt(column)]));
    this.#rows.push({ at, fields });
  }
}

function textAt(value: unknown): string {
  return value === null || typeof value === "object" ? "" : String(value).trim();
}
