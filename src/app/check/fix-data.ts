/**
 * @file `check --fix`: writes a copy of the data without faulty rows, and a log of every changed row.
 *
 *     observations ─► touched rows ─┐
 *     each file, record by record ──┴─► unchanged · dropped · redacted ─► cleaned/PART.jsonl, cleaned/fixes.jsonl
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
import type { Runtime } from "../../runtime/index.ts";
import { writeFileAtomically, writeProblem } from "../../weights/index.ts";
import { changedFiles, stampsOf } from "./file-stamps.ts";

/** A file of the copy. */
export interface CleanedFile {
  readonly part: "train" | "validation" | "test";
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  readonly dropped: number;
  readonly redacted: number;
}

/**
 * Result of a repair.
 *
 * @example
 * import { checkData, type CleanedData, fixData } from "tunewise/check";
 * import { createRuntime, loadRecipe } from "tunewise/plan";
 *
 * const runtime = createRuntime();
 * const loaded = await loadRecipe("tunewise.yaml", runtime);
 * const copy: CleanedData = await fixData(loaded, runtime, await checkData(loaded, runtime), "copy");
 * console.log(copy.files.every(({ rows, dropped }) => rows > dropped)); // true
 */
export interface CleanedData {
  readonly folder: string;
  readonly files: readonly CleanedFile[];
  /** Path of the log, with a line for every changed row. */
  readonly log: string;
  /** New lines for the recipe's `data` section. */
  readonly settings: readonly string[];
}

/**
 * Writes the copy atomically. The original files are only read.
 *
 * @param target a missing or empty folder, relative to the recipe
 * @throws {TunewiseError} `CHECK_TARGET_TAKEN`, `CHECK_DATA_CHANGED`, `MODEL_FILE_WRITE_FAILED`
 * @example
 * import { checkData, fixData } from "tunewise/check";
 * import { createRuntime, loadRecipe } from "tunewise/plan";
 *
 * const runtime = createRuntime();
 * const loaded = await loadRecipe("tunewise.yaml", runtime);
 * const { files } = await fixData(loaded, runtime, await checkData(loaded, runtime), "cleaned");
 * console.log(files.map(({ part }) => part).join(" ")); // train validation test
 */
export async function fixData(
  loaded: LoadedRecipe,
  runtime: Runtime,
  check: Pick<DataCheck, "observations" | "stamps">,
  target: string,
): Promise<CleanedData> {
  const folder = resolve(loaded.folder, target);
  if (await isTaken(folder)) throw problem("CHECK_TARGET_TAKEN", { folder: target });
  const data = await localData(loaded.recipe.data, runtime);
  const touched = touchedRows(check.observations);
  const redact = redactor(loaded.recipe.data.split.seed);
  try {
    return await writeFolderAtomically(folder, { present: "keep" }, async (draft) => {
      const files: CleanedFile[] = [];
      const log: string[] = [];
      for (const part of ["train", "validation", "test"] as const) {
        const from = data[part];
        if (from === null) continue;
        runtime.signal.throwIfAborted();
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
        const copy = new FileCopy(about);
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

/** Buffer size before a write. */
const chunkBytes = 2 ** 20;

/** Inputs of the copy of a file. */
interface CopyInput {
  /** File name in the recipe. */
  readonly file: string;
  readonly columns: DataSection["columns"];
  readonly part: string;
  readonly touched: ReadonlyMap<number, readonly Touch[]>;
  /** Records that are not valid examples, such as one with an unknown role. */
  readonly unusable: ReadResult["unusable"];
  readonly redact: Redact;
  /** Log lines, one for every changed row. */
  readonly log: string[];
}

/** Copies a file and counts the changes. */
class FileCopy {
  rows = 0;
  dropped = 0;
  redacted = 0;

  private readonly input: CopyInput;

  constructor(about: CopyInput) {
    this.input = about;
  }

  async *chunks(path: string): AsyncGenerator<Uint8Array> {
    let buffered: string[] = [];
    let size = 0;
    for await (const row of readFileRows(path, this.input.file, this.input.columns)) {
      const line = this.lineOf(row);
      if (line === null) continue;
      this.rows++;
      buffered.push(line, "\n");
      size += line.length;
      if (size < chunkBytes) continue;
      yield Buffer.from(buffered.join(""));
      [buffered, size] = [[], 0];
    }
    yield Buffer.from(buffered.join(""));
  }

  private lineOf(row: FileRow): string | null {
    const issue = "fields" in row ? this.input.unusable.get(row.at.row) : row.issue;
    if (issue !== undefined || !("fields" in row)) {
      this.dropped++;
      if (issue !== undefined) this.logChange(row.at, { action: "drop", ...issue });
      return null;
    }
    const touches = this.input.touched.get(row.at.row) ?? [];
    const drop = touches.find(({ action }) => action === "drop");
    for (const touch of drop ? [drop] : touches) this.logChange(row.at, touch);
    if (drop !== undefined) {
      this.dropped++;
      return null;
    }
    if (touches.length === 0) return row.json;
    this.redacted++;
    return JSON.stringify(redactFields(row.fields, this.input.redact) as Fields);
  }

  private logChange(at: RowInFile, { action, code, reason, other }: Touch): void {
    const { input } = this;
    const entry = {
      file: input.file,
      part: input.part,
      ...at,
      action,
      code,
      reason,
      ...(other ? { other } : {}),
    };
    input.log.push(JSON.stringify(entry));
  }
}
