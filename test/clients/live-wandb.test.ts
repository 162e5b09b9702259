/**
 * @file Logs a real run live over W&B's protocol to a server that fails in the middle. The command that the run prints
 * at its end sends the rest with W&B's own client; afterwards every point is stored exactly once.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { findWandbRun, openDatabase, readLooseJson } from "@tunewise/tracker";
import { describe, expect, onTestFinished, test } from "vitest";
import { inFront } from "../support/live-runs.ts";
import { program } from "../support/program.ts";
import { project, recipe, useProjects } from "../support/run-projects.ts";
import { serveTest } from "../support/tracking-server.ts";

useProjects();

/** Runs a shell command line with `tunewise` and W&B's client on the path, and returns the last line of its output. */
async function shell(folder: string, line: string, python: string, more: object = {}): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  const script = `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`;
  await writeFile(join(bin, "tunewise"), script, { mode: 0o755 });
  const env = {
    PATH: [bin, dirname(python), process.env["PATH"]].join(delimiter),
    HOME: folder,
    NO_COLOR: "1",
    WANDB_API_KEY: "a".repeat(40),
    WANDB_ERROR_REPORTING: "false",
    WANDB_CACHE_DIR: join(folder, "cache"),
    WANDB_CONFIG_DIR: join(folder, "config"),
    WANDB_DATA_DIR: join(folder, "data"),
    ...more,
  };
  const child = spawn("sh", ["-c", line], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let [out, error] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    error += chunk.toString();
  });
  const [code] = await once(child, "close");
  expect(code, out.slice(-3000) + error.slice(-3000)).toBe(0);
  return out.trim().split("\n").at(-1) ?? "";
}

/** Values of a store by metric, in row order. Values only in the summary (step -1) are left out. */
async function valuesIn(path: string): Promise<Record<string, number[]>> {
  const database = await openDatabase(path);
  onTestFinished(() => database.close());
  const rows = await database.all(
    `SELECT s.key, p.value FROM points p JOIN series s ON s.number = p.series WHERE p.step >= 0
     ORDER BY s.key, p.ms, p.step`,
  );
  const values: Record<string, number[]> = {};
  for (const { key, value } of rows) values[String(key)] = [...(values[String(key)] ?? []), Number(value)];
  return values;
}

describe.each([
  ["0.31.0", process.env["TUNEWISE_WANDB_PYTHON"]],
  ["0.21.2", process.env["TUNEWISE_WANDB_OLD_PYTHON"]],
])("wandb %s", (line, python = "") => {
  test.skipIf(python === "")("sends what a server lacks that went away during a run", async () => {
    const folder = project(`wandb-${line}`);
    const store = join(folder, "team.db");
    const at = await serveTest({ store });
    let streams = 0;
    let isBack = false;
    const url = await inFront(at.url, (path) => {
      if (isBack || path === "/graphql" || ++streams === 1) return "pass";
      return { status: 503 };
    });
    await writeFile(join(folder, "tunewise.yaml"), recipe(`tracking: { wandb: "${url}", experiment: live }`));
    const told = JSON.parse(await shell(folder, "tunewise run --yes --json", python)) as {
      run_id: string;
      status: string;
      trackers: { tracker: string; reason: string; send_rest: string }[];
    };
    expect(told.status).toBe("completed");
    const [tracker] = told.trackers;
    expect(tracker?.reason).toMatch(/^\d+ points were not sent: .* answered 503/);
    const path = { entity: "tunewise", project: "live", name: told.run_id };
    expect((await findWandbRun(at.context.database, path))?.run.status).toBe("running");

    isBack = true;
    await shell(folder, tracker?.send_rest ?? "false", python);
    const run = await findWandbRun(at.context.database, path);
    expect(run?.run.status).toBe("completed");
    expect(await at.context.database.all("SELECT id FROM runs")).toEqual([{ id: told.run_id }]);
    const own = await valuesIn(join(folder, ".tunewise/tunewise.db"));
    const { "train/global_step": steps, ...there } = await valuesIn(store);
    expect(there).toEqual(own);
    expect([...new Set(steps)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const config = readLooseJson(run?.config ?? "") as Record<string, { value: Record<string, unknown> }>;
    expect(config).toMatchObject({ r: { value: 4 }, learning_rate: { value: 0.003 } });
    // the older client does not sync which metrics are axes
    const axes = line === "0.21.2" ? [] : [expect.objectContaining({ 1: "train/global_step" })];
    expect(config["_wandb"]?.value["m"] ?? []).toEqual(expect.arrayContaining(axes));
    expect(readLooseJson(run?.summary ?? "")).toMatchObject({
      "train/loss": own["train/loss"]?.at(-1),
      "test/tuned/perplexity": expect.any(Number),
      best_validation_loss: expect.any(Number),
    });
    expect(at.failures).toEqual([]);
  });
});
