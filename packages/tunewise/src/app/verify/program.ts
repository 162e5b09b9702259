/** @file Runs a probe in a process of its own: runtimes load other versions of libraries, and may crash. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTextFile } from "@tunewise/core/untrusted";
import { packageFile, packageProgram } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { ProbeJob, ProbeReply } from "./probe.ts";

/** Programs that read exports on this machine. */
export const localRuntimes = ["llama.cpp", "transformers", "transformers.js"] as const;
/** One of them. */
export type LocalRuntime = (typeof localRuntimes)[number];

/** How a runtime is installed, and the variable that then names its place. */
interface Installation {
  readonly variable: string;
  readonly install: string;
}

const npmFolder = "$HOME/.tunewise-runtimes";

const installations: Readonly<Record<LocalRuntime, Installation>> = {
  "llama.cpp": {
    variable: "TUNEWISE_LLAMA_CPP",
    install: `npm install --prefix ${npmFolder} node-llama-cpp@3.22.1 && export TUNEWISE_LLAMA_CPP=${npmFolder}`,
  },
  transformers: {
    variable: "TUNEWISE_PYTHON",
    install: "pip install torch transformers peft && export TUNEWISE_PYTHON=$(command -v python3)",
  },
  "transformers.js": {
    variable: "TUNEWISE_TRANSFORMERS_JS",
    install: `npm install --prefix ${npmFolder} @huggingface/transformers@4.3.1 && export TUNEWISE_TRANSFORMERS_JS=${npmFolder}`,
  },
};

/** Time limit of a probe, in seconds. */
const maxSeconds = 1800;

/**
 * Runs a job.
 *
 * @throws {TunewiseError} `VERIFY_RUNTIME_MISSING`, `VERIFY_RUNTIME_FAILED`
 */
export async function probeLocally(
  name: LocalRuntime,
  job: Omit<ProbeJob, "packages">,
  { environment, node, sources: { execute } }: Pick<Runtime, "environment" | "node" | "sources">,
): Promise<ProbeReply> {
  const place = placeOf(name, environment);
  if (execute === null) throw new Error("Internal: a verification needs processes");
  const folder = await mkdtemp(join(tmpdir(), "tunewise-verify-"));
  try {
    const paths = [join(folder, "job.json"), join(folder, "reply.json")] as const;
    await writeFile(paths[0], JSON.stringify({ ...job, packages: place }));
    const words =
      name === "transformers"
        ? [place, packageFile("worker/tunewise_worker/verify_export.py"), ...paths]
        : [...node, packageProgram("runtime-probe"), name, ...paths];
    const [program = "", ...parameters] = words;
    const { code, output } = await execute(program, parameters, maxSeconds);
    if (code !== 0)
      throw problem("VERIFY_RUNTIME_FAILED", { runtime: name, path: job.path, reason: lastLine(output) });
    return JSON.parse(await readTextFile(paths[1])) as ProbeReply;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Where a runtime is installed.
 *
 * @throws {TunewiseError} `VERIFY_RUNTIME_MISSING`
 */
export function placeOf(name: LocalRuntime, environment: Runtime["environment"]): string {
  const { variable, install } = installations[name];
  const place = environment[variable];
  if (place === undefined || place === "") {
    throw problem("VERIFY_RUNTIME_MISSING", { runtime: name, variable, install });
  }
  return place;
}

/** The last line of an output, which holds the error of Python and Node alike. */
function lastLine(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const error = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "no output";
  return error.trim().slice(0, 400);
}
