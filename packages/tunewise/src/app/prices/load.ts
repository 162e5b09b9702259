/**
 * @file Loads the effective price book. The user's file overrides the stored update, which overrides the shipped
 * snapshot.
 */
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { parseJson, readTextFile } from "@tunewise/core/untrusted";
import {
  emptyPrices,
  maxPriceFileLength,
  mergePrices,
  type PriceBook,
  type PriceReading,
  readStoredPrices,
  readUserPrices,
  readUserTable,
  shippedPrices,
} from "../../catalog/index.ts";
import { type Finding, type Place, problem } from "../../problem/index.ts";
import { readYaml } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** Prices with their sources and findings. */
export interface LoadedPrices {
  readonly prices: PriceBook;
  /** Errors in the user's file block a plan. An unusable stored update is only a warning. */
  readonly findings: readonly Finding[];
  /** Absolute path of the stored update; `null` if it does not exist. */
  readonly storedFile: string | null;
  /** Absolute path of the user's file; `null` if there is none. */
  readonly userFile: string | null;
}

/** Default names of the user's file, in order of preference. */
const userFileNames = ["prices.yaml", "prices.yml", "prices.json", "prices.csv"];

/** Maximum length of a JSON file that is read with positions, which need memory. */
const placedLength = 200_000;

/**
 * Loads the price book. Later sources replace rows with the same key. Never uses the network.
 *
 * Findings: those of `readUserPrices`, and `PRICES_FILE_INVALID` as a warning for an unusable stored update.
 *
 * @param recipeFolder folder to search for the user's file; `null` to skip the search
 * @param named the user's file if a recipe or flag names it, relative to the folder
 * @throws {TunewiseError} `PRICES_FILE_NOT_FOUND` for a missing named file
 */
export async function loadPriceBook(
  runtime: Runtime,
  recipeFolder: string | null,
  named: string | null = null,
): Promise<LoadedPrices> {
  const stored = await loadStored(runtime);
  const userFile = await findUserFile(runtime, recipeFolder, named);
  const own = userFile === null ? nothing : await loadUser(userFile);
  const base = withoutReplaced(shippedPrices(), stored.prices);
  return {
    prices: mergePrices(base, stored.prices, own.prices),
    findings: [...stored.findings, ...own.findings],
    storedFile: stored.path,
    userFile,
  };
}

/** Path of the file that `tunewise prices update` writes. */
export function storedPricesPath(runtime: Runtime): string {
  return join(runtime.sources.cacheFolder, "prices", "prices.json");
}

/** Days since prices were downloaded; `null` if never, so that the shipped prices apply. */
export async function storedPricesAge(runtime: Runtime): Promise<number | null> {
  const found = await stat(storedPricesPath(runtime)).catch(() => null);
  return found === null ? null : Math.max(0, (runtime.now().getTime() - found.mtimeMs) / 86_400_000);
}

const nothing: PriceReading = { prices: emptyPrices, findings: [] };

/** Loads the stored update. Errors in it become a warning. */
export async function loadStored(runtime: Runtime): Promise<PriceReading & { readonly path: string | null }> {
  const path = storedPricesPath(runtime);
  const text = await readBounded(path);
  if (text === null) return { ...nothing, path: null };
  const reading = readStoredPrices({ value: jsonOrNull(text), path, placeOf: () => ({ file: path }) });
  if (reading.findings.length === 0) return { ...reading, path };
  const findings = reading.findings.slice(0, 1).map((one): Finding => ({ ...one, severity: "warning" }));
  return { prices: reading.prices, findings, path };
}

/** Drops snapshot rows for a provider's devices that the update covers. */
function withoutReplaced(shipped: PriceBook, stored: PriceBook): PriceBook {
  const keyOf = ({ provider, device }: { provider: string; device: string }): string =>
    `${provider} ${device}`;
  const replaced = new Set(stored.machines.map(keyOf));
  return { ...shipped, machines: shipped.machines.filter((row) => !replaced.has(keyOf(row))) };
}

async function findUserFile(
  runtime: Runtime,
  folder: string | null,
  named: string | null,
): Promise<string | null> {
  if (named !== null) {
    const path = resolve(runtime.cwd, folder ?? "", named);
    if (await isFile(path)) return path;
    throw problem("PRICES_FILE_NOT_FOUND", { path: named });
  }
  if (folder === null) return null;
  for (const name of userFileNames) {
    const path = resolve(runtime.cwd, folder, name);
    if (await isFile(path)) return path;
  }
  return null;
}

async function loadUser(path: string): Promise<PriceReading> {
  const shown = basename(path);
  const text = await readBounded(path);
  if (text === null) return readUserPrices({ value: null, path: shown, placeOf: () => ({ file: shown }) });
  if (/\.csv$/i.test(path)) return readUserTable(text, shown);
  if (/\.json$/i.test(path) && text.length > placedLength) {
    return readUserPrices({ value: jsonOrNull(text), path: shown, placeOf: () => ({ file: shown }) });
  }
  // YAML 1.2 includes JSON, so this gives positions for both.
  const { value, problems, placeOfValue } = readYaml(text, shown);
  if (problems.length === 0) return readUserPrices({ value, path: shown, placeOf: placeOfValue });
  return { prices: emptyPrices, findings: problems.map((one) => invalid(shown, one.detail, one.where)) };
}

/** Converts a parse error to a finding about price files. */
function invalid(path: string, detail: string, where: readonly Place[]): Finding {
  const { kind, message, fix } = problem("PRICES_FILE_INVALID", { path, reason: detail });
  return {
    code: "PRICES_FILE_INVALID",
    severity: "error",
    title: kind.title,
    detail: message,
    where,
    count: 1,
    fix,
  };
}

/** Reads a file. Returns `null` if it is missing, unreadable or too large. */
async function readBounded(path: string): Promise<string | null> {
  const size = await stat(path).then(
    ({ size }) => size,
    () => null,
  );
  if (size === null || size > maxPriceFileLength) return null;
  return readTextFile(path).catch(() => null);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function jsonOrNull(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
