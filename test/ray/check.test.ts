/** @file A check of rows on a real Ray cluster on this machine. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { checkOnCluster } from "../../packages/tunewise/src/app/check/index.ts";
import { packageFile } from "../../packages/tunewise/src/catalog/index.ts";
import { type LoadedRecipe, readRows, recipeFromText } from "../../packages/tunewise/src/prepare/index.ts";
import { createRuntime, type Runtime } from "../../packages/tunewise/src/runtime/index.ts";
import { buildBlockProgram } from "../../tools/build-code.ts";
import { writeRepeatedFiles } from "../support/repeated-rows.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const cluster = inject("ray");
const { address = "", token = "", python = "" } = cluster ?? {};
const root = temporaryFolder();
const storage = join(root, "storage");
const program = join(root, "check-block.mjs");
const real = createRuntime(root, new AbortController().signal, "test");
const environment = { ...real.environment, RAY_AUTH_TOKEN: token, TUNEWISE_REMOTE_PYTHON: python };
const runtime: Runtime = { ...real, environment };
const place = { address, storage, program, blockBytes: 100_000, show: "*" };

/** The findings that a check on a cluster looks for. */
const looked =
  /^DATA_(LEAK|LEAK_NEAR|LEAK_CONTAINED|DUPLICATE_ROWS|NEAR_DUPLICATES|JSON_INVALID|FIELD_MISSING|FORMAT_DETECTED)$/;

function recipeIn(name: string, data = "validation: validation.jsonl, test: test.jsonl"): LoadedRecipe {
  const folder = join(root, name);
  mkdirSync(folder);
  writeRepeatedFiles(folder, 3_000, name.length);
  const text = `name: a
model: ${JSON.stringify(packageFile("models/small"))}
data: { train: train.jsonl, ${data}, bad_rows: skip }
budget: { minutes: 5 }
`;
  return recipeFromText(text, join(folder, "tunewise.yaml"), "tunewise.yaml");
}

/** Kills the Ray worker that started a task's program; returns whether one was found. */
function killWorker(): boolean {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (!line.includes(`${storage}/checks/programs/`) || !line.includes("\0compare\0")) continue;
      const parent = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
      process.kill(parent, "SIGKILL");
      return true;
    } catch {
      // the process has ended
    }
  }
  return false;
}

describe.skipIf(cluster === null)("a check on a Ray cluster", () => {
  beforeAll(() => buildBlockProgram(program));

  test("finds what the check of this machine finds, though a worker is killed in the middle", async () => {
    const loaded = recipeIn("rows");
    const local = await readRows(loaded, runtime);
    let isKilled = false;
    const looking = setInterval(() => {
      isKilled ||= killWorker();
    }, 5);
    const steps: string[] = [];
    const found = await checkOnCluster(loaded, runtime, place, ({ step, tasks, done }) =>
      steps.push(`${step} ${done}/${tasks}`),
    );
    clearInterval(looking);
    expect(isKilled).toBe(true);
    expect(found.rows).toEqual({ train: 2400, validation: 300, test: 300 });
    const expected = local.observations.filter(({ finding }) => looked.test(finding.code));
    expect(found.observations).toEqual(expected);
    const byText = (one: unknown): string => JSON.stringify(one);
    const findings = local.findings.filter(({ code }) => looked.test(code));
    expect(found.findings.map(byText).sort()).toEqual(findings.map(byText).sort());
    expect(new Set(expected.map(({ finding }) => finding.code)).size).toBe(5);
    expect(steps.at(-1)).toBe("findings 1/1");

    // completed tasks are not repeated, and rows are returned only on request
    const again = await checkOnCluster(loaded, runtime, { ...place, show: null });
    expect(again).toEqual({ ...found, observations: [] });
  });

  test("ends where nobody listens any more, and its tasks with it", () => {
    const script =
      "import sys, time, ray_check; ray_check.end_unheard(sys.stdin.buffer, 0.5)\ntime.sleep(60)";
    const environment = { ...process.env, PYTHONPATH: resolve("worker/tunewise_worker") };
    const options = { env: environment, input: "\n\n", timeout: 60_000 };
    expect(spawnSync(python, ["-c", script], options).status).toBe(75);
  });

  test("says what it does not do, and names the file that cannot be read", async () => {
    const shares = recipeIn("shares", "split: { validation: 0.1, test: 0 }");
    await expect(checkOnCluster(shares, runtime, place)).rejects.toMatchObject({
      code: "CHECK_NOT_ON_CLUSTER",
    });
    const gone = recipeIn("gone", "validation: gone.jsonl, test: test.jsonl");
    await expect(checkOnCluster(gone, runtime, place)).rejects.toMatchObject({
      code: "DATA_FILE_NOT_FOUND",
      params: { file: "gone.jsonl" },
    });
    const environmentWithout = { ...environment, TUNEWISE_REMOTE_NODE: "no-node-here" };
    const without = { ...runtime, environment: environmentWithout };
    await expect(checkOnCluster(gone, without, place)).rejects.toMatchObject({
      code: "CHECK_BLOCK_FAILED",
      params: { reason: expect.stringContaining("no-node-here") },
    });
  });
});
