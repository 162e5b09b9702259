/** @file Errors and findings, made from the catalog. */
import { type ProblemCode, problems } from "./catalog/index.ts";
import { type Place, type ProblemArguments, type ProblemKind, TunewiseError } from "./problem.ts";

/**
 * An error of the catalog, to be thrown by the caller.
 *
 * @param params numbers and names for the message; never a secret
 * @example throw problem("RECIPE_NOT_FOUND", { path: "tunewise.yaml" })
 */
export function problem(
  code: ProblemCode,
  params: ProblemArguments = {},
  context: { where?: Place; cause?: unknown } = {},
): TunewiseError {
  return new TunewiseError(code, problems[code], params, context.where, context.cause);
}

/** The catalog entry of a code, or `undefined` for a word that is none. */
export function problemKind(code: string): ProblemKind | undefined {
  return Object.hasOwn(problems, code) ? problems[code as ProblemCode] : undefined;
}

/** All codes, sorted. */
export function problemCodes(): string[] {
  return Object.keys(problems).sort();
}

/** How many places a finding shows; its count says how many there are. */
export const placesShown = 5;

/**
 * A finding worded by the problem catalog.
 *
 * @param params numbers and names for the sentences
 * @param where places concerned; the first few are kept
 * @param count how many there are in all
 */
export function findingOf(
  code: ProblemCode,
  severity: Severity,
  params: Readonly<Record<string, string | number>>,
  where: readonly Place[],
  count: number,
): Finding {
  const worded = problem(code, params);
  return {
    ...{ code, severity, title: worded.kind.title, detail: worded.message },
    ...{ where: where.slice(0, placesShown), count, fix: worded.fix },
  };
}

/** `data.jsonl:7`, as in compilers' messages; `data.parquet row 7` where a file has no lines. */
export function placeText({ file, row, line, column }: Place): string {
  if (line !== undefined) return [file, line, column].filter((part) => part !== undefined).join(":");
  return row === undefined ? file : `${file} row ${row}`;
}

/** Tells rows apart, two in one line too. */
export function placeKey({ file, row, line }: Place): string {
  return `${row ?? line ?? 0}:${file}`;
}

/** `error` blocks a run, `warning` asks for a look, `note` informs. */
export type Severity = "error" | "warning" | "note";

/**
 * One observation with its evidence and its fix. Checks collect all and never stop at the first.
 *
 * @example
 * import { checkData } from "tunewise/check";
 * import { createRuntime, type Finding, loadRecipe } from "tunewise/plan";
 *
 * const textOf = ({ code, severity, count }: Finding): string => `${severity} ${code} ${count}`;
 * const runtime = createRuntime();
 * const { findings } = await checkData(await loadRecipe("tunewise.yaml", runtime), runtime);
 * console.log(findings.map(textOf)[0]); // warning DATA_JSON_INVALID 1
 */
export interface Finding {
  /** Upper snake, subject first: `DATA_ROW_UNUSABLE`. */
  readonly code: string;
  readonly severity: Severity;
  /** A few words. */
  readonly title: string;
  /** One sentence with the numbers. */
  readonly detail: string;
  /** Places concerned, at most a few; `count` says how many there are in all. */
  readonly where: readonly Place[];
  readonly count: number;
  /** One thing to do. */
  readonly fix: string;
}
