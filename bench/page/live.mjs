/**
 * @file Measures the open page while runs log: how busy its main thread is, and whether its heap grows.
 *
 *     npm run build && node bench/page/live.mjs [--runs 50] [--points 10] [--minutes 5] [--view table]
 *
 * Each run logs `--points` points per second over MLflow's protocol. The page shows the table with a curve per run,
 * then a comparison of 20 runs. The heap is measured after garbage collection, every 30 seconds.
 */
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createClient, makeRun } from "../tracking/load.mjs";
import { freshFolder, startOurs } from "../tracking/servers.mjs";
import { openBenchPage } from "./page.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "50" },
    points: { type: "string", default: "10" },
    minutes: { type: "string", default: "5" },
    view: { type: "string", default: "" },
  },
});
const [points, seconds] = [Number(values.points), Math.round(60 * Number(values.minutes))];
const folder = await freshFolder("live");
const server = await startOurs(folder.path);
const client = createClient(server.url, 8);
const { page, processorMs, heapBytes, version, close } = await openBenchPage();
let isOver = false;
let [logged, failed] = [0, 0];
const work = async (run, at) => {
  for (let second = 0; !isOver; second++) {
    const metrics = Array.from({ length: points }, (_, index) => {
      const step = second * points + index;
      return { key: "loss", value: 2 / (1 + step / 100) + at / 100, timestamp: Date.now(), step };
    });
    const { status } = await client.send("POST", "/api/2.0/mlflow/runs/log-batch", { run_id: run, metrics });
    if (status === 200) logged += points;
    else failed++;
    await wait(1000 - (Date.now() % 1000));
  }
};
try {
  const runs = [];
  for (let at = 0; at < Number(values.runs); at++) runs.push(await makeRun(client));
  const all = Promise.all(runs.map(work));
  console.log(`Chromium ${version}, ${runs.length} runs, ${points} points a second each`);
  const views = {
    table: "/#/?columns=attributes.status,attributes.spent,metrics.loss,curve.loss",
    "comparison of 20": `/#/compare?runs=${runs.slice(0, 20).join(",")}`,
  };
  for (const [name, address] of Object.entries(views)) {
    if (!name.startsWith(values.view)) continue;
    await page.goto(`${server.url}${address}`);
    await page
      .locator(name === "table" ? '[data-row="0"] a' : ".chart canvas")
      .first()
      .waitFor();
    await wait(10_000); // exclude the first load
    const shown = () => page.locator("main").textContent();
    let [before, changes] = [await shown(), 0];
    const heaps = [await heapBytes()];
    let busy = 0;
    for (let rest = seconds; rest > 0; rest -= 30) {
      const [begun, spent] = [performance.now(), await processorMs()];
      await wait(Math.min(rest, 30) * 1000);
      const now = await shown();
      if (now !== before) changes++;
      before = now;
      busy = Math.max(busy, ((await processorMs()) - spent) / (performance.now() - begun));
      heaps.push(await heapBytes());
    }
    const megabytes = heaps.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(" ");
    console.log(`${name}: main thread ${(100 * busy).toFixed(1)} % at most; heap ${megabytes} MiB`);
    console.log(`  what is shown had changed at ${changes} of ${heaps.length - 1} looks`);
  }
  isOver = true;
  await all;
  console.log(`${logged} points logged, ${failed} requests failed`);
} finally {
  isOver = true;
  await close();
  client.close();
  await server.stop();
  await folder.remove();
}
