/**
 * A plain loop with the real clients under `tunewise exec`: a duplicate is refused before it starts, an overrun is
 * stopped, and the ledger adds up to what the meters say.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readMeter } from "../../src/launch/index.ts";

const program = resolve("src/cli/main.ts");
const loader = resolve("node_modules/tsx/dist/loader.mjs");
const loop = resolve("test/clients/exec_loop.py");

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of tunewise in a folder. */
async function tunewise(cwd: string, ...words: readonly string[]): Promise<Outcome> {
  const env = { ...process.env, NO_COLOR: "1", GIT_PYTHON_REFRESH: "quiet", WANDB_SILENT: "true" };
  const child = spawn(process.execPath, ["--import", loader, program, ...words], { cwd, env });
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

interface Spending {
  readonly microUsd: number;
  readonly groups: readonly { readonly name: string; readonly microUsd: number }[];
}

/** A store in a folder of its own. */
function place(): { cwd: string; spent: (by: string) => Promise<Spending>; metered: () => number } {
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

const clients = [
  ["mlflow", process.env["TUNEWISE_MLFLOW3_PYTHON"]],
  ["wandb", process.env["TUNEWISE_WANDB_PYTHON"]],
] as const;

for (const [client, python] of clients) {
  test.skipIf(!python)(`a loop with ${client}`, async () => {
    const { cwd, spent, metered } = place();
    const exec = (...words: readonly string[]): Promise<Outcome> =>
      tunewise(cwd, "exec", "--rate", "3600/h", ...words);
    const command = [python ?? "", loop, client];

    const first = await exec("--", ...command, "5", "--seed", "1");
    expect(first.code, first.err).toBe(0);
    const duplicate = await exec("--", ...command, "5", "--seed", "1");
    expect(duplicate.code).toBe(2);
    expect(duplicate.err).toMatch(/RUN_DUPLICATE[\s\S]*eval_loss\s+0\.2,\s+for\s+\$\d/);
    expect(duplicate.out).not.toContain("end of script");
    const near = await exec("--", ...command, "5", "--seed", "2");
    expect([near.code, near.err]).toEqual([0, expect.stringContaining("the same but for its seed")]);

    // A loop of hours, a dollar a second: time enough for a client to start on a busy machine.
    const capped = await exec("--budget", "30usd", "--grace-seconds", "30", "--", ...command, "100000");
    expect(capped.code, capped.err).toBe(2);
    expect(capped.err).toContain("the budget is spent ($30.0");
    expect(capped.out).toContain("saved");

    const all = await spent("run");
    expect(all.microUsd).toBe(metered());
    expect(all.groups.reduce((sum, { microUsd }) => sum + microUsd, 0)).toBe(all.microUsd);
    const byClient = new Map((await spent("client")).groups.map(({ name, microUsd }) => [name, microUsd]));
    expect([...byClient.keys()].sort()).toEqual(["exec", client]);
    expect(byClient.get(client)).toBeGreaterThan(1e6);
  });
}
