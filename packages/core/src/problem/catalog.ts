/**
 * @file Makes errors and findings from a catalog. Each package has one, which includes those of the packages below it.
 */
import { type Finding, placesShown, type Severity } from "./finding.ts";
import {
  type Place,
  type ProblemArguments,
  type ProblemEntry,
  type ProblemKind,
  TunewiseError,
} from "./problem.ts";

/** Creates the errors and findings of one catalog. */
export interface ProblemCatalog<Code extends string> {
  /** Every kind of problem by code. */
  readonly kinds: Readonly<Record<Code, ProblemKind>>;

  /**
   * Creates an error of the catalog, which the caller throws.
   *
   * @param params numbers and names for the message; never a secret
   * @example throw problem("RECIPE_NOT_FOUND", { path: "tunewise.yaml" })
   */
  problem(
    code: Code,
    params?: ProblemArguments,
    context?: { readonly where?: Place; readonly cause?: unknown },
  ): TunewiseError;

  /**
   * Creates a finding, worded by the catalog.
   *
   * @param params numbers and names for the sentences
   * @param where affected places; the first few are kept
   * @param count total number of affected places
   */
  findingOf(
    code: Code,
    severity: Severity,
    params: ProblemArguments,
    where: readonly Place[],
    count: number,
  ): Finding;
}

/** Creates a catalog from its entries. */
export function problemCatalog<Code extends string>(
  entries: Readonly<Record<Code, ProblemEntry>>,
): ProblemCatalog<Code> {
  const kinds = Object.fromEntries(
    Object.entries<ProblemEntry>(entries).map(([code, entry]) => [
      code,
      { exitCode: 1, since: "0.1.0", ...entry },
    ]),
  ) as Record<Code, ProblemKind>;
  return {
    kinds,
    problem: (code, params = {}, context = {}) =>
      new TunewiseError(code, kinds[code], params, context.where, context.cause),
    findingOf(code, severity, params, where, count) {
      const { kind, message, fix } = new TunewiseError(code, kinds[code], params);
      return {
        code,
        severity,
        title: kind.title,
        detail: message,
        where: where.slice(0, placesShown),
        count,
        fix,
      };
    },
  };
}
