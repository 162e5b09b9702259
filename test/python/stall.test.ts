/** @file A worker that hangs: its process is suspended in the middle of a step and receives no messages. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EventBody } from "@tunewise/core/run";
import { describe, expect, test } from "vitest";
import { findRun } from "../../packages/tunewise/src/app/runs/index.ts";
import { resumeRun } from "../../packages/tunewise/src/app/train/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { workerRun } from "../support/worker-run.ts";

const python = process.env["TUNEWISE_PYTHON"];
const root = temporaryFolder();

describe.skipIf(python === undefined)("a worker that hangs", () => {
  test("is asked to save, ended, recorded, and goes on from its checkpoint", async () => {
    const { runtime, run } = await workerRun(join(root, "deaf"), { stallSeconds: 6 });
    const seen: EventBody[] = [];
    let pid = 0;
    const failed = run((event, worker) => {
      seen.push(event);
      if (event.kind !== "step-end" || event.step !== 3) return;
      pid = worker();
      process.kill(pid, "SIGSTOP");
    });
    await expect(failed).rejects.toMatchObject({ code: "RUN_STALLED", params: { step: 3 } });
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    const found = await findRun("latest", runtime);
    expect(found.run.status).toBe("failed");
    expect(readFileSync(found.folder.events, "utf8")).toContain('"guard":"stall"');
    expect(seen.filter(({ kind }) => kind === "guard-tripped")).toMatchObject([
      { step: 3, verdict: { act: "stop", guard: "stall" } },
    ]);
    const resumed: EventBody[] = [];
    const { status } = await resumeRun("latest", runtime, { watch: (event) => void resumed.push(event) });
    expect(status).toBe("completed");
    expect(resumed.find(({ kind }) => kind === "run-start")).toMatchObject({ resumedFromStep: 2 });
  });

  test("but wakes when it is asked: it saves and stops", async () => {
    const { run } = await workerRun(join(root, "slow"), { stallSeconds: 6 });
    let pid = 0;
    const { status, standing } = await run((event, worker) => {
      if (event.kind === "step-end" && event.step === 3) {
        pid = worker();
        process.kill(pid, "SIGSTOP");
      } else if (event.kind === "guard-tripped") process.kill(pid, "SIGCONT");
    });
    expect(status).toBe("stopped");
    expect(standing.guards).toMatchObject([{ verdict: { act: "stop", guard: "stall" } }]);
  });
});
