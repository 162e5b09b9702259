/** @file Findings and errors of the record of runs, and the catalog that words them. */
import { type ProblemCatalog, problemCatalog, systemEntries } from "@tunewise/core/problem";
import { moveEntries } from "./move-problems.ts";
import { storeEntries } from "./store-problems.ts";

export * from "@tunewise/core/problem";

/** A code of this package, or of those below it. */
export type ProblemCode = keyof typeof storeEntries | keyof typeof moveEntries | keyof typeof systemEntries;

/** Entries of this package alone, for catalogs above it. */
export const trackerEntries: typeof storeEntries & typeof moveEntries = { ...storeEntries, ...moveEntries };

const catalog: ProblemCatalog<ProblemCode> = problemCatalog({ ...systemEntries, ...trackerEntries });

/** An error of the catalog, to be thrown by the caller. */
export const problem: ProblemCatalog<ProblemCode>["problem"] = catalog.problem;
