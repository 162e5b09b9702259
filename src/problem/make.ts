/**
 * @file Makes a `TunewiseError` from the catalog: the only way to make one.
 */
import { type ProblemCode, problems } from "./catalog/index.ts";
import { type Place, type ProblemArguments, type ProblemKind, TunewiseError } from "./problem.ts";

/**
 * An error of the catalog, to be thrown by the caller.
 *
 * @param about numbers and names for the message; never a secret
 * @example throw problem("RECIPE_NOT_FOUND", { path: "tunewise.yaml" })
 */
export function problem(
  code: ProblemCode,
  about: ProblemArguments = {},
  context: { where?: Place; cause?: unknown } = {},
): TunewiseError {
  return new TunewiseError(code, problems[code], about, context.where, context.cause);
}

/** The catalog entry of a code, or `undefined` for a word that is none. */
export function problemKind(code: string): ProblemKind | undefined {
  return Object.hasOwn(problems, code) ? problems[code as ProblemCode] : undefined;
}

/** All codes, sorted. */
export function problemCodes(): string[] {
  return Object.keys(problems).sort();
}
