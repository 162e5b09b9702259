/**
 * @file Draws the curves of twenty runs of a million points each: the median time of five, for the function, for the
 * route, and in a browser, which needs `npm run build`.
 *
 *     node bench/page/curves.mjs [--runs 20] [--points 1000000] [--places 500] [--whole] [--browser]
 *
 * One series is logged like a client's; the other runs get copies of its summaries, and with `--whole` also of its
 * points, which a chart of all runs does not read.
 */
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { freshFolder } from "../tracking/servers.mjs";
import { openBenchPage, quantile } from "./page.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20" },
    points: { type: "string", default: "1000000" },
    places: { type: "string", default: "500" },
    whole: { type: "boolean", default: false },
    browser: { type: "boolean", default: false },
  },
});
const [runs, points, places] = [values.runs, values.points, values.places].map(Number);
const source = (path) => tsImport(`../../packages/tunewise/src/${path}`, import.meta.url);
const track = await tsImport("../../packages/tracker/src/index.ts", import.meta.url);
const { logBatch, addTrackedRun, openTrackingContext, readTrackedRuns } = track;
const { readCurves } = await source("app/dashboard/index.ts");
const { identifyUsers, serveTracking, trackingProtocols } = await source("server/index.ts");

const built = new URL("../../dist/web", import.meta.url);
const batch = 50_000;
const startMs = 1.7e12;
const folder = await freshFolder("curves");
const context = await openTrackingContext(
  { store: `${folder.path}/tunewise.db`, artifacts: `${folder.path}/artifacts` },
  { now: () => new Date(), random: Math.random },
);
const ids = Array.from({ length: runs }, (_, at) => `run-${at}`);

/** Logs one series and copies it to the other runs. */
async function fill() {
  for (const id of ids) {
    await context.write((transaction) =>
      addTrackedRun(transaction, {
        id,
        project: 0,
        name: id,
        status: "running",
        client: "mlflow",
        person: "",
        tags: [],
        purpose: "experiment",
        startedMs: startMs,
        fingerprint: null,
        family: null,
      }),
    );
  }
  for (let from = 0; from < points; from += batch) {
    const metrics = Array.from({ length: Math.min(batch, points - from) }, (_, at) => {
      const step = from + at;
      const value = 3 / (1 + step / 1e5) + Math.sin(step * 12.9898) / 5;
      return { key: "loss", step, ms: startMs + step * 100, value };
    });
    await context.write((transaction) =>
      logBatch(transaction, ids[0], { metrics, params: [], tags: [] }, startMs + from * 100),
    );
  }
  await context.database.transaction(async (transaction) => {
    const rest = "last_step, last_ms, last_value, last_special, low, high, blocks, open_block";
    await transaction.run(
      `INSERT INTO series (run, key, ${rest}) SELECT runs.number, key, ${rest} FROM runs, series WHERE runs.number > 1`,
    );
    const more = "FROM series s, TABLE t WHERE t.series = 1 AND s.number > 1";
    const copy = (table, columns) =>
      transaction.run(
        `INSERT INTO ${table} (series, ${columns}) SELECT s.number, ${columns} ${more.replace("TABLE", table)}`,
      );
    const ends = "from_step, to_step, from_ms, to_ms, summary";
    await copy("blocks", `block, ${ends}`);
    await copy("levels", `level, block, ${ends}`);
    if (values.whole) await copy("points", "step, ms, value, special");
  });
}

/** Wall and CPU milliseconds of five calls, after a first call that is not counted. */
async function times(work) {
  await work();
  const [wall, cpu] = [[], []];
  for (let at = 0; at < 5; at++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await work();
    const { user, system } = process.cpuUsage(used);
    wall.push(performance.now() - start);
    cpu.push((user + system) / 1000);
  }
  const median = (list) => Math.round(list.sort((a, b) => a - b)[2]);
  return { wall: median(wall), cpu: median(cpu) };
}

/** Median time of five comparisons of all runs in the browser, from opening the view to the drawn curves. */
async function drawn(url) {
  const { page, processorMs, version, close } = await openBenchPage();
  const [walls, main] = [[], []];
  for (let round = 0; round < 6; round++) {
    await page.goto(`${url}/#/money`);
    await page.getByRole("heading", { name: "Money" }).waitFor();
    await page.waitForTimeout(500);
    const [begun, spent] = [performance.now(), await processorMs()];
    await page.goto(`${url}/#/compare?runs=${ids.join(",")}`);
    await page.locator(".chart canvas").first().waitFor();
    const wall = performance.now() - begun;
    if (round === 0) continue; // includes loading the view's files
    walls.push(wall);
    main.push((await processorMs()) - spent);
  }
  await close();
  const [wallMs, mainThreadMs] = [walls, main].map((all) => Math.round(quantile(all, 0.5)));
  return { chromium: version, wallMs, mainThreadMs };
}

try {
  const start = performance.now();
  await fill();
  const fillSeconds = (performance.now() - start) / 1000;
  const identify = identifyUsers(context);
  const server = await serveTracking({
    host: "127.0.0.1",
    port: 0,
    protocols: trackingProtocols(context, identify, { output: null, page: fileURLToPath(built) }),
    identify,
  });
  const lines = [];
  let bytes = 0;
  for (const axis of ["step", "time", "dollars"]) {
    const found = await readTrackedRuns(context.database, ids);
    const request = { runs: found, keys: ["loss"], axis, places, from: null, to: null };
    const called = await times(() => readCurves(context, request));
    const routed = await times(async () => {
      const reply = await fetch(`${server.url}/api/tunewise/v1/runs/curves`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ runs: ids, keys: ["loss"], axis, places }),
      });
      bytes = (await reply.arrayBuffer()).byteLength;
      if (!reply.ok) throw new Error(`status ${reply.status}`);
    });
    lines.push({ axis, functionMs: called, routeMs: routed, bytes });
  }
  console.log(JSON.stringify({ runs, points, places, fillSeconds: Math.round(fillSeconds) }));
  for (const line of lines) console.log(JSON.stringify(line));
  if (values.browser) console.log(JSON.stringify(await drawn(server.url)));
  await server.close(0);
} finally {
  await context.close();
  await folder.remove();
}
