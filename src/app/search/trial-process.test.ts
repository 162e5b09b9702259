import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { usd } from "../../quantity/index.ts";
import type { EventBody, Run } from "../../run/index.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { openStore, runFolderAt, storePath, takeLock } from "../../track/index.ts";
import type { PreparedTrial } from "./prepare-trial.ts";
import { pauseChange, type SegmentResult } from "./train-segment.ts";
import { trainInProcess } from "./trial-process.ts";

const output = temporaryFolder();
const real = createRuntime(output, new AbortController().signal, "0.1.0");
const store = await openStore(storePath(output));
afterAll(() => store.close());

const request = (turn = 0) => ({
  ...{ search: "s", trial: 3, turn, to: 0.5, capUsd: usd(1) },
  rate: { usdPerHour: usd(1), isMoney: true },
});
const trial = {
  plan: {},
  prepared: { loaded: {}, dataFingerprint: "d" },
} as unknown as PreparedTrial;

/** A run on record, and a program in place of the one that trains it. */
async function world(id: string, program: string) {
  const createdAt = "2026-11-24T20:45:12.000Z";
  const run: Run = {
    ...{ id, name: "small", status: "running", createdAt, endedAt: null, recipeText: "", folder: "" },
    ...{ configuration: "{}", dataFingerprint: "d", model: "m", modelRevision: "r", versions: "{}" },
    ...{ wallSeconds: 0, spentMicroUsd: 0, summary: '{"kind":"trial","search":"s","trial":3}' },
  };
  await store.createRun(run);
  const folder = runFolderAt(join(output, "runs", id));
  mkdirSync(folder.path, { recursive: true });
  const path = join(output, `${id}.mjs`);
  writeFileSync(path, program);
  const runtime: Runtime = { ...real, node: [process.execPath, path] };
  const events: EventBody[] = [];
  const stop = new AbortController();
  const place = { runId: id, createdAt, configuration: "{}", output, folder };
  const train = (turn = 0): Promise<SegmentResult> =>
    trainInProcess(place, trial, request(turn), runtime, stop.signal, (event) => void events.push(event));
  return { place, runtime, events, stop, train };
}

const statusOf = async (id: string): Promise<string> => (await store.findRun(id)).status;
const onOrder = (work: string): string => `process.on("message", async (word) => { ${work} });`;

test.each([
  [
    "20261124-204512-small-0001",
    'process.kill(process.pid, "SIGKILL");',
    "by SIGKILL, as where memory runs out",
  ],
  [
    "20261124-204512-small-0002",
    'console.error("bad allocation"); process.exit(134);',
    "with exit code 134: bad allocation",
  ],
  ["20261124-204512-small-0003", "process.exit(0);", "with exit code 0"], // and nothing on record
])("a process without a result makes a failed trial (%#)", async (id, work, how) => {
  const { train } = await world(id, onOrder(work));
  expect(await train()).toMatchObject({
    status: "failed",
    value: null,
    sentence: `its process ended ${how}`,
  });
  expect(await statusOf(id)).toBe("failed");
  expect((await train()).sentence).toBe(`its process ended ${how}`); // from the record
});

test.each(["SIGINT", "SIGTERM"])(
  "one that %s ends before it listens is an interrupted one",
  async (signal) => {
    const { train } = await world(
      `20261124-204512-small-${signal}`,
      onOrder(`process.kill(process.pid, "${signal}");`),
    );
    expect((await train()).status).toBe("interrupted");
  },
);

test("an error of the catalog comes over as it is, another one as its words", async () => {
  const about = '{ path: "/disk/f", folder: "/disk", reason: "no space left" }';
  const full = `process.send({ kind: "problem", code: "RUN_FILE_WRITE_FAILED", about: ${about} }, () => process.exit(1));`;
  const disk = await world("20261124-204512-small-0004", onOrder(full));
  await expect(disk.train()).rejects.toMatchObject({ code: "RUN_FILE_WRITE_FAILED" });
  const fault = 'process.send({ kind: "fault", message: "it broke" }, () => process.exit(1));';
  await expect((await world("20261124-204512-small-0005", onOrder(fault))).train()).rejects.toThrowError(
    "it broke",
  );
  const missing = await world("20261124-204512-small-0006", "");
  Object.assign(missing.runtime, { node: [join(output, "no-such-program")] });
  await expect(missing.train()).rejects.toThrowError("its process could not be started");
});

test("the order reaches it, its events come over, losses that are no number among them", async () => {
  const event =
    '{ kind: "evaluation-end", step: word.order.request.trial, loss: Number.NaN, wallSeconds: 1 }';
  const { train, events } = await world(
    "20261124-204512-small-0007",
    onOrder(`process.send({ kind: "event", event: ${event} }, () => process.exit(0));`),
  );
  await train();
  expect(events).toEqual([{ kind: "evaluation-end", step: 3, loss: Number.NaN, wallSeconds: 1 }]);
});

test("told to end, it ends, and its stretch is an interrupted one", async () => {
  const { train, stop, events } = await world(
    "20261124-204512-small-0008",
    onOrder(`if (word.kind === "end") process.exit(1);
      process.send({ kind: "event", event: { kind: "phase", name: "losses", done: 0, total: 1 } });`),
  );
  const ended = train();
  while (events.length === 0) await new Promise((later) => setTimeout(later, 5));
  stop.abort();
  expect((await ended).status).toBe("interrupted");
  expect(await statusOf("20261124-204512-small-0008")).toBe("running");
  expect((await train()).status).toBe("interrupted"); // none is started any more
});

test("a process that an earlier search left behind is waited for, and what it came to counts", async () => {
  const { train, place, runtime } = await world("20261124-204512-small-0009", onOrder("process.exit(9);"));
  const lock = await takeLock(place.folder.lock, real.processes, new Date(), "other");
  const ended = train(1);
  await new Promise((later) => setTimeout(later, 150));
  const result: SegmentResult = { status: "reached", to: 0.5, at: 0.5, value: 1.5, curve: [], sentence: "" };
  await store.record({ run: { id: place.runId, change: pauseChange(result, request(1), runtime) } });
  await lock.release();
  expect(await ended).toEqual(result);
});
