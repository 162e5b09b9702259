/**
 * @file Server time of the requests of Home and Money, on a store of many runs with the costs of a year.
 * `node bench/page/money.mjs [--runs 100000] [--lines 5]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { fillRuns } from "./fill.mjs";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "100000" }, lines: { type: "string", default: "5" } },
});
const [runs, lines] = [Number(values.runs), Number(values.lines)];
const source = (path) => tsImport(`../../packages/tunewise/src/${path}`, import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "tunewise-money-"));
const dayMs = 86_400_000;

/** Adds the costs of a year, and runs that ended during the year; each was last changed when it ended. */
async function addCosts(database) {
  const now = Date.now();
  const columns = { run: "integer", ms: "integer", kind: "text", micro_usd: "integer", seconds: "real" };
  const more = { quantity: "real", unit: "text", price_micro_usd_per_hour: "integer", price_source: "text" };
  const endOf = (number) => now - Math.floor((365 * dayMs * (runs - number)) / runs);
  for (let from = 1; from <= runs; from += 5000) {
    const rows = [];
    for (let number = from; number < Math.min(from + 5000, runs + 1); number++) {
      for (let line = 0; line < lines; line++)
        rows.push([
          number,
          endOf(number) - line * 60_000,
          "machine",
          100_000 + (number % 977),
          12,
          0,
          "",
          30,
          "bench",
        ]);
    }
    await database.transaction((transaction) =>
      transaction.insert({ table: "spend", columns: { ...columns, ...more } }, rows),
    );
  }
  await database.transaction(async (transaction) => {
    await transaction.run(
      `UPDATE runs SET spent_micro_usd = (SELECT sum(micro_usd) FROM spend WHERE run = number), wall_seconds = ?,
         started_ms = ? - CAST(? AS INTEGER) * (? - number) / ? - 600000`,
      ...[12 * lines, now, 365 * dayMs, runs, runs],
    );
    await transaction.run(
      "UPDATE runs SET ended_ms = CASE WHEN status = 'running' THEN NULL ELSE started_ms + 600000 END, seen_ms = started_ms + 600000",
    );
    await transaction.run(
      "UPDATE runs SET status = 'completed', ended_ms = seen_ms WHERE status = 'running' AND number < ?",
      runs - 60,
    );
    // the database sets change times by its own clock
    await transaction.run("UPDATE runs SET changed_ms = seen_ms");
  });
}

try {
  const { track, database } = await fillRuns(folder, runs);
  await addCosts(database);
  const { openTrackingContext, reportSpending } = track;
  const { createHome, createMoneyContext, createPlanAccuracy, readMoneyOutlook } =
    await source("app/dashboard/index.ts");
  const { judgeEndedRuns } = await tsImport(
    "../../packages/tracker/src/ledger/judge-waste.ts",
    import.meta.url,
  );
  await database.close();
  const host = { now: () => new Date(), random: Math.random };
  const opened = await openTrackingContext(
    { store: join(folder, "tunewise.db"), artifacts: join(folder, "files") },
    host,
  );
  await judgeEndedRuns(opened, { limit: runs, isThorough: true });
  const context = createMoneyContext({ ...opened, output: folder });
  const [home, accuracy] = [createHome(context), createPlanAccuracy(context)];
  const change = () =>
    opened.write((transaction) => transaction.run("UPDATE runs SET document = NULL WHERE number = 1"));
  const asked = {
    "home, the first time": () => home(null),
    "home, something changed": async () => {
      await change();
      await home(null);
    },
    "home, nothing changed": () => home(null),
    "outlook of Money": () => readMoneyOutlook(context, 0, null),
    "accuracy of plans": () => accuracy(null),
    "spend by month, this month": () =>
      reportSpending(opened.database, { by: "month", since: new Date().toISOString().slice(0, 7) }),
    "spend by month, all of the year": () => reportSpending(opened.database, { by: "month" }),
  };
  for (const [name, ask] of Object.entries(asked)) {
    const times = [];
    for (let round = 0; round < (name.includes("first") ? 1 : 3); round++) {
      const from = performance.now();
      await ask();
      times.push(performance.now() - from);
    }
    console.log(`${name}: ${Math.min(...times).toFixed(0)} ms`);
  }
  await opened.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
