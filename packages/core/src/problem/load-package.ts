/** @file The one way in which optional packages are loaded: on first use, and with a command to paste if they are missing. */
import { problemCatalog } from "./catalog.ts";
import type { ProblemArguments, TunewiseError } from "./problem.ts";
import { systemEntries } from "./system-problems.ts";

const { problem } = problemCatalog(systemEntries);

/**
 * Loads an optional package.
 *
 * @param name of the package, as `npm install` takes it
 * @param purpose what needs it, as the start of a sentence: `A store in PostgreSQL`
 * @param load imports it by a literal name, so that compiler and bundler see it
 * @param missing makes the error; its message takes `package`, `purpose` and `reason`
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
