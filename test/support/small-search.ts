/** @file A search on the small model that ships: its recipe, and a folder with the recipe and the rows. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { program } from "./program.ts";
import { smallModel } from "./small-run.ts";

/** The settings that differ between searches. */
export interface SmallSearch {
  /** Keys of `search` after `space`. */
  readonly search?: string;
  readonly data?: string;
  readonly machine?: string;
  readonly metrics?: string;
  readonly testRows?: number;
}

/** The recipe: 18 steps of LoRA, with a search over learning rate and rank. */
export function smallSearchRecipe({
  search = "budget: { usd: 0.03 }\n  trials: 6",
  data = "validation: validation.jsonl",
  machine = "usd_per_hour: 0.5, threads: 1",
  metrics = "perplexity, json_valid",
  testRows = 8,
}: SmallSearch): string {
  return `name: small
model: ${smallModel}
data:
  train: train.jsonl
  ${data}
  test: test.jsonl
  max_length: 256
  rows: { train: 96, validation: 8, test: ${testRows} }
  bad_rows: skip
task: { kind: json, metrics: [${metrics}] }
method: { kind: lora, rank: 4 }
training: { steps: 18, batch_size: 4, learning_rate: 3e-3, checkpoint_every: 2, seed: 3, precision: fp32 }
checks: { depth: exact }
evaluation: { max_new_tokens: 8, memorization: 0 }
forgetting: { measure: false }
safety: { code: off, refusals: off }
machine: { ${machine}, source: the test }
search:
  space:
    training.learning_rate: { from: 1e-3, to: 1e-1 }
    method.rank: [2, 4, 8]
  ${search}
`;
}

/** Creates a folder below `root` with the recipe and its rows; replaces the folder of an earlier attempt. */
export function smallSearchFolder(root: string, name: string, options: SmallSearch = {}): string {
  const folder = join(root, name);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  mkdirSync(folder);
  for (const file of ["train.jsonl", "validation.jsonl", "test.jsonl"])
    cpSync(resolve("examples/tickets", file), join(folder, file));
  writeFileSync(join(folder, "tunewise.yaml"), smallSearchRecipe(options));
  return folder;
}

/** Starts a search as a process; `seen` waits for a text on its stderr. */
export function startSearch(folder: string): {
  readonly child: ReturnType<typeof spawn>;
  readonly ended: Promise<number | null>;
  seen(text: RegExp): Promise<boolean>;
  said(): string;
} {
  const env = { ...process.env, NO_COLOR: "1", HF_HUB_OFFLINE: "1" };
  const child = spawn(process.execPath, [program, "search", "--yes"], { cwd: folder, env, stdio: "pipe" });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<number | null>((done) => child.once("close", done));
  return {
    child,
    ended,
    said: () => said,
    seen: async (text) => {
      while (!text.test(said) && child.exitCode === null && child.signalCode === null)
        await new Promise((later) => setTimeout(later, 10));
      return text.test(said);
    },
  };
}
