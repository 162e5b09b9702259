/** @file Queries the package indexes for the worker's packages before an installation. */
import { z } from "zod";
import { packageFile } from "../../catalog/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { Python } from "./find-python.ts";

/** Timeout for all queries. */
const lookUpSeconds = 60;

/** The downloads of an installation. */
export interface Wheels {
  /** Whether the index with another build of PyTorch can be reached; true if none is needed. */
  readonly isTorchIndexReachable: boolean;
  /** File name of PyTorch's wheel, such as `torch-2.15.0+cpu-cp312-cp312-linux_x86_64.whl`. */
  readonly torch: string | null;
  /** Sum of all known download sizes. */
  readonly bytes: number;
  /** Number of packages whose size the indexes do not state. */
  readonly unknown: number;
}

const schema: z.ZodType<Wheels> = z.object({
  isTorchIndexReachable: z.boolean(),
  torch: z.string().max(200).nullable(),
  bytes: z.int().min(0),
  unknown: z.int().min(0),
});

/**
 * Queries the indexes that pip is configured with. Returns `null` on failure, for example for a Python without pip.
 *
 * @param lock path of the pinned packages
 * @param torchIndex index with another build of PyTorch
 */
export async function lookUpWheels(
  { path }: Python,
  lock: string,
  torchIndex: string | null,
  { sources }: Pick<Runtime, "sources">,
): Promise<Wheels | null> {
  const program = packageFile("worker/tunewise_worker/wheels.py");
  const words = [program, lock, ...(torchIndex === null ? [] : [torchIndex])];
  const { code, output } = (await sources.execute?.(path, words, lookUpSeconds)) ?? { code: 1, output: "" };
  if (code !== 0) return null;
  try {
    return schema.parse(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
  } catch {
    return null;
  }
}
