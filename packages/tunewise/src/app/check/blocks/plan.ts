/** @file Plans a check that several machines share: blocks of the files, and the steps in order. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type ByteRange, divideFile, type FileBlocks, type ReadOptions } from "@tunewise/datacheck/dataset";
import { StoredValues } from "./stored.ts";

/** Description of a check, as sent to the machines of a cluster. */
export interface BlockJob {
  /** Folder that all machines reach under this path. */
  readonly storage: string;
  /** Files by part: training, validation, test; `null` for parts that the recipe lacks. */
  readonly files: readonly ({ readonly path: string; readonly shown: string } | null)[];
  readonly options: ReadOptions;
  readonly areLabels: boolean;
  /** Maximum bytes of a block. */
  readonly blockBytes: number;
  /** Identifies the program, because another version may store other values. */
  readonly program: string;
}

/** A block of a file. */
export interface Block {
  /** Index of the part; 0 is training. */
  readonly part: number;
  readonly range: ByteRange;
}

/** A check divided into blocks. */
export interface BlockPlan {
  readonly job: BlockJob;
  readonly files: readonly (FileBlocks | null)[];
  readonly blocks: readonly Block[];
}

/** A step and its number of tasks, which can run concurrently. */
export type Step = readonly [name: string, tasks: number];

/** The plan, as the driver needs it. */
export interface PlannedCheck {
  /** The check's folder. */
  readonly folder: string;
  readonly steps: readonly Step[];
}

/** Maximum number of blocks. Larger files get larger blocks instead, because every pair of blocks exchanges values. */
const maxBlocks = 256;

/**
 * Divides a check into blocks and writes the plan. A check of the same files with the same settings has the same
 * folder, so that finished tasks are not repeated.
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
  const files = await divide(Math.max(job.blockBytes, Math.ceil(bytes / maxBlocks)));
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

/** The steps of a check in order. */
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

/**
 * Number of tasks that search for held-out rows. Each task indexes all held-out rows and searches its share of the
 * other blocks.
 */
export function searchesOf(blocks: readonly Block[]): number {
  const isHeldOut = blocks.some(({ part }) => part > 0);
  return isHeldOut ? Math.ceil(Math.sqrt(blocks.filter(({ part }) => part < 2).length)) : 0;
}
