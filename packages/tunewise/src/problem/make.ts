/** @file Creates errors and findings from the catalog. */
import { type ProblemCatalog, type ProblemKind, problemCatalog } from "@tunewise/core/problem";
import { entries, type ProblemCode } from "./catalog/index.ts";

const catalog: ProblemCatalog<ProblemCode> = problemCatalog(entries);

/** Creates an error of the catalog, which the caller throws. */
export const problem: ProblemCatalog<ProblemCode>["problem"] = catalog.problem;

/** Creates a finding, worded by the catalog. */
export const findingOf: ProblemCatalog<ProblemCode>["findingOf"] = catalog.findingOf;

/** The catalog entry of a code, or `undefined` if the text is not a code. */
export function problemKind(code: string): ProblemKind | undefined {
  return Object.hasOwn(catalog.kinds, code) ? catalog.kinds[code as ProblemCode] : undefined;
}

/** All codes, sorted. */
export function problemCodes(): string[] {
  return Object.keys(catalog.kinds).sort();
}
