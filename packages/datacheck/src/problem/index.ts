/** @file Findings and errors about rows, and the catalog that words them. */
import { type ProblemCatalog, problemCatalog, systemEntries } from "@tunewise/core/problem";
import { checkEntries } from "./check-problems.ts";
import { dataEntries } from "./data-problems.ts";

export * from "@tunewise/core/problem";

/** A code of this package, or of those below it. */
export type ProblemCode = keyof typeof checkEntries | keyof typeof dataEntries | keyof typeof systemEntries;

/** Entries of this package alone, for catalogs above it. */
export const datacheckEntries: typeof checkEntries & typeof dataEntries = {
  ...checkEntries,
  ...dataEntries,
};

const catalog: ProblemCatalog<ProblemCode> = problemCatalog({ ...systemEntries, ...datacheckEntries });

/** An error of the catalog, to be thrown by the caller. */
export const problem: ProblemCatalog<ProblemCode>["problem"] = catalog.problem;

/** A finding in the words of the catalog. */
export const findingOf: ProblemCatalog<ProblemCode>["findingOf"] = catalog.findingOf;
