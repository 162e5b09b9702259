/**
 * @file Downloads and stores the public price lists. This is the only code for prices that uses the network, and it
 * runs only on request.
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { writeWholeFile } from "@tunewise/tracker";
import { mergePrices, type PriceBook, storedText, trimPrices } from "../../catalog/index.ts";
import { type Finding, problem, TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type FetchPatience, fetchBounded, fetchPatience } from "./fetch.ts";
import { type PublicList, publicLists } from "./lists.ts";
import { loadStored, storedPricesPath } from "./load.ts";

/** Options of an update. */
export interface UpdateOptions {
  /** Address of a mirror that has the lists' files below `skypilot/`, `gpuhunt/` and `llm-prices/`. */
  readonly mirror?: string;
  readonly patience?: FetchPatience;
  readonly onProgress?: (progress: UpdateProgress) => void;
}

/** Download progress of a file. */
export interface UpdateProgress {
  readonly list: string;
  readonly doneBytes: number;
  readonly totalBytes: number | null;
}

/** Result for one list. */
export interface ListOutcome {
  readonly list: string;
  /** Number of rows read; 0 on failure. */
  readonly rows: number;
  /** Why the list could not be updated; `null` on success. */
  readonly failure: string | null;
}

/** Result of an update. */
export interface PriceUpdate {
  /** Path of the stored file. */
  readonly path: string;
  readonly lists: readonly ListOutcome[];
  /** Number of rows stored. */
  readonly machines: number;
  readonly inference: number;
  /** `PRICES_SOURCE_FAILED` for lists that failed, and findings of the parsers. */
  readonly findings: readonly Finding[];
}

/**
 * Downloads all lists sequentially. A list that fails keeps its earlier rows.
 *
 * @throws {TunewiseError} `USAGE_VALUE_INVALID` for an invalid mirror address, `PRICES_UPDATE_FAILED` if no list could
 *   be updated, `RUN_FILE_WRITE_FAILED`; or the abort reason
 */
export async function updatePrices(runtime: Runtime, options: UpdateOptions = {}): Promise<PriceUpdate> {
  const ask = runtime.sources.fetch;
  if (ask === null) throw failed("the network is switched off (HF_HUB_OFFLINE=1)");
  checkMirror(options.mirror);
  const fetched: Fetched = { books: [], lists: [], findings: [] };
  for (const list of publicLists) await fetchList(list, runtime, ask, options, fetched);
  runtime.signal.throwIfAborted();
  const failures = fetched.lists.filter(({ failure }) => failure !== null);
  if (failures.length === fetched.lists.length) throw failed(failures[0]?.failure ?? "there is none");
  const updated = fetched.lists.filter(({ failure }) => failure === null).map(({ list }) => list);
  const before = await loadStored(runtime);
  const book = trimPrices(mergePrices(withoutLists(before.prices, updated), ...fetched.books));
  const path = storedPricesPath(runtime);
  await mkdir(dirname(path), { recursive: true });
  await writeWholeFile(path, storedText(book));
  const { lists, findings } = fetched;
  return { path, lists, machines: book.machines.length, inference: book.inference.length, findings };
}

interface Fetched {
  readonly books: PriceBook[];
  readonly lists: ListOutcome[];
  readonly findings: Finding[];
}

function checkMirror(mirror: string | undefined): void {
  if (mirror === undefined || (URL.canParse(mirror) && /^https?:/i.test(mirror))) return;
  const about = {
    expected: "an address that starts with https:// or http://",
    found: JSON.stringify(mirror.slice(0, 60)),
  };
  throw problem("USAGE_VALUE_INVALID", {
    name: "--from",
    ...about,
    fix: "--from https://mirror.example/prices",
  });
}

async function fetchList(
  list: PublicList,
  runtime: Runtime,
  ask: typeof fetch,
  { mirror, patience = fetchPatience, onProgress }: UpdateOptions,
  into: Fetched,
): Promise<void> {
  const root = mirror === undefined ? list.root : `${mirror.replace(/\/+$/, "")}/${list.mirror}`;
  const fetchFile = (address: string, maxBytes: number): Promise<Uint8Array> =>
    fetchBounded(ask, {
      address,
      maxBytes,
      signal: runtime.signal,
      patience,
      onProgress: (doneBytes, totalBytes) => onProgress?.({ list: list.name, doneBytes, totalBytes }),
    });
  try {
    const { prices, findings } = await list.read(root, fetchFile, runtime.now().toISOString().slice(0, 10));
    const rows = prices.machines.length + prices.inference.length;
    if (rows === 0) throw new Error("it holds no prices that can be used");
    into.books.push(prices);
    into.findings.push(...findings);
    into.lists.push({ list: list.name, rows, failure: null });
  } catch (error) {
    runtime.signal.throwIfAborted();
    const reason = reasonOf(error);
    into.lists.push({ list: list.name, rows: 0, failure: reason });
    into.findings.push(failureFinding(list.name, reason));
  }
}

/** Drops the old rows of updated lists, so that discontinued offers disappear. */
function withoutLists(book: PriceBook, names: readonly string[]): PriceBook {
  const stays = ({ source }: { source: { name: string } }): boolean =>
    !names.some((name) => source.name === name || source.name.startsWith(`${name} `));
  return {
    machines: book.machines.filter(stays),
    training: book.training.filter(stays),
    inference: book.inference.filter(stays),
  };
}

function reasonOf(error: unknown): string {
  if (TunewiseError.is(error)) return String(error.params["reason"] ?? error.message);
  return error instanceof Error ? error.message : String(error);
}

function failureFinding(source: string, reason: string): Finding {
  const code = "PRICES_SOURCE_FAILED";
  const { kind, message, fix } = problem(code, { source, reason });
  return { code, severity: "warning", title: kind.title, detail: message, where: [], count: 1, fix };
}

function failed(reason: string): Error {
  return problem("PRICES_UPDATE_FAILED", { sources: publicLists.length, reason });
}
