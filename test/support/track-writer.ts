/**
 * @file A process that works on a run until it is killed: store, event log and checkpoints.
 *
 * Started by `packages/tracker/src/kill.test.ts` with the run's folder, the store's path, a token and the run's ID. It
 * prints `ready` with the step from which it resumes, then each step once it is completely saved, or the code of a
 * problem.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seconds, usd } from "@tunewise/core/quantity";
import {
  findCheckpoint,
  openEventLog,
  openStore,
  processTable,
  runFolderAt,
  saveCheckpoint,
  takeLock,
} from "@tunewise/tracker";
import { TunewiseError } from "../../packages/tunewise/src/problem/index.ts";

const [path = "", storePath = "", token = "", runId = ""] = process.argv.slice(2);
const folder = runFolderAt(path);

try {
  const lock = await takeLock(folder.lock, processTable(process), new Date(), token);
  const store = await openStore(storePath);
  const log = await openEventLog(folder.events, "always");
  const from = (await findCheckpoint(folder.checkpoints))?.step ?? 0;
  process.stdout.write(`ready ${from} ${lock.takenOver}\n`);
  for (let step = from + 1; ; step++) {
    const time = new Date().toISOString();
    const items = [
      { v: 1, run: runId, seq: step, time, kind: "phase", name: "x".repeat(5000), done: step, total: 9 },
    ] as const;
    await log.add(items);
    const spend = { spent: usd(0.001), duration: seconds(1), priceUsdPerHour: usd(3.6), priceSource: "test" };
    await store.record({
      metrics: [{ runId, key: "train/loss", step, value: 1 / step, time }],
      events: { runId, items },
      spend: [{ runId, time, kind: "train", ...spend }],
    });
    const write = async (draft: string): Promise<void> => {
      await writeFile(join(draft, "adapter.bin"), new Float64Array(50_000).fill(step));
      await writeFile(join(draft, "moments.bin"), new Float64Array(50_000).fill(-step));
    };
    const owner = { run: runId, model: "m", data: "d", recipe: "r" };
    const checkpoint = { step, write, owner, info: { step }, keepLast: 2, keepStep: 1 };
    await saveCheckpoint(folder.checkpoints, checkpoint);
    process.stdout.write(`${step}\n`);
  }
} catch (error) {
  process.stdout.write(TunewiseError.is(error) ? `${error.code}\n` : `${String(error)}\n`);
  process.exitCode = 1;
}
