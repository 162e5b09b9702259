/**
 * Hugging Face's own Trainer, configured only with `report_to`, under `tunewise exec`. Its metrics and settings are
 * logged here, a duplicate is refused before it starts, a run over budget ends with a checkpoint, and the ledger adds
 * up.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type Outcome, place, tunewise } from "../support/exec-place.ts";

/** A Python interpreter with `transformers`, `torch`, `mlflow` and `wandb`. */
const python = process.env["TUNEWISE_TRAINER_PYTHON"];
const script = resolve("test/clients/trainer_script.py");

for (const client of ["mlflow", "wandb"]) {
  test.skipIf(!python)(`the Trainer with report_to ${client}`, async () => {
    const { cwd, spent, metered } = place();
    const exec = (...words: readonly string[]): Promise<Outcome> =>
      tunewise(cwd, "exec", "--rate", "3600/h", ...words);
    const command = [python ?? "", script, client];

    const first = await exec("--", ...command, "8", "--seed", "1");
    expect(first.code, first.err).toBe(0);
    expect(first.out).toContain("ended at step 8 of 8");
    const tables = join(cwd, "tables");
    expect((await tunewise(cwd, "export", "csv", "--to", tables)).code).toBe(0);
    const lines = (name: string): string => readFileSync(join(tables, `${name}.csv`), "utf8");
    expect(lines("params")).toMatch(/,learning_rate,0\.001\r\n[\s\S]*,max_steps,8\r\n/);
    expect(lines("metrics").match(/,(train\/)?grad_norm,\d/g)).toHaveLength(8);
    expect(lines("metrics").match(/,(eval_|eval\/)loss,\d+,/g)).toHaveLength(2);

    const duplicate = await exec("--", ...command, "8", "--seed", "1");
    expect([duplicate.code, duplicate.out]).toEqual([2, expect.not.stringContaining("ended at step")]);
    expect(duplicate.err).toMatch(/RUN_DUPLICATE[\s\S]*eval[_/]loss[\s\S]*for\s+\$\d/);

    // The loop would take hours at a dollar a second: Python needs some seconds to load.
    const capped = await exec("--budget", "40usd", "--grace-seconds", "60", "--", ...command, "10000000");
    expect(capped.code, capped.err).toBe(2);
    const step = /ended at step (\d+) of 10000000/.exec(capped.out)?.[1];
    expect(step, capped.out.slice(-2000) + capped.err).toBeDefined();
    expect(existsSync(join(cwd, "out", `checkpoint-${step}`, "model.safetensors"))).toBe(true);

    const all = await spent("run");
    expect(all.microUsd).toBe(metered());
    expect(all.groups.reduce((sum, { microUsd }) => sum + microUsd, 0)).toBe(all.microUsd);
  });
}
