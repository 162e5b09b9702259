/** @file Real processes: killed during their writes, and two of them on one run. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../../test/support/track-disk.ts";
import { findCheckpoint } from "./checkpoint-load.ts";
import { readEventLog } from "./event-log.ts";
import { openStore } from "./open-store.ts";
import { createRunFolder, runFolderAt } from "./run-folder.ts";

const runId = "20261124-204512-tickets-7f3a";
const script = fileURLToPath(new URL("../../../test/support/track-writer.ts", import.meta.url));
const kills = 20;

/** A process that writes to the run; `lines` collects its output. */
function startWriter(path: string, store: string, token: string): { child: ChildProcess; lines: string[] } {
  const child = spawn(process.execPath, ["--import", "tsx", script, path, store, token, runId], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  if (child.stdout) createInterface(child.stdout).on("line", (line) => lines.push(line));
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return { child, lines };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 6000 && !condition(); i++) await wait(5);
  expect(condition()).toBe(true);
}

async function makeRun(): Promise<{ path: string; storePath: string }> {
  const output = await temporaryFolder();
  const { path } = await createRunFolder(output, runId, { recipeText: "", configuration: "{}" });
  const storePath = join(output, "store.sqlite");
  const store = await openStore(storePath);
  const text = {
    recipeText: "",
    configuration: "",
    dataFingerprint: "",
    model: "",
    modelRevision: "",
    versions: "",
  };
  const times = { createdAt: "2026-11-24T20:45:12.000Z", endedAt: null, wallSeconds: 0, spentMicroUsd: 0 };
  await store.createRun({
    id: runId,
    name: "t",
    status: "running",
    folder: path,
    summary: "{}",
    project: "t",
    params: {},
    ...text,
    ...times,
  });
  await store.close();
  return { path, storePath };
}

describe("a run whose process is killed", () => {
  it(`opens whole after each of ${kills} kills, and goes on`, async () => {
    const { path, storePath } = await makeRun();
    const folder = runFolderAt(path);
    let saved = 0;
    for (let round = 0; round < kills; round++) {
      const { child, lines } = startWriter(path, storePath, `round${round}`);
      await until(() => lines.length > 0);
      expect(lines[0]).toMatch(new RegExp(`^ready \\d+ ${round > 0}$`));
      expect(Number(lines[0]?.split(" ")[1])).toBeGreaterThanOrEqual(saved);
      // Kills after one to four steps of about 10 ms, at varying moments within a step.
      await until(() => lines.length > 1 + (round % 4));
      await wait((7 * round) % 10);
      child.kill("SIGKILL");
      await once(child, "exit");
      saved = Math.max(saved, ...lines.slice(1).map(Number));

      const checkpoint = await findCheckpoint(folder.checkpoints);
      expect(checkpoint?.findings ?? []).toEqual([]);
      expect(checkpoint?.step ?? 0).toBeGreaterThanOrEqual(saved);
      const log = await readEventLog(folder.events);
      expect(log.unreadableLines).toBe(0);
      expect(log.items.length).toBeGreaterThanOrEqual(saved);
      const store = await openStore(storePath);
      const history = await store.metricHistory(runId, "train/loss");
      expect(history.map((point) => point.value)).toEqual(history.map((_, i) => 1 / (i + 1)));
      expect(history.length).toBeGreaterThanOrEqual(saved);
      // Batches are atomic: there are as many ledger entries as events, although steps were repeated after a kill.
      expect((await store.spend(runId)).length).toBe((await store.events(runId)).length);
      await store.close();
    }
    expect(saved).toBeGreaterThan(kills);
    const adapter = new Float64Array(
      (await readFile(join(await newest(folder.checkpoints), "adapter.bin"))).buffer,
    );
    expect(new Set(adapter).size).toBe(1);
  }, 180_000);

  it("is locked to a second process while the first lives, and free afterwards", async () => {
    const { path, storePath } = await makeRun();
    const first = startWriter(path, storePath, "first");
    await until(() => first.lines.length > 1);
    const second = startWriter(path, storePath, "second");
    await once(second.child, "exit");
    expect(second.lines).toEqual(["RUN_LOCKED"]);
    const before = first.lines.length;
    await until(() => first.lines.length > before);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const third = startWriter(path, storePath, "third");
    await until(() => third.lines.length > 1);
    expect(third.lines[0]).toMatch(/^ready \d+ true$/);
  }, 60_000);
});

async function newest(checkpoints: string): Promise<string> {
  return (await findCheckpoint(checkpoints))?.path ?? "";
}
