/** @file `tunewise/check`: finds leaks, duplicates, faults, secrets and insecure code in data, and repairs a copy. */
import { type CleanedData, checkData as check, fixData as fix } from "../app/check/index.ts";
import type { LoadedRecipe, OnDownload } from "../prepare/index.ts";
import type { DataCheck } from "../report/index.ts";
import { runtimeOf, type WithRuntime } from "./runtime.ts";

export type { CleanedData } from "../app/check/index.ts";
export type { LoadedRecipe, OnDownload } from "../prepare/index.ts";
export { TunewiseError } from "../problem/index.ts";
export type { DataCheck } from "../report/index.ts";
export type { Runtime } from "../runtime/index.ts";
export type { WithRuntime } from "./runtime.ts";

/** Options of `checkData`. */
export interface CheckOptions extends WithRuntime {
  /** What will train. The worker on PyTorch (`torch`) computes more families than the engine. Default: `engine`. */
  readonly trainer?: "engine" | "torch";
  /** Called with the progress of each download. */
  readonly onDownload?: OnDownload;
}

/**
 * Checks a recipe's data with the model's own tokenizer.
 *
 * @throws {TunewiseError} `MODEL_NOT_FOUND`, `MODEL_CONFIG_INVALID`
 * @example
 * import { checkData } from "tunewise/check";
 * import { loadRecipe } from "tunewise/plan";
 *
 * const { splits, findings } = await checkData(await loadRecipe("tunewise.yaml"));
 * console.log(splits.map(({ name, statistics }) => [name, statistics.rows]).join(" ")); // train,48 validation,8 test,8
 * console.log(findings.some(({ severity }) => severity === "error")); // false
 */
export function checkData(
  loaded: LoadedRecipe,
  { trainer = "engine", onDownload, ...options }: CheckOptions = {},
): Promise<DataCheck> {
  return check(loaded, runtimeOf(options), onDownload, trainer === "torch" ? "torch" : "this-machine");
}

/** Options of `fixData`. */
export interface FixOptions extends WithRuntime {
  /** A missing or empty folder for the copy, relative to the recipe. Default: `cleaned`. */
  readonly to?: string;
  /** Result of `checkData` for the same recipe. Default: the data is checked first. */
  readonly check?: DataCheck;
}

/**
 * Writes a copy of the data without faulty rows, atomically. The original files are only read.
 *
 * @throws {TunewiseError} `CHECK_TARGET_TAKEN`, `CHECK_DATA_CHANGED`, `MODEL_FILE_WRITE_FAILED`
 * @example
 * import { fixData } from "tunewise/check";
 * import { loadRecipe } from "tunewise/plan";
 *
 * const { files } = await fixData(await loadRecipe("tunewise.yaml"));
 * console.log(files.map(({ part }) => part).join(" ")); // train validation test
 */
export async function fixData(
  loaded: LoadedRecipe,
  { to = "cleaned", check, ...options }: FixOptions = {},
): Promise<CleanedData> {
  return fix(loaded, runtimeOf(options), check ?? (await checkData(loaded, options)), to);
}
