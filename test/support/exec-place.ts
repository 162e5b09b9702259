/** @file For tests: tunewise commands in a separate folder, and their costs there. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { readMeter } from "../../packages/tunewise/src/launch/index.ts";
import { program } from "./program.ts";

/** Exit code and output of a command. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a tunewise command in a folder. */
export async function tunewise(cwd: string, ...words: readonly string[]): Promise<Outcome> {
  const env = { ...process.env, NO_COLOR: "1", GIT_PYTHON_REFRESH: "quiet", WANDB_SILENT: "true" };
  const child = spawn(process.execPath, [program, ...words], { cwd, env });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const code = await new Promise<number | null>((end) => child.once("close", end));
  return { code, out, err };
}

/** The output of `spend --json`. */
export interface Spending {
  readonly microUsd: number;
  readonly groups: readonly { readonly name: string; readonly microUsd: number }[];
}

/** A store in a separate folder, with the sums of its ledger and of its commands' meters. */
export function place(): { cwd: string; spent: (by: string) => Promise<Spending>; metered: () => number } {
  const cwd = mkdtempSync(join(tmpdir(), "tunewise-loop-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true, maxRetries: 10 }));
  const exec = join(cwd, ".tunewise/exec");
  return {
    cwd,
    spent: async (by) => JSON.parse((await tunewise(cwd, "spend", "--by", by, "--json")).out) as Spending,
    metered: () => {
      const meters = readdirSync(exec).map((name) => readMeter(join(exec, name)));
      return meters.reduce((sum, meter) => sum + (meter?.spentMicroUsd ?? 0), 0);
    },
  };
}
