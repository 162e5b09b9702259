/**
 * @file Time to check all ended runs for waste, and how long other tasks wait meanwhile.
 *
 *     node bench/page/waste.mjs --runs 100000 [--store FOLDER or postgres://...]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { fillRuns } from "./fill.mjs";

const { values } = parseArgs({ options: { runs: { type: "string" }, store: { type: "string" } } });
const runs = Number(values.runs ?? 100_000);
const folder = values.store ?? (await mkdtemp(join(tmpdir(), "bench-waste-")));
const { track, database } = await fillRuns(folder, runs);
const { judgeEndedRuns } = await tsImport(
  "../../packages/tracker/src/ledger/judge-waste.ts",
  import.meta.url,
);
const write = track.createWriter(database);

/** Runs the check while another task yields repeatedly, to measure its longest wait. */
async function measure(name, options) {
  let [longest, last, isOver] = [0, performance.now(), false];
  const others = (async () => {
    while (!isOver) {
      await new Promise((turn) => setImmediate(turn));
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
  })();
  const [from, used] = [performance.now(), process.cpuUsage()];
  const judged = await judgeEndedRuns({ database, write }, options);
  const took = performance.now() - from;
  const { user, system } = process.cpuUsage(used);
  isOver = true;
  await others;
  const processor = (user + system) / 1000;
  console.log(
    `${name.padEnd(36)} ${judged} runs in ${took.toFixed(0)} ms  processor ${processor.toFixed(0)} ms  longest wait ${longest.toFixed(0)} ms`,
  );
}

try {
  await database.transaction((transaction) => transaction.run("UPDATE runs SET waste_basis = NULL"));
  console.log(`node bench/page/waste.mjs --runs ${runs}   (${database.dialect.name})`);
  await measure("one settlement", { limit: 10_000, isThorough: true });
  await measure("all that are left", { limit: Number.MAX_SAFE_INTEGER, isThorough: false });
  await measure("nothing to do", { limit: 10_000, isThorough: false });
  await measure("nothing to do, looked for everywhere", { limit: 10_000, isThorough: true });
} finally {
  await database.close();
  if (!values.store) await rm(folder, { recursive: true });
}
