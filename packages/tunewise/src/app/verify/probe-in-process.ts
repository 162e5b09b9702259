/** @file Runs a probe of a Node package in this process, which is one of its own (`cli/runtime-probe`). */
import { probeLlamaCpp } from "./llama-cpp.ts";
import type { ProbeJob, ProbeReply } from "./probe.ts";
import { probeTransformersJs } from "./transformers-js.ts";

/**
 * Runs a job in a runtime.
 *
 * @throws {Error} if the runtime cannot be loaded or rejects the export
 */
export function probeInProcess(name: string, job: ProbeJob): Promise<ProbeReply> {
  if (name === "llama.cpp") return probeLlamaCpp(job);
  if (name === "transformers.js") return probeTransformersJs(job);
  throw new Error(`Internal: no probe for ${name}`);
}
