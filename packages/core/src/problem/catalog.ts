/** @file Makes errors and findings from a catalog: one per package, and each contains those of the packages below it. */
import { type Finding, placesShown, type Severity } from "./finding.ts";
import {
  type Place,
  type ProblemArguments,
  type ProblemEntry,
  type ProblemKind,
  TunewiseError,
} from "./problem.ts";

/** Errors and findings of the codes of one catalog. */
export interface ProblemCatalog<Code extends string> {
  /** Every kind of problem by its code. */
  readonly kinds: Readonly<Record<Code, ProblemKind>>;

  /**
   * An error of the catalog, to be thrown by the caller.
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
   * A finding in the words of the catalog.
   *
   * @param params numbers and names for the sentences
   * @param where places concerned; the first few are kept
   * @param count how many there are in all
   */
  findingOf(
    code: Code,
    severity: Severity,
    params: ProblemArguments,
    where: readonly Place[],
    count: number,
  ): Finding;
}

/** Makes a catalog from its entries. */
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
