/**
 * A plain training loop with the real clients under `tunewise exec`. A duplicate is refused before it starts, a run
 * over budget is stopped, and the ledger equals the sum of the meters.
 */
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { type Outcome, place, tunewise } from "../support/exec-place.ts";

const loop = resolve("test/clients/exec_loop.py");

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

    // The loop would take hours at a dollar a second: enough for a client to start on a busy machine.
    const capped = await exec("--budget", "30usd", "--grace-seconds", "30", "--", ...command, "100000");
    expect(capped.code, capped.err).toBe(2);
    expect(capped.err).toContain("the budget is spent ($30.0");
    expect(capped.out).toContain("saved");

    const all = await spent("run");
    expect(all.microUsd).toBe(metered());
    expect(all.groups.reduce((sum, { microUsd }) => sum + microUsd, 0)).toBe(all.microUsd);
    const byClient = new Map((await spent("client")).groups.map(({ name, microUsd }) => [name, microUsd]));
    // The `exec` entry covers the time between two meter readings in which no client was logging; it may be missing.
    expect(["exec", client]).toEqual(expect.arrayContaining([...byClient.keys()]));
    expect(byClient.get(client)).toBeGreaterThan(1e6);
  });
}
