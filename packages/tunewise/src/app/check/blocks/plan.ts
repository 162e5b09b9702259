/** @file How a check is divided among machines: blocks of the files, and the steps in their order. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type ByteRange, divideFile, type FileBlocks, type ReadOptions } from "@tunewise/datacheck/dataset";
import { StoredValues } from "./stored.ts";

/** What is to be checked, as the machines of a cluster are told. */
export interface BlockJob {
  /** Folder that all machines see under this path. */
  readonly storage: string;
  /** Files by part: training, validation, test; `null` for parts that are not there. */
  readonly files: readonly ({ readonly path: string; readonly shown: string } | null)[];
  readonly options: ReadOptions;
  readonly areLabels: boolean;
  /** Bytes of a block. */
  readonly blockBytes: number;
  /** Names the program, since another one may leave other values. */
  readonly program: string;
}

/** A block of a file. */
export interface Block {
  /** 0 for training. */
  readonly part: number;
  readonly range: ByteRange;
}

/** A check that was divided. */
export interface BlockPlan {
  readonly job: BlockJob;
  readonly files: readonly (FileBlocks | null)[];
  readonly blocks: readonly Block[];
}

/** A step, and how many tasks it has, which can be done at the same time. */
export type Step = readonly [name: string, tasks: number];

/** What the driver needs to know. */
export interface PlannedCheck {
  /** Folder of the check. */
  readonly folder: string;
  readonly steps: readonly Step[];
}

/** Blocks are larger rather than more than this: they exchange a file for each pair of them. */
const mostBlocks = 256;

/**
 * Divides a check, and writes that down. A check of the same files with the same settings has the same folder, so that
 * what was done is not done again.
 *
 * @throws {TunewiseError} those of `divideFile`
 */
export async function planBlocks(job: BlockJob): Promise<PlannedCheck> {
  const divide = async (blockBytes: number): Promise<(FileBlocks | null)[]> => {
    const files: (FileBlocks | null)[] = [];
    for (const file of job.files)
      files.push(file && (await divideFile(file.path, file.shown, job.options, blockBytes)));
    return files;
  };
  const sizes = await divide(Number.MAX_SAFE_INTEGER);
  const bytes = sizes.reduce((sum, file) => sum + (file?.bytes ?? 0), 0);
  const files = await divide(Math.max(job.blockBytes, Math.ceil(bytes / mostBlocks)));
  const blocks = files.flatMap((file, part) => (file?.blocks ?? []).map((range) => ({ part, range })));
  const { storage: _, ...asked } = job;
  const key = createHash("sha256")
    .update(JSON.stringify([asked, files]))
    .digest("hex")
    .slice(0, 24);
  const folder = join(job.storage, "checks", key);
  await new StoredValues(folder).write("plan", { job, files, blocks } satisfies BlockPlan);
  return { folder, steps: stepsOf(blocks) };
}

/** The steps of a check, in their order. */
export function stepsOf(blocks: readonly Block[]): Step[] {
  const all = blocks.length;
  return [
    ["read", all],
    ["words", 1],
    ["number", all],
    ["repeats", all],
    ["keys", all],
    ["meet", all],
    ["send", all],
    ["compare", all],
    ["contain", searchesOf(blocks)],
    ["findings", 1],
  ];
}

/** How many tasks look for held-out rows: each indexes all of these, and looks into its share of the other blocks. */
export function searchesOf(blocks: readonly Block[]): number {
  const isHeldOut = blocks.some(({ part }) => part > 0);
  return isHeldOut ? Math.ceil(Math.sqrt(blocks.filter(({ part }) => part < 2).length)) : 0;
}
