/**
 * @file `check --fix`: a copy of the data without the rows that should not be there, and a log of every row touched.
 *
 *     observations ─► touched rows ─┐
 *     each file, record by record ──┴─► kept as it is · left out · redacted ─► cleaned/PART.jsonl, cleaned/fixes.jsonl
 */
import { join, resolve } from "node:path";
import {
  type Fields,
  type FileRow,
  type ReadResult,
  type RowInFile,
  readExamples,
  readFileRows,
} from "../../dataset/index.ts";
import { isTaken, writeFolderAtomically } from "../../files/index.ts";
import { type Redact, redactFields, redactor, type Touch, touchedRows } from "../../inspect/index.ts";
import { type LoadedRecipe, localData } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { DataSection } from "../../recipe/index.ts";
import type { DataCheck } from "../../report/index.ts";
import type { Host } from "../../runtime/index.ts";
import { writeFileAtomically, writeProblem } from "../../weights/index.ts";
import { changedFiles, stampsOf } from "./file-stamps.ts";

/** One file of the copy. */
export interface CleanedFile {
  readonly part: "train" | "validation" | "test";
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  readonly dropped: number;
  readonly redacted: number;
}

/** What was written. */
export interface CleanedData {
  readonly folder: string;
  readonly files: readonly CleanedFile[];
  /** A line for every row touched. */
  readonly log: string;
  /** What the recipe's `data` section should say, a line each. */
  readonly settings: readonly string[];
}

/**
 * Writes the copy; the original files are only read. All of it appears at once, or nothing does.
 *
 * @param target a folder that is missing or empty, relative to the recipe
 * @throws {TunewiseError} `CHECK_TARGET_TAKEN`, `CHECK_DATA_CHANGED`, `MODEL_FILE_WRITE_FAILED`
 */
export async function fixData(
  loaded: LoadedRecipe,
  host: Host,
  check: Pick<DataCheck, "observations" | "stamps">,
  target: string,
): Promise<CleanedData> {
  const folder = resolve(loaded.folder, target);
  if (await isTaken(folder)) throw problem("CHECK_TARGET_TAKEN", { folder: target });
  const data = await localData(loaded.recipe.data, host);
  const touched = touchedRows(check.observations);
  const redact = redactor(loaded.recipe.data.split.seed);
  try {
    return await writeFolderAtomically(folder, { present: "keep" }, async (draft) => {
      const files: CleanedFile[] = [];
      const log: string[] = [];
      for (const part of ["train", "validation", "test"] as const) {
        const from = data[part];
        if (from === null) continue;
        host.signal.throwIfAborted();
        const path = resolve(loaded.folder, from);
        const { unusable } = await readExamples(path, from, { ...data, badRows: "skip" });
        const about = {
          file: from,
          columns: data.columns,
          part,
          touched: touched.get(from) ?? new Map(),
          unusable,
          redact,
          log,
        };
        const copy = new Copy(about);
        await writeFileAtomically(join(draft, `${part}.jsonl`), copy.chunks(path));
        const to = join(target, `${part}.jsonl`);
        files.push({ part, from, to, rows: copy.rows, dropped: copy.dropped, redacted: copy.redacted });
      }
      await writeFileAtomically(join(draft, "fixes.jsonl"), encoded(log));
      const changed = changedFiles(check.stamps, await stampsOf(loaded.recipe.data, loaded.folder));
      if (changed.length > 0) throw problem("CHECK_DATA_CHANGED", { files: changed.join(", ") });
      const settings = files.map(({ part, to }) => `${part}: ${to}`);
      return { folder: target, files, log: join(target, "fixes.jsonl"), settings };
    });
  } catch (error) {
    throw writeProblem(target, error);
  }
}

async function* encoded(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const line of lines) yield Buffer.from(`${line}\n`);
}

/** Bytes gathered before they are written. */
const chunkBytes = 2 ** 20;

/** What a copy is made of. */
interface CopyOf {
  /** The file as the recipe names it, and the part it is. */
  readonly file: string;
  readonly columns: DataSection["columns"];
  readonly part: string;
  readonly touched: ReadonlyMap<number, readonly Touch[]>;
  /** Records that are no example, such as one with an unknown role. */
  readonly unusable: ReadResult["unusable"];
  readonly redact: Redact;
  /** Grows by a line for every row touched. */
  readonly log: string[];
}

/** One file on its way into the copy, with what was done. */
class Copy {
  rows = 0;
  dropped = 0;
  redacted = 0;

  private readonly about: CopyOf;

  constructor(about: CopyOf) {
    this.about = about;
  }

  async *chunks(path: string): AsyncGenerator<Uint8Array> {
    let held: string[] = [];
    let size = 0;
    for await (const row of readFileRows(path, this.about.file, this.about.columns)) {
      const line = this.lineOf(row);
      if (line === null) continue;
      this.rows++;
      held.push(line, "\n");
      size += line.length;
      if (size < chunkBytes) continue;
      yield Buffer.from(held.join(""));
      [held, size] = [[], 0];
    }
    yield Buffer.from(held.join(""));
  }

  private lineOf(row: FileRow): string | null {
    const issue = "fields" in row ? this.about.unusable.get(row.at.row) : row.issue;
    if (issue !== undefined || !("fields" in row)) {
      this.dropped++;
      if (issue !== undefined) this.note(row.at, { action: "drop", ...issue });
      return null;
    }
    const touches = this.about.touched.get(row.at.row) ?? [];
    const drop = touches.find(({ action }) => action === "drop");
    for (const touch of drop ? [drop] : touches) this.note(row.at, touch);
    if (drop !== undefined) {
      this.dropped++;
      return null;
    }
    if (touches.length === 0) return row.json;
    this.redacted++;
    return JSON.stringify(redactFields(row.fields, this.about.redact) as Fields);
  }

  private note(at: RowInFile, { action, code, reason, other }: Touch): void {
    const { about } = this;
    const entry = {
      file: about.file,
      part: about.part,
      ...at,
      action,
      code,
      reason,
      ...(other ? { other } : {}),
    };
    about.log.push(JSON.stringify(entry));
  }
}
