/** @file The one way in which optional packages are loaded: on first use, and with a command to paste if they are missing. */
import type { ProblemCode } from "./catalog/index.ts";
import { problem } from "./make.ts";

/**
 * Loads an optional package.
 *
 * @param name of the package, as `npm install` takes it
 * @param purpose what needs it, as the start of a sentence: `A store in PostgreSQL`
 * @param load imports it by a literal name, so that compiler and bundler see it
 * @param code of the problem; its message takes `package`, `purpose` and `reason`
 * @throws {TunewiseError} `PACKAGE_MISSING`, or `code`, if it is not installed or cannot be loaded
 */
export async function loadPackage<Module>(
  name: string,
  purpose: string,
  load: () => Promise<Module>,
  code: ProblemCode = "PACKAGE_MISSING",
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const [reason = ""] = cause instanceof Error ? cause.message.split("\n") : [String(cause)];
    throw problem(code, { package: name, purpose, reason: reason.slice(0, 300) }, { cause });
  }
}
