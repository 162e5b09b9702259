/** @file What the system says about the processor. */
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";

/** Model and feature flags of the first core, as one line. Linux lists the flags; elsewhere the model has to do. */
export async function processor(): Promise<string> {
  const model = cpus()[0]?.model ?? "unknown";
  try {
    const [, flags = ""] =
      /^(?:flags|Features)\s*:(.*)$/m.exec(await readFile("/proc/cpuinfo", "utf8")) ?? [];
    return `${model}:${flags}`;
  } catch {
    return model;
  }
}
