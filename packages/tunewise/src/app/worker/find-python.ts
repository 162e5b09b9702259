/** @file Finds a Python for the worker's environment, and what installs its packages. */
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** A Python that the worker runs on. */
export interface Python {
  readonly path: string;
  /** Such as `3.12.4`. */
  readonly version: string;
}

/** What makes an environment. */
export type Installer = { readonly kind: "uv"; readonly path: string } | { readonly kind: "pip" };

/** Where no program may be started. */
const notStarted = { code: 127, output: "" };
const [oldest, newest] = [10, 13];
/** Names of programs, the newest version first. */
const names = ["python3.13", "python3.12", "python3.11", "python3.10", "python3", "python"];

/**
 * Finds a Python of a version that the packages support, with `venv`.
 *
 * @param named the one to take
 * @throws {TunewiseError} `WORKER_PYTHON_UNFIT`
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
  const found = seen.length > 0 ? seen.join(", ") : `${named ?? "python3"} is not there`;
  throw problem("WORKER_PYTHON_UNFIT", { found, oldest: `3.${oldest}`, newest: `3.${newest}` });
}

/** uv where it is found, which is several times faster; else pip. */
export async function findInstaller({ sources }: Pick<Runtime, "sources">): Promise<Installer> {
  const { code } = (await sources.execute?.("uv", ["--version"])) ?? notStarted;
  return code === 0 ? { kind: "uv", path: "uv" } : { kind: "pip" };
}
