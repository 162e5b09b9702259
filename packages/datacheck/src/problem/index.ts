/** @file Findings and errors about rows, and the catalog that words them. */
import {
  type Finding,
  type ProblemCatalog,
  type ProblemKind,
  problemCatalog,
  systemEntries,
} from "@tunewise/core/problem";
import { checkEntries } from "./check-problems.ts";
import { dataEntries } from "./data-problems.ts";

export * from "@tunewise/core/problem";

/** A code of this package or of the packages it depends on. */
export type ProblemCode = keyof typeof checkEntries | keyof typeof dataEntries | keyof typeof systemEntries;

/** The entries of this package, without dependencies, for catalogs of dependent packages. */
export const datacheckEntries: typeof checkEntries & typeof dataEntries = {
  ...checkEntries,
  ...dataEntries,
};

const catalog: ProblemCatalog<ProblemCode> = problemCatalog({ ...systemEntries, ...datacheckEntries });

/** Creates an error of the catalog. The caller throws it. */
export const problem: ProblemCatalog<ProblemCode>["problem"] = catalog.problem;

/** Creates a finding with the catalog's text. */
export const findingOf: ProblemCatalog<ProblemCode>["findingOf"] = catalog.findingOf;

/** Whether a finding says that held-out rows are also in training, in any form. */
export function isLeak({ code }: Pick<Finding, "code">): boolean {
  const kinds: Readonly<Record<string, ProblemKind | undefined>> = catalog.kinds;
  return kinds[code]?.area === "leak";
}
