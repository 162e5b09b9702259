/**
 * A process that holds the store's lock is suspended. The server reports this while it lasts and continues afterwards;
 * nothing acknowledged is lost, nothing is stored twice.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ownFolder } from "../support/faults.ts";
import { served } from "../support/served-folder.ts";

/** Locks the store, reports `held`, and releases the lock when it receives input. */
const holder = `
const { DatabaseSync } = require(${JSON.stringify(resolve("node_modules/@photostructure/sqlite"))});
const database = new DatabaseSync(process.argv[1]);
database.exec("BEGIN IMMEDIATE");
console.log("held");
process.stdin.once("data", () => {
  database.exec("COMMIT");
  database.close();
  process.exit(0);
});
`;

test("a paused holder of the store stops no server for good", { timeout: 60_000 }, async () => {
  const folder = ownFolder("paused");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  await served(folder, async (url) => {
    const send = (path: string, body: object): Promise<Response> =>
      fetch(`${url}/api/2.0/mlflow/${path}`, { method: "POST", body: JSON.stringify(body) });
    const made = (await (await send("runs/create", { experiment_id: "0" })).json()) as {
      run: { info: { run_id: string } };
    };
    const { run_id } = made.run.info;
    const log = (step: number): Promise<Response> =>
      send("runs/log-metric", { run_id, key: "loss", step, value: step, timestamp: 1 });
    expect((await log(1)).status).toBe(200);

    const child = spawn(process.execPath, ["-e", holder, join(folder, "store.db")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    child.kill("SIGSTOP");
    const refused = await log(2);
    expect(refused.status).toBeGreaterThanOrEqual(500);
    expect(await refused.text()).not.toMatch(/bug of tunewise/);
    child.kill("SIGCONT");
    const waiting = log(3); // the request waits for the lock and is served once it is released
    child.stdin.end("done");
    expect((await waiting).status).toBe(200);
    expect((await log(2)).status).toBe(200);

    const history = await fetch(`${url}/api/2.0/mlflow/metrics/get-history?run_id=${run_id}&metric_key=loss`);
    const { metrics } = (await history.json()) as { metrics: { step: number }[] };
    expect(metrics.map(({ step }) => step).sort()).toEqual([1, 2, 3]);
  });
});
