/** @file A run that logs live to W&B and is stopped there ends as with `tunewise runs stop`. */
import { setTimeout } from "node:timers/promises";
import { findWandbRun, requestStop } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { key } from "../support/live-runs.ts";
import { project, recipe, untilStep, useProjects } from "../support/run-projects.ts";
import { serveTest } from "../support/tracking-server.ts";

useProjects();

test("stop on the page of W&B stops the run, with a checkpoint to go on from", async () => {
  const { url, context } = await serveTest();
  const text = recipe(`tracking: { wandb: "${url}", experiment: live }`);
  const folder = project(
    "stopped",
    text.replace("steps: 8", "steps: 5000").replace("_every: 2", "_every: 500"),
  );
  process.env["WANDB_API_KEY"] = key;
  const running = await untilStep(folder, 2);
  const begun = async () => (await context.database.all("SELECT number FROM runs"))[0]?.["number"];
  for (let tries = 0; tries < 100 && (await begun()) === undefined; tries++) await setTimeout(100);
  const number = Number(await begun());
  // the client receives the stop request with the response to its next request
  await context.write((transaction) =>
    requestStop(transaction, number, { by: "person", reason: "enough" }, Date.now()),
  );
  const { code, out } = await running.end;
  expect(code, out.slice(-2000)).toBe(2);
  const last = JSON.parse(out.trim().split("\n").at(-1) ?? "{}") as Record<string, unknown>;
  expect(last).toMatchObject({
    status: "stopped",
    trackers: [{ tracker: "wandb", place: url, reason: null }],
  });
  // other guards may have warned earlier
  expect(last["guards"]).toContainEqual(
    expect.objectContaining({
      verdict: {
        act: "stop",
        by: "person",
        guard: "request",
        sentence: `Stopped: somebody stopped the run on ${url}`,
      },
    }),
  );
  expect(out).toContain('"kind":"checkpoint-saved"');
  const run = await findWandbRun(context.database, { number });
  expect(run?.run.status).toBe("stopped");
  expect(run?.historyLines).toBeGreaterThan(2);
});
