/**
 * @file `check --fix`: writes a copy of the data without faulty rows, and a log of every changed row.
 *
 *     observations ─► touched rows ─┐
 *     each file, record by record ──┴─► unchanged · dropped · redacted ─► cleaned/PART.jsonl, cleaned/fixes.jsonl
 *                                   ▲   · moved ──────────────────────────► cleaned/PART-unusable.jsonl
 *                                   │                                      │
 *                                   └── rows that repeat others in the copy ◄┘
 *
 * A finding names only the nearest training row. After that row is removed, the next nearest may repeat the held-out
 * row as well, so the copy is compared again until no row has to be removed.
 */
import { join, resolve } from "node:path";
import { isTaken, writeFolderAtomically } from "@tunewise/core/files";
import type { RowInFile, RowIssue } from "@tunewise/core/rows";
import {
  type Redact,
  redactFields,
  redactor,
  type Touch,
  type TouchedRows,
  touchedRows,
} from "@tunewise/datacheck";
import {
  documentsIn,
  type Fields,
  type FileRow,
  readExamples,
  readFileRows,
  type SampleBy,
  sourceFiles,
} from "@tunewise/datacheck/dataset";
import { writeFileAtomically, writeProblem } from "@tunewise/engine/weights";
import { type LoadedRecipe, localData, repeatedRows } from "../../prepare/index.ts";
import { type ProblemCode, problem } from "../../problem/index.ts";
import { type DataSection, dataSources, withSources } from "../../recipe/index.ts";
import type { DataCheck } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { changedFiles, stampsOf } from "./file-stamps.ts";

/** A file of the copy. */
export interface CleanedFile {
  readonly part: "train" | "validation" | "test";
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  /** Rows that the copy lacks, with `moved`. */
  readonly dropped: number;
  /** Rows that cannot be read or rendered; they are in `unusable`. */
  readonly moved: number;
  /** File with the moved rows as they were; `null` if there are none. */
  readonly unusable: string | null;
  readonly redacted: number;
}

/**
 * Result of a repair.
 *
 * @example
 * import { checkData, type CleanedData, fixData } from "tunewise/check";
 * import { loadRecipe } from "tunewise/plan";
 *
 * const loaded = await loadRecipe("tunewise.yaml");
 * const copy: CleanedData = await fixData(loaded, { to: "copy" });
 * console.log(copy.files.every(({ rows, dropped }) => rows > dropped)); // true
 */
export interface CleanedData {
  readonly folder: string;
  readonly files: readonly CleanedFile[];
  /** Removed rows by the code of the finding, largest number first. */
  readonly removed: readonly { readonly code: string; readonly rows: number }[];
  /** Path of the log, which has one line per changed row. */
  readonly log: string;
  /** New lines for the recipe's `data` section. */
  readonly settings: readonly string[];
}

/**
 * Writes the copy atomically. The original files are only read.
 *
 * @param target a missing or empty folder, relative to the recipe
 * @throws {TunewiseError} `CHECK_TARGET_TAKEN`, `CHECK_DATA_CHANGED`, `MODEL_FILE_WRITE_FAILED`
 */
export async function fixData(
  loaded: LoadedRecipe,
  runtime: Runtime,
  check: Pick<DataCheck, "observations" | "refused" | "stamps">,
  target: string,
): Promise<CleanedData> {
  const folder = resolve(loaded.folder, target);
  if (await isTaken(folder)) throw problem("CHECK_TARGET_TAKEN", { folder: target });
  const data = await localData(loaded.recipe.data, runtime);
  const writer = new CopyWriter(loaded, data, check.refused, runtime);
  try {
    return await writeFolderAtomically(folder, { present: "keep" }, async (draft) => {
      let touched = touchedRows(check.observations);
      for (let round = 1; ; round++) {
        await writer.write(draft, touched);
        const more = round < maxRounds ? await writer.repeatsIn(draft) : none;
        if (more.size === 0) break;
        touched = joined(touched, more);
      }
      const files = writer.copies.map((copy): CleanedFile => {
        const { part, file, name, rows, dropped, moved, redacted } = copy;
        const unusable = moved.length === 0 ? null : join(target, unusableName(name));
        const to = join(target, name);
        return { part, from: file, to, rows, dropped, moved: moved.length, unusable, redacted };
      });
      await writeFileAtomically(join(draft, "fixes.jsonl"), encoded(writer.log));
      const changed = changedFiles(check.stamps, await stampsOf(loaded.recipe.data, loaded.folder));
      if (changed.length > 0) throw problem("CHECK_DATA_CHANGED", { files: changed.join(", ") });
      const settings = settingsOf(loaded.recipe.data, files);
      const removed = removedBy(writer.copies);
      return { folder: target, files, removed, log: join(target, "fixes.jsonl"), settings };
    });
  } catch (error) {
    throw writeProblem(target, error);
  }
}

