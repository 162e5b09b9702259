/** @file Finds a Python for the worker's environment, and the installer for its packages. */
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** A Python that can run the worker. */
export interface Python {
  readonly path: string;
  /** For example `3.12.4`. */
  readonly version: string;
}

/** The program that creates an environment. */
export type Installer = { readonly kind: "uv"; readonly path: string } | { readonly kind: "pip" };

/** Result if programs cannot be started here. */
const notStarted = { code: 127, output: "" };
const [oldest, newest] = [10, 13];
/** Program names to try, newest version first. */
const names = ["python3.13", "python3.12", "python3.11", "python3.10", "python3", "python"];

/**
 * Finds a Python that has `venv` and a version that the packages support.
 *
 * @param named the Python to use
 * @throws {TunewiseError} `WORKER_PYTHON_UNSUPPORTED`
 */
export async function findPython({ sources }: Pick<Runtime, "sources">, named?: string): Promise<Python> {
  const seen: string[] = [];
  for (const path of named === undefined ? names : [named]) {
    const program = "import sys, venv, ensurepip; print('%d.%d.%d' % sys.version_info[:3])";
    const { code, output } = (await sources.execute?.(path, ["-c", program])) ?? notStarted;
    const version = output.trim();
    const [, minor] = /^3\.(\d+)\.\d+$/.exec(version) ?? [];
    if (code === 0 && minor !== undefined && Number(minor) >= oldest && Number(minor) <= newest)
      return { path, version };
    if (code === 0 && version !== "") seen.push(`${path} is ${version}`);
    else if (/ensurepip|venv/.test(output)) seen.push(`${path} has no venv`);
  }
  const found = seen.length > 0 ? seen.join(", ") : `${named ?? "python3"} was not found`;
  throw problem("WORKER_PYTHON_UNSUPPORTED", { found, oldest: `3.${oldest}`, newest: `3.${newest}` });
}

/** Chooses uv if it is installed, because it is several times faster, otherwise pip. */
export async function findInstaller({ sources }: Pick<Runtime, "sources">): Promise<Installer> {
  const { code } = (await sources.execute?.("uv", ["--version"])) ?? notStarted;
  return code === 0 ? { kind: "uv", path: "uv" } : { kind: "pip" };
}
