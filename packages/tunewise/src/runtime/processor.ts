/** @file Reads model and feature flags of the processor from the operating system. */
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";

/** Model and feature flags of the first core, as one line. Only Linux lists the flags. */
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
