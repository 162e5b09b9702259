/** @file Errors and findings, made from the catalog. */
import { type ProblemCatalog, type ProblemKind, problemCatalog } from "@tunewise/core/problem";
import { entries, type ProblemCode } from "./catalog/index.ts";

const catalog: ProblemCatalog<ProblemCode> = problemCatalog(entries);

/** An error of the catalog, to be thrown by the caller. */
export const problem: ProblemCatalog<ProblemCode>["problem"] = catalog.problem;

/** A finding in the words of the catalog. */
export const findingOf: ProblemCatalog<ProblemCode>["findingOf"] = catalog.findingOf;

/** The catalog entry of a code, or `undefined` for a word that is none. */
export function problemKind(code: string): ProblemKind | undefined {
  return Object.hasOwn(catalog.kinds, code) ? catalog.kinds[code as ProblemCode] : undefined;
}

/** All codes, sorted. */
export function problemCodes(): string[] {
  return Object.keys(catalog.kinds).sort();
}