/** Lines for the `data` section that name the copies. */
function settingsOf(data: DataSection, files: readonly CleanedFile[]): string[] {
  const copied = withSources(
    data,
    files.map(({ to }) => to),
  );
  const mixed = (copied.mix ?? []).map(({ file, weight, rows }) => {
    const others = [
      ...(weight === null ? [] : [`weight: ${weight}`]),
      ...(rows === null ? [] : [`rows: ${rows}`]),
    ];
    return `{ ${[`file: ${file}`, ...others].join(", ")} }`;
  });
  const parts = (["train", "validation", "test"] as const).flatMap((part) =>
    copied[part] === null ? [] : [`${part}: ${copied[part]}`],
  );
  return [...parts, ...(mixed.length === 0 ? [] : [`mix: [${mixed.join(", ")}]`])];
}

/**
 * Maximum number of copies to compare. For every held-out row that repeats a training row, each round removes the
 * nearest training row.
 */
const maxRounds = 10;
const none: TouchedRows = new Map();
type Part = CleanedFile["part"];

/** The file beside a copy with the rows that it leaves out because they cannot be used. */
function unusableName(copy: string): string {
  return copy.replace(/\.jsonl$/, "-unusable.jsonl");
}

/** Writes the files of a copy, and finds rows that repeat others in it. */
class CopyWriter {
  /** Files of the latest copy. */
  copies: FileCopy[] = [];
  /** Log lines, one per changed row. */
  log: string[] = [];
  readonly #loaded: LoadedRecipe;
  readonly #data: DataSection;
  readonly #refused: DataCheck["refused"];
  readonly #runtime: Runtime;
  readonly #redact: Redact;

  constructor(loaded: LoadedRecipe, data: DataSection, refused: DataCheck["refused"], runtime: Runtime) {
    this.#loaded = loaded;
    this.#data = data;
    this.#refused = refused;
    this.#runtime = runtime;
    this.#redact = redactor(loaded.recipe.data.split.seed);
  }

