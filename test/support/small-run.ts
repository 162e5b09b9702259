/** @file A short real run on the small model that ships with the project, for tests that use the trained model. */
import { spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { program } from "./program.ts";

/** The small model's folder. */
export const smallModel: string = resolve("models/small");

/** Uses float32, so that greedy answers are equal on every CPU. */
const recipe = `name: small
model: ${smallModel}
data:
  train: train.jsonl
  validation: validation.jsonl
  max_length: 256
  rows: { train: 32, validation: 4 }
  bad_rows: skip
  system: Answer with JSON.
task: { kind: json, metrics: [perplexity] }
METHOD
training: { steps: 16, batch_size: 8, learning_rate: 2e-2, checkpoint_selection: last, seed: 3, precision: fp32 }
evaluation: { max_new_tokens: 8, rows: 2 }
forgetting: { measure: false }
machine: { usd_per_hour: 0, threads: 1 }
budget: { minutes: 10 }
`;

/** The result of a process. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in a folder, with text on standard input. */
export function tunewise(folder: string, words: readonly string[], input = ""): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", HF_TOKEN: "", HF_HUB_OFFLINE: "1" },
    encoding: "utf8",
    input,
  });
  return { code: status, out: stdout, err: stderr };
}

/** Copies data and recipe into a folder and trains there; returns the run's ID. */
export function trainSmallRun(folder: string, method = "{ kind: lora, rank: 4 }"): string {
  cpSync(resolve("examples/tickets"), folder, { recursive: true });
  writeFileSync(`${folder}/tunewise.yaml`, recipe.replace("METHOD", `method: ${method}`));
  const { code, out, err } = tunewise(folder, ["run", "--yes", "--json"]);
  if (code !== 0) throw new Error(`the run ended with ${code}: ${out.slice(-2000)}${err}`);
  const last = JSON.parse(out.trim().split("\n").at(-1) ?? "{}") as { run_id: string };
  return last.run_id;
}
