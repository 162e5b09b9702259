/** @file Findings and errors of the record of runs, and the catalog that words them. */
import { type ProblemCatalog, problemCatalog, systemEntries } from "@tunewise/core/problem";
import { budgetEntries } from "./budget-problems.ts";
import { moveEntries } from "./move-problems.ts";
import { serverEntries } from "./server-problems.ts";
import { storeEntries } from "./store-problems.ts";

export * from "@tunewise/core/problem";

/** Error codes of this package and of the operating system. */
export type ProblemCode = keyof typeof trackerEntries | keyof typeof systemEntries;

/** Entries of this package only, for catalogs of dependent packages. */
export const trackerEntries: typeof storeEntries &
  typeof moveEntries &
  typeof serverEntries &
  typeof budgetEntries = {
  ...storeEntries,
  ...moveEntries,
  ...serverEntries,
  ...budgetEntries,
};

const catalog: ProblemCatalog<ProblemCode> = problemCatalog({ ...systemEntries, ...trackerEntries });

/** Creates an error from the catalog; the caller throws it. */
export const problem: ProblemCatalog<ProblemCode>["problem"] = catalog.problem;
