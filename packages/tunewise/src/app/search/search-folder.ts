/** @file The folder of a search, `searches/ID/` next to the runs, with its settings and state. */

import { existsSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readTextFile } from "@tunewise/core/untrusted";
import { makeRunId, writeWholeFile } from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";
import type { SearchDocument } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { SearchCosts } from "./search-money.ts";
import type { StoredSite } from "./search-site.ts";
import type { DerivedValues } from "./space.ts";

/** Paths inside the folder. */
export interface SearchFolder {
  readonly id: string;
  readonly path: string;
  readonly recipe: string;
  readonly settings: string;
  /** Proposals and results, in order. */
  readonly records: string;
  /** Each trial's run, and the earlier cost of that run. */
  readonly runs: string;
  /** Idle machine time. */
  readonly idle: string;
  readonly lock: string;
  /** Exists after the range test has finished, if there is one. */
  readonly rangeTest: string;
  /** Exists after the search has finished. */
  readonly document: string;
  readonly reportMarkdown: string;
  readonly reportHtml: string;
}

/**
 * Settings of a search in addition to its recipe. The speed is measured only once, so that decisions can be reproduced.
 */
export interface StoredSearch {
  readonly format_version: 1;
  readonly created: string;
  /** SHA-256 of recipe, rows and model. */
  readonly fingerprint: string;
  readonly recipe_path: string;
  readonly left_open: DerivedValues;
  /** Matrix multiplication rate for the plans of trials, in FLOP/s; `null` if not measured. */
  readonly flops_per_second: number | null;
  readonly money: SearchCosts;
  /** The worker that trains; omitted for the engine. */
  readonly site?: StoredSite;
}

/** A search on disk. */
export interface FoundSearch {
  readonly folder: SearchFolder;
  readonly stored: StoredSearch;
  readonly isEnded: boolean;
}

/** Returns the newest search with this fingerprint, or `null`. */
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

/** Creates the folder of a new search. Writes the settings last, because a folder without them is ignored. */
export async function createSearch(
  output: string,
  name: string,
  recipeText: string,
  about: Omit<StoredSearch, "format_version" | "created">,
  runtime: Runtime,
): Promise<FoundSearch> {
  const created = runtime.now();
  const folder = folderAt(output, makeRunId(`${name}-search`, created, runtime.random()));
  const stored: StoredSearch = { format_version: 1, created: created.toISOString(), ...about };
  await mkdir(folder.path, { recursive: true });
  await writeWholeFile(folder.recipe, recipeText);
  await writeWholeFile(folder.settings, `${JSON.stringify(stored, null, 2)}\n`);
  return { folder, stored, isEnded: false };
}

function folderAt(output: string, id: string): SearchFolder {
  const path = join(output, "searches", id);
  return {
    id,
    path,
    recipe: join(path, "recipe.yaml"),
    settings: join(path, "settings.json"),
    records: join(path, "records.jsonl"),
    runs: join(path, "runs.jsonl"),
    lock: join(path, "lock"),
    idle: join(path, "idle.jsonl"),
    rangeTest: join(path, "range-test.json"),
    document: join(path, "search.json"),
    reportMarkdown: join(path, "report.md"),
    reportHtml: join(path, "report.html"),
  };
}

/** Returns `null` if the folder has no settings or they are from another version. */
async function readStored({ settings }: SearchFolder): Promise<StoredSearch | null> {
  try {
    const stored = JSON.parse(await readTextFile(settings)) as StoredSearch;
    return stored.format_version === 1 ? stored : null;
  } catch {
    return null;
  }
}

/** Maximum size of a search document. */
const maxDocumentBytes = 64 * 1024 * 1024;

/**
 * Reads the document of a finished search.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readSearchDocument({
  document: path,
}: {
  readonly document: string;
}): Promise<SearchDocument> {
  try {
    if ((await stat(path)).size > maxDocumentBytes) throw new Error("it is too large");
    const document = JSON.parse(await readTextFile(path)) as SearchDocument;
    if (document.format_version !== 1) throw new Error("it is of another version");
    return document;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it cannot be read";
    throw problem("RUN_FILE_UNREADABLE", { path, reason }, { cause });
  }
}
