/**
 * @file Measures the table of 100,000 runs in a browser: first rows, sorting, filtering, and frames while scrolling.
 *
 *     npm run build && node bench/page/scroll.mjs [--runs 100000] [--store FOLDER]
 *
 * Wall times include the server, which runs on the same machine as the browser.
 */
import { parseArgs } from "node:util";
import { freshFolder, startOurs } from "../tracking/servers.mjs";
import { fillRuns } from "./fill.mjs";
import { openBenchPage, quantile } from "./page.mjs";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "100000" }, store: { type: "string" } },
});
const folder = values.store === undefined ? await freshFolder("scroll") : null;
const store = values.store ?? folder.path;
const { database } = await fillRuns(store, Number(values.runs));
await database.close();
const server = await startOurs(store);
const { page, processorMs, version, close } = await openBenchPage();
try {
  console.log(`Chromium ${version}, ${values.runs} runs`);
  const columns = [
    ...["status", "spent", "waste", "duration"].map((name) => `attributes.${name}`),
    ...[0, 1, 2, 3].map((at) => `metrics.metric_${at}`),
    ...[0, 1, 2, 3].map((at) => `params.param_${at}`),
    "curve.metric_0",
  ].join(",");
  const rowText = () => page.locator('[data-row="0"]').textContent();
  /** Wall and CPU time from an action until the first row has changed. */
  const timed = async (name, act) => {
    const [begun, spent, before] = [performance.now(), await processorMs(), await rowText().catch(() => "")];
    await act();
    await page.waitForFunction(
      (old) => (document.querySelector('[data-row="0"]')?.textContent ?? old) !== old,
      before,
      { polling: "raf" },
    );
    const wall = performance.now() - begun;
    console.log(
      `${name.padEnd(28)} ${wall.toFixed(0)} ms, main thread ${((await processorMs()) - spent).toFixed(0)} ms`,
    );
  };
  for (let round = 0; round < 3; round++) {
    await page.goto("about:blank");
    const begun = performance.now();
    await page.goto(`${server.url}/#/?columns=${columns}`);
    await page.locator('[data-row="0"] a').first().waitFor();
    console.log(`first rows                   ${(performance.now() - begun).toFixed(0)} ms`);
  }
  const sortBy = (title) => () => page.getByRole("columnheader", { name: title }).getByRole("button").click();
  for (const name of ["metric_3", "metric_1", "param_3"]) await timed(`sort by ${name}`, sortBy(name));
  const filter = page.getByRole("combobox", { name: /filter/i }).first();
  await timed("filter by a metric", async () => {
    await filter.fill("metrics.metric_1 < 0.5");
    await filter.press("Enter");
  });

  // A wheel scrolling 600 pixels per frame, then the scroll bar dragged through the whole table.
  for (const [name, pixels] of [
    ["wheel", 600],
    ["through all rows", null],
  ]) {
    const spent = await processorMs();
    const frames = await page.evaluate(async (pixelsEach) => {
      const grid = document.querySelector(".data-table");
      const by = pixelsEach ?? grid.scrollHeight / 240;
      grid.scrollTop = 0;
      const took = [];
      let last = await new Promise(requestAnimationFrame);
      for (let at = 0; at < 240; at++) {
        grid.scrollTop += by;
        const now = await new Promise(requestAnimationFrame);
        took.push(now - last);
        last = now;
      }
      return took;
    }, pixels);
    const each = ((await processorMs()) - spent) / frames.length;
    const [p50, p95, most] = [0.5, 0.95, 1].map((share) => quantile(frames, share).toFixed(0));
    console.log(
      `frames, ${name}: p50 ${p50} ms, p95 ${p95}, most ${most}; main thread ${each.toFixed(1)} ms a frame`,
    );
    await page.waitForTimeout(1000);
  }
} finally {
  await close();
  await server.stop();
  await folder?.remove();
}
