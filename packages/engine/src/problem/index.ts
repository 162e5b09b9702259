/** @file Findings and errors of models, tokenizers and training, and the catalog that words them. */
import { type ProblemCatalog, problemCatalog, systemEntries } from "@tunewise/core/problem";
import { engineOwnEntries } from "./engine-problems.ts";
import { modelEntries } from "./model-problems.ts";
import { tokenizerEntries } from "./tokenizer-problems.ts";

export * from "@tunewise/core/problem";

/** A code of this package or its dependencies. */
export type ProblemCode =
  | keyof typeof engineOwnEntries
  | keyof typeof modelEntries
  | keyof typeof tokenizerEntries
  | keyof typeof systemEntries;

/** Entries of this package only, for the catalogs of dependent packages. */
export const engineEntries: typeof engineOwnEntries & typeof modelEntries & typeof tokenizerEntries = {
  ...engineOwnEntries,
  ...modelEntries,
  ...tokenizerEntries,
};

const catalog: ProblemCatalog<ProblemCode> = problemCatalog({ ...systemEntries, ...engineEntries });

/** An error of the catalog, to be thrown by the caller. */
export const problem: ProblemCatalog<ProblemCode>["problem"] = catalog.problem;
