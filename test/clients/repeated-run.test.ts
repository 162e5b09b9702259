/**
 * A script that runs twice with MLflow's and W&B's own clients: the second run names the first as the one that it
 * repeats.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { findTrackedRun, readTags, repeatsTag } from "@tunewise/tracker";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/track-disk.ts";
import { serveTest, type TestTracking } from "../support/tracking-server.ts";

const script = join(import.meta.dirname, "repeated_run.py");

describe.each([
  ["mlflow", process.env["TUNEWISE_MLFLOW3_PYTHON"]],
  ["mlflow", process.env["TUNEWISE_MLFLOW2_PYTHON"]],
  ["wandb", process.env["TUNEWISE_WANDB_PYTHON"]],
] as const)("%s", (client, python) => {
  /** Runs the script and returns the ID of its run. */
  async function play({ url }: TestTracking, seed: number): Promise<string> {
    const folder = await temporaryFolder();
    const child = spawn(python ?? "", [script, client, String(seed)], {
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        MLFLOW_TRACKING_URI: url,
        GIT_PYTHON_REFRESH: "quiet",
        WANDB_BASE_URL: url,
        WANDB_API_KEY: "a".repeat(40),
        WANDB_ERROR_REPORTING: "false",
      },
    });
    let out = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        out += chunk.toString();
      });
    const code = await new Promise((end) => child.once("close", end));
    expect(code, out.slice(-4000)).toBe(0);
    return /^RUN (\S+)$/m.exec(out)?.[1] ?? "";
  }

  test.skipIf(!python)("the same script twice is found, and another seed is not", async () => {
    const where = await serveTest();
    const ids = [await play(where, 1), await play(where, 2), await play(where, 1)];
    const repeated: (string | undefined)[] = [];
    for (const id of ids) {
      const { number } = await findTrackedRun(where.context.database, id);
      repeated.push((await readTags(where.context.database, number)).get(repeatsTag));
    }
    expect(repeated.slice(0, 2)).toEqual([undefined, undefined]);
    expect(repeated[2]).toMatch(
      new RegExp(`^The same as run ${ids[0]}: parameters( and code)? are equal\\.$`),
    );
  });
});
