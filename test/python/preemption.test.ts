/**
 * @file A spot machine that the cloud preempts: the run saves a checkpoint, reports the preemption, and resumes from
 * the checkpoint.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { EventBody } from "@tunewise/core/run";
import { describe, expect, onTestFinished, test } from "vitest";
import { resumeRun } from "../../packages/tunewise/src/app/train/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { workerRun } from "../support/worker-run.ts";

const python = process.env["TUNEWISE_PYTHON"];
const root = temporaryFolder();

describe.skipIf(python === undefined)("a notice of preemption", () => {
  test("interrupts the run with a checkpoint, from which it goes on", { timeout: 300_000 }, async () => {
    let isNoticed = false;
    // answers like the metadata service of Google Cloud machines
    const metadata = createServer((request, response) => {
      const isAsked = request.url === "/computeMetadata/v1/instance/preempted";
      response.writeHead(isAsked && request.headers["metadata-flavor"] === "Google" ? 200 : 404);
      response.end(isNoticed ? "TRUE" : "FALSE");
    });
    await new Promise<void>((done) => metadata.listen(0, "127.0.0.1", done));
    onTestFinished(() => void metadata.close());
    const address = `127.0.0.1:${(metadata.address() as AddressInfo).port}`;
    const steps = 2_000;
    const { runtime, run } = await workerRun(join(root, "spot"), {
      steps,
      environment: { TUNEWISE_METADATA: address },
    });
    const seen: EventBody[] = [];
    let last = 0;
    const { status } = await run((event) => {
      seen.push(event);
      if (event.kind !== "step-end") return;
      last = event.step;
      if (last === 3) isNoticed = true;
    });
    expect(status).toBe("interrupted");
    expect(last).toBeLessThan(steps);
    const found = seen.flatMap((event) => (event.kind === "finding" ? [event.finding] : []));
    expect(found.filter(({ code }) => code === "MACHINE_PREEMPTED")).toMatchObject([
      { severity: "warning", title: "The cloud is reclaiming the machine", fix: "tunewise resume RUN" },
    ]);
    isNoticed = false;
    const resumed: EventBody[] = [];
    const stop = new AbortController();
    await resumeRun(
      "latest",
      { ...runtime, signal: stop.signal },
      {
        watch: (event) => {
          resumed.push(event);
          if (event.kind === "step-end") stop.abort();
        },
      },
    );
    expect(resumed.find(({ kind }) => kind === "run-start")).toMatchObject({ resumedFromStep: last });
  });
});
