/**
 * @file The folder of a search, `searches/ID/` beside the runs: what it was opened with, and all that it remembers.
 */

import { existsSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "../../problem/index.ts";
import type { SearchDocument } from "../../report/index.ts";
import type { Host } from "../../runtime/index.ts";
import { makeRunId, writeWholeFile } from "../../track/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import type { PlainMoney } from "./search-money.ts";
import type { LeftOpen } from "./space.ts";

/** Paths inside the folder. */
export interface SearchFolder {
  readonly id: string;
  readonly path: string;
  readonly recipe: string;
  readonly settings: string;
  /** Answers and results, in order. */
  readonly records: string;
  /** Which run a trial is, and what that had cost before. */
  readonly runs: string;
  /** What of the machine stood idle meanwhile. */
  readonly idle: string;
  readonly lock: string;
  /** There once the range test has ended, where one is wanted. */
  readonly rangeTest: string;
  /** There once the search has ended. */
  readonly document: string;
  readonly reportMarkdown: string;
  readonly reportHtml: string;
}

/** What a search was opened with, beside its recipe: prices are measured once, so that its decisions can be repeated. */
export interface StoredSearch {
  readonly format_version: 1;
  readonly created: string;
  /** SHA-256 of recipe, rows and model. */
  readonly fingerprint: string;
  readonly recipe_path: string;
  readonly left_open: LeftOpen;
  /** Rate of matrix products that plans of trials go by, in FLOP/s; `null`: not measured. */
  readonly flops_per_second: number | null;
  readonly money: PlainMoney;
}

/** A search on disk. */
export interface FoundSearch {
  readonly folder: SearchFolder;
  readonly stored: StoredSearch;
  readonly isEnded: boolean;
}

/** The newest search with this fingerprint; `null`: there is none. */
export async function findSearch(output: string, fingerprint: string): Promise<FoundSearch | null> {
  const place = join(output, "searches");
  const ids = await readdir(place).catch(() => []);
  for (const id of ids.sort().reverse()) {
    const folder = folderAt(output, id);
    const stored = await readStored(folder);
    if (stored?.fingerprint === fingerprint) return { folder, stored, isEnded: existsSync(folder.document) };
  }
  return null;
}

/** Makes the folder of a new search; it counts once its settings are written, which is last. */
export async function createSearch(
  output: string,
  name: string,
  recipeText: string,
  about: Omit<StoredSearch, "format_version" | "created">,
  host: Host,
): Promise<FoundSearch> {
  const created = host.now();
  const folder = folderAt(output, makeRunId(`${name}-search`, created, host.random()));
  const stored: StoredSearch = { format_version: 1, created: created.toISOString(), ...about };
  await mkdir(folder.path, { recursive: true });
  await writeWholeFile(folder.recipe, recipeText);
  await writeWholeFile(folder.settings, `${JSON.stringify(stored, null, 2)}\n`);
  return { folder, stored, isEnded: false };
}

function folderAt(output: string, id: string): SearchFolder {
  const path = join(output, "searches", id);
  return {
    ...{ id, path, recipe: join(path, "recipe.yaml"), settings: join(path, "settings.json") },
    ...{ records: join(path, "records.jsonl"), runs: join(path, "runs.jsonl"), lock: join(path, "lock") },
    ...{ idle: join(path, "idle.jsonl"), rangeTest: join(path, "range-test.json") },
    document: join(path, "search.json"),
    ...{ reportMarkdown: join(path, "report.md"), reportHtml: join(path, "report.html") },
  };
}

/** A folder whose settings were never written, or are another version's, is no search of ours. */
async function readStored({ settings }: SearchFolder): Promise<StoredSearch | null> {
  try {
    const stored = JSON.parse(await readTextFile(settings)) as StoredSearch;
    return stored.format_version === 1 ? stored : null;
  } catch {
    return null;
  }
}

/** Largest file that is read. */
const documentMost = 64 * 1024 * 1024;

/**
 * Reads it back.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readSearchDocument({
  document: path,
}: {
  readonly document: string;
}): Promise<SearchDocument> {
  try {
    if ((await stat(path)).size > documentMost) throw new Error("it is too large");
    const document = JSON.parse(await readTextFile(path)) as SearchDocument;
    if (document.format_version !== 1) throw new Error("it is of another version");
    return document;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it cannot be read";
    throw problem("RUN_FILE_UNREADABLE", { path, reason }, { cause });
  }
}
