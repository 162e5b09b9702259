/** @file The folder of a run: its name, its layout, and atomic file writes. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  disk,
  draftPrefix,
  errorCode,
  errorReason,
  type FileContent,
  type FileOperations,
  replaceFile,
} from "@tunewise/core/files";
import { problem } from "./problem/index.ts";

/** Paths inside a run folder. tunewise reads only these. */
export interface RunFolder {
  readonly path: string;
  /** The recipe, byte for byte. */
  readonly recipe: string;
  /** The effective configuration, with defaults. */
  readonly configuration: string;
  /** The approved plan. */
  readonly plan: string;
  /** The recipe's original location, to which its file names are relative. */
  readonly origin: string;
  readonly events: string;
  /** Everything recorded in the store about the run, in order; the store can be rebuilt from it. */
  readonly record: string;
  readonly checkpoints: string;
  /** The PEFT adapter, if that is the run's result. */
  readonly adapter: string;
  /** The trained weights of a full fine-tune. */
  readonly weights: string;
  /** Importance of weights for retained skills, used by later tasks. */
  readonly fisher: string;
  /** The model's results before and after training, item by item. */
  readonly forgetting: string;
  /** The prompts and answers of the safety check. */
  readonly safety: string;
  readonly reportMarkdown: string;
  readonly reportHtml: string;
  readonly lock: string;
}

/** The paths of the run folder at `path`, without disk access. */
export function runFolderAt(path: string): RunFolder {
  return {
    path,
    recipe: join(path, "recipe.yaml"),
    configuration: join(path, "configuration.json"),
    plan: join(path, "plan.json"),
    origin: join(path, "origin.json"),
    events: join(path, "events.jsonl"),
    record: join(path, "record.jsonl"),
    checkpoints: join(path, "checkpoints"),
    adapter: join(path, "adapter"),
    weights: join(path, "weights"),
    fisher: join(path, "fisher.safetensors"),
    forgetting: join(path, "forgetting.json"),
    safety: join(path, "safety.json"),
    reportMarkdown: join(path, "report.md"),
    reportHtml: join(path, "report.html"),
    lock: join(path, "lock"),
  };
}

/** Whether a name is that of a draft, which exists only while a file or folder is written. */
export function isDraft(name: string): boolean {
  return name.startsWith(draftPrefix);
}

/**
 * Removes drafts that a kill or a disk failure left in a run folder. Checkpoints clean up their own.
 *
 * @param folder of a run whose lock is held
 */
export async function removeDrafts(
  { path, adapter, weights }: Pick<RunFolder, "path" | "adapter" | "weights">,
  files: Pick<FileOperations, "list" | "remove"> = disk,
): Promise<void> {
  for (const part of [path, adapter, weights]) {
    const names = await files.list(part).catch((): string[] => []);
    // A draft that cannot be removed is harmless, and the next session tries again.
    for (const name of names.filter(isDraft)) await files.remove(join(part, name)).catch(() => undefined);
  }
}

/**
 * Creates `<output>/runs/<id>/` with the recipe and the configuration in it.
 *
 * @param output the recipe's output folder; created if missing
 * @param id as returned by `makeRunId`
 * @throws {TunewiseError} `RUN_EXISTS` if the folder already exists, `RUN_FILE_WRITE_FAILED`
 */
export async function createRunFolder(
  output: string,
  id: string,
  content: { readonly recipeText: string; readonly configuration: string },
  files: FileOperations = disk,
): Promise<RunFolder> {
  const runs = join(output, "runs");
  const folder = runFolderAt(join(runs, id));
  const failed = (cause: unknown): Error => {
    const about = { path: folder.path, folder: output, reason: errorReason(cause) };
    return problem("RUN_FILE_WRITE_FAILED", about, { cause });
  };
  await files.makeFolder(runs).catch((cause: unknown) => {
    throw failed(cause);
  });
  try {
    await mkdir(folder.path);
    await files.makeFolder(folder.checkpoints);
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") throw problem("RUN_EXISTS", { id, path: folder.path }, { cause });
    throw failed(cause);
  }
  await writeWholeFile(folder.recipe, content.recipeText, files);
  await writeWholeFile(folder.configuration, content.configuration, files);
  await files.syncFolder(runs);
  return folder;
}

/** Maximum length of the run name's part in its id. */
const maxNameChars = 40;

/**
 * A new run id such as `20261124-204512-tickets-7f3a`: time in UTC, name, random part.
 *
 * @param name any text; characters other than letters and digits become hyphens, because the id is a folder name
 * @param random a number in [0, 1)
 */
export function makeRunId(name: string, now: Date, random: number): string {
  const time = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const words = name
    .normalize("NFKD")
    .toLowerCase()
    .slice(0, 200)
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, maxNameChars)
    .replace(/^-|-$/g, "");
  const tail = Math.floor(random * 0x10000)
    .toString(16)
    .padStart(4, "0");
  return `${time}-${words || "run"}-${tail}`;
}

/** Whether a text is a valid run id and therefore a safe folder name. */
export function isRunId(text: string): boolean {
  return /^\d{8}-\d{6}-[a-z0-9][a-z0-9-]{0,39}-[0-9a-f]{4}$/.test(text);
}

/**
 * Writes a file atomically: readers see either the old or the new content.
 *
 * @param path in an existing folder
 * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; the old content is unchanged
 */
export async function writeWholeFile(
  path: string,
  content: FileContent,
  files: FileOperations = disk,
): Promise<void> {
  try {
    await replaceFile(path, content, files);
  } catch (cause) {
    throw problem(
      "RUN_FILE_WRITE_FAILED",
      { path, folder: dirname(path), reason: errorReason(cause) },
      { cause },
    );
  }
}
