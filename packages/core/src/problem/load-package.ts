/** @file Loads optional packages on first use. If one is missing, the error contains the command that installs it. */
import { problemCatalog } from "./catalog.ts";
import type { ProblemArguments, TunewiseError } from "./problem.ts";
import { systemEntries } from "./system-problems.ts";

const { problem } = problemCatalog(systemEntries);

/**
 * Loads an optional package.
 *
 * @param name of the package, as passed to `npm install`
 * @param purpose what needs it, as the start of a sentence: `A store in PostgreSQL`
 * @param load imports it by a literal name, so that compiler and bundler see it
 * @param missing creates the error; its message uses `package`, `purpose` and `reason`
 * @throws {TunewiseError} `PACKAGE_MISSING`, or that of `missing`, if it is not installed or cannot be loaded
 */
export async function loadPackage<Module>(
  name: string,
  purpose: string,
  load: () => Promise<Module>,
  missing: (params: ProblemArguments, context: { readonly cause: unknown }) => TunewiseError = (...given) =>
    problem("PACKAGE_MISSING", ...given),
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const [reason = ""] = cause instanceof Error ? cause.message.split("\n") : [String(cause)];
    throw missing({ package: name, purpose, reason: reason.slice(0, 300) }, { cause });
  }
}