  async write(draft: string, touched: TouchedRows): Promise<void> {
    this.copies = [];
    this.log = [];
    for (const { part, source: file } of dataSources(this.#data)) {
      const number = this.copies.length + 1;
      const name = part === "train" && this.#data.mix !== null ? `train-${number}.jsonl` : `${part}.jsonl`;
      this.#runtime.signal.throwIfAborted();
      const sources: CopiedFile[] = [];
      for (const { path, shown } of await sourceFiles(resolve(this.#loaded.folder, file), file)) {
        const { unusable } = await readExamples(path, shown, { ...this.#data, badRows: "skip" });
        const known = new Map([...unusable, ...this.#refusedIn(shown)]);
        sources.push({ path, shown, touched: touched.get(shown) ?? new Map(), unusable: known });
      }
      const copy = new FileCopy({
        file,
        name,
        columns: this.#data.columns,
        documents: documentsIn(this.#data),
        part,
        redact: this.#redact,
        log: this.log,
      });
      await writeFileAtomically(join(draft, name), copy.chunks(sources));
      if (copy.moved.length > 0)
        await writeFileAtomically(join(draft, unusableName(name)), encoded(copy.moved));
      this.copies.push(copy);
    }
  }

  /** Rows of a file that cannot be rendered. */
  #refusedIn(file: string): [row: number, issue: RowIssue<ProblemCode>][] {
    return this.#refused.filter(({ place }) => place.file === file).map((one) => [one.place.row, one]);
  }

  /** Further rows to remove from the copy, by file and row of the original. */
  async repeatsIn(draft: string): Promise<TouchedRows> {
    if (this.copies.some(({ rows }) => rows === 0)) return none;
    const { recipe } = this.#loaded;
    const data = withSources(
      this.#data,
      this.copies.map(({ name }) => name),
    );
    const found = await repeatedRows({ ...this.#loaded, recipe: { ...recipe, data } }, draft);
    const inCopy = touchedRows(found);
    const more = new Map<string, Map<number, readonly Touch[]>>();
    for (const copy of this.copies) {
      const rows = inCopy.get(copy.name) ?? new Map<number, readonly Touch[]>();
      for (const [row, touches] of rows) {
        const original = copy.kept[row - 1];
        if (original === undefined || !touches.some(({ action }) => action === "drop")) continue;
        const known = more.get(original.file) ?? new Map<number, readonly Touch[]>();
        more.set(original.file, known.set(original.row, touches));
      }
    }
    return more;
  }
}

function joined(one: TouchedRows, other: TouchedRows): TouchedRows {
  const all = new Map([...one].map(([file, rows]) => [file, new Map(rows)]));
  for (const [file, rows] of other) all.set(file, new Map([...(all.get(file) ?? []), ...rows]));
  return all;
}

function removedBy(copies: readonly FileCopy[]): CleanedData["removed"] {
  const counts = new Map<string, number>();
  for (const { removed } of copies)
    for (const [code, rows] of removed) counts.set(code, (counts.get(code) ?? 0) + rows);
  return [...counts].map(([code, rows]) => ({ code, rows })).sort((a, b) => b.rows - a.rows);
}

async function* encoded(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const line of lines) yield Buffer.from(`${line}\n`);
}

/** Bytes to buffer before a write. */
const chunkBytes = 2 ** 20;

/** A touch, or a row that goes to the file of unusable rows. */
type Change = Omit<Touch, "action"> & { readonly action: Touch["action"] | "move" };

/** An original file, with what is known about its records by number. */
interface CopiedFile {
  readonly path: string;
  readonly shown: string;
  readonly touched: ReadonlyMap<number, readonly Touch[]>;
  /** Records that cannot be read as examples or rendered, for example because of an unknown role. */
  readonly unusable: ReadonlyMap<number, RowIssue<ProblemCode>>;
}

/** Inputs for copying a part. */
interface CopyInput {
  /** File, folder or pattern in the recipe. */
  readonly file: string;
  /** File name of the copy. */
  readonly name: string;
  readonly columns: DataSection["columns"];
  readonly documents: SampleBy | null;
  readonly part: Part;
  readonly redact: Redact;
  /** Log lines, one per changed row. */
  readonly log: string[];
}

/** Copies the files of a part and counts the changes. */
class FileCopy {
  rows = 0;
  dropped = 0;
  redacted = 0;
  /** Lines of unusable records, as they were. */
  readonly moved: string[] = [];
  /** Rows of the originals that the copy contains, in order. */
  readonly kept: { readonly file: string; readonly row: number }[] = [];
  /** Number of dropped rows by code. */
  readonly removed = new Map<string, number>();
  readonly part: Part;
  readonly file: string;
  readonly name: string;

  private readonly input: CopyInput;

  constructor(about: CopyInput) {
    this.input = about;
    [this.part, this.file, this.name] = [about.part, about.file, about.name];
  }

  async *chunks(sources: readonly CopiedFile[]): AsyncGenerator<Uint8Array> {
    let buffered: string[] = [];
    let size = 0;
    for (const source of sources) {
      for await (const row of readFileRows(
        source.path,
        source.shown,
        this.input.columns,
        this.input.documents,
      )) {
        const line = this.lineOf(row, source);
        if (line === null) continue;
        this.rows++;
        this.kept.push({ file: source.shown, row: row.at.row });
        buffered.push(line, "\n");
        size += line.length;
        if (size < chunkBytes) continue;
        yield Buffer.from(buffered.join(""));
        [buffered, size] = [[], 0];
      }
    }
    yield Buffer.from(buffered.join(""));
  }

  private lineOf(row: FileRow, { shown, touched, unusable }: CopiedFile): string | null {
    const issue = "fields" in row ? unusable.get(row.at.row) : row.issue;
    if (issue !== undefined) {
      this.dropped++;
      const line = "fields" in row ? row.json : row.text;
      if (line !== undefined) this.moved.push(line);
      const { code, reason } = issue;
      this.logChange(shown, row.at, { action: line === undefined ? "drop" : "move", code, reason });
      return null;
    }
    if (!("fields" in row)) return null;
    const touches = touched.get(row.at.row) ?? [];
    const drop = touches.find(({ action }) => action === "drop");
    for (const touch of drop ? [drop] : touches) this.logChange(shown, row.at, touch);
    if (drop !== undefined) {
      this.dropped++;
      return null;
    }
    if (touches.length === 0) return row.json;
    this.redacted++;
    return JSON.stringify(redactFields(row.fields, this.input.redact) as Fields);
  }

  private logChange(file: string, at: RowInFile, { action, code, reason, other }: Change): void {
    if (action !== "redact") this.removed.set(code, (this.removed.get(code) ?? 0) + 1);
    const { input } = this;
    const entry = {
      file,
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
