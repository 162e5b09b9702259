/** @file A check divided into blocks reports the same findings as a check on one machine. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspectRows, type Observation } from "@tunewise/datacheck";
import { type ReadOptions, readSplits } from "@tunewise/datacheck/dataset";
import { expect, test } from "vitest";
import { writeRepeatedFiles } from "../../../../../../test/support/repeated-rows.ts";
import { temporaryFolder } from "../../../../../../test/support/temporary-folder.ts";
import { type BlockFindings, evidenceFile, resultFile } from "./findings.ts";
import { type BlockJob, planBlocks } from "./plan.ts";
import { workOnBlock } from "./work.ts";

const root = temporaryFolder();
const names = ["train", "validation", "test"] as const;
const options: ReadOptions = {
  format: "auto",
  columns: null,
  system: null,
  promptTemplate: "{prompt}",
  badRows: "skip",
  group: null,
  time: null,
};

function folderOf(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  return folder;
}

function jobIn(folder: string, more: Partial<BlockJob> = {}): BlockJob {
  const files = names.map((name) => ({ path: join(folder, `${name}.jsonl`), shown: `${name}.jsonl` }));
  return {
    storage: join(folder, "storage"),
    files,
    options,
    areLabels: false,
    blockBytes: 20_000,
    program: "1",
    ...more,
  };
}

async function inBlocks(
  job: BlockJob,
): Promise<{ folder: string; found: BlockFindings; observations: Observation[] }> {
  const { folder, steps } = await planBlocks(job);
  for (const [step, tasks] of steps)
    for (let index = 0; index < tasks; index++) await workOnBlock(folder, step, index);
  const found = JSON.parse(readFileSync(join(folder, resultFile), "utf8")) as BlockFindings;
  const rows: Observation["evidence"][number][][] = found.observations.map(() => []);
  for (const line of readFileSync(join(folder, evidenceFile), "utf8").split("\n").slice(0, -1)) {
    const { observation, code: _, ...evidence } = JSON.parse(line);
    rows[observation]?.push(evidence);
  }
  const observations = found.observations.map((one, at) => ({ ...one, evidence: rows[at] ?? [] }));
  return { folder, found, observations };
}

async function onOneMachine(
  job: BlockJob,
  folder: string,
): Promise<{ findings: unknown; observations: Observation[] }> {
  const rows = { train: null, validation: null, test: null };
  const split = { validation: 0, test: 0, seed: 1, by: "rows" as const };
  const [train = "", validation = null, test = null] = job.files.map((file) => file?.shown ?? null);
  const files = { train: train ?? "", validation, test };
  const { splits, findings } = await readSplits({ ...job.options, ...files, folder, rows, split });
  const observations = await inspectRows(splits, {
    labels: job.areLabels,
    depth: "full",
    benchmarks: new Map(),
  });
  return { findings, observations: observations.filter(({ finding }) => inBlocksToo.test(finding.code)) };
}

const inBlocksToo =
  /^(DATA_LEAK|DATA_LEAK_NEAR|DATA_LEAK_CONTAINED|DATA_DUPLICATE_ROWS|DATA_NEAR_DUPLICATES)$/;

test.each([
  { name: "texts", areLabels: false, seed: 1, blockBytes: 40_000 },
  { name: "labels", areLabels: true, seed: 2, blockBytes: 60_000 },
  { name: "one block a file", areLabels: true, seed: 3, blockBytes: 1e9 },
])(
  "findings are those of one machine: $name",
  async ({ name, areLabels, seed, blockBytes }) => {
    const folder = folderOf(name);
    writeRepeatedFiles(folder, 1_600, seed);
    const job = jobIn(folder, { areLabels, blockBytes });
    const local = await onOneMachine(job, folder);
    const { found, observations } = await inBlocks(job);
    expect(found.findings).toEqual(local.findings);
    expect(observations).toEqual(local.observations);
    expect(new Set(observations.map(({ finding }) => finding.code)).size).toBe(5);
  },
  120_000,
);
