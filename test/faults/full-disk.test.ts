/**
 * A tracking server on a disk that is really full (a small file system in memory), with SQLite, its log and artifact
 * files as in production. Nothing acknowledged is lost, and the server continues once space is free.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { folderArtifacts, openDatabase } from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { ownFolder } from "../support/faults.ts";
import { served } from "../support/served-folder.ts";

/** Mounts a disk of this size, or returns `null` if this user may not mount one. */
function smallDisk(kilobytes: number): string | null {
  const folder = ownFolder("disk");
  const options = ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", folder];
  const isMade = process.platform === "linux" && spawnSync("mount", options).status === 0;
  onTestFinished(() => {
    if (isMade) spawnSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  return isMade ? folder : null;
}

const promise =
  "a tracking server on a full disk loses nothing that it acknowledged, and goes on when there is room";

test(promise, async (context) => {
  const disk = smallDisk(4096);
  if (disk === null) return context.skip("making a small disk needs the right to mount one");
  mkdirSync(join(disk, "store"));
  const ballast = join(disk, "ballast");
  writeFileSync(ballast, Buffer.alloc(1 << 20));
  const acknowledged: number[] = [];
  let refused = 0;
  await served(join(disk, "store"), async (url) => {
    const send = async (path: string, body: object): Promise<Response> =>
      fetch(`${url}/api/2.0/mlflow/${path}`, { method: "POST", body: JSON.stringify(body) });
    const made = (await (await send("runs/create", { experiment_id: "0" })).json()) as {
      run: { info: { run_id: string } };
    };
    const { run_id } = made.run.info;
    const log = async (batch: number): Promise<boolean> => {
      const metrics = Array.from({ length: 500 }, (_, at) => ({
        key: "loss",
        step: 500 * batch + at,
        value: batch + at / 1000,
        timestamp: 1000,
      }));
      const { status } = await send("runs/log-batch", { run_id, metrics });
      expect([200, 507]).toContain(status);
      return status === 200;
    };
    for (let batch = 0; batch < 400 && refused < 5; batch++) {
      if (await log(batch)) acknowledged.push(batch);
      else refused++;
    }
    expect(refused).toBe(5);
    const file = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/0/${run_id}/artifacts/a.bin`, {
      method: "PUT",
      body: "x".repeat(3_000_000),
    });
    // A status that clients do not retry for minutes, with a message.
    expect([file.status, await file.json()]).toEqual([
      507,
      {
        error_code: "RESOURCE_EXHAUSTED",
        message: expect.stringContaining("No room is left on the server for 0/"),
      },
    ]);
    rmSync(ballast);
    expect(await log(1000)).toBe(true);
    acknowledged.push(1000);
    const kept: number[] = [];
    for (let token = "", more = true; more; ) {
      const path = `metrics/get-history?run_id=${run_id}&metric_key=loss&max_results=25000&page_token=${token}`;
      const page = (await (await fetch(`${url}/api/2.0/mlflow/${path}`)).json()) as {
        metrics: { step: number }[];
        next_page_token?: string;
      };
      kept.push(...page.metrics.map(({ step }) => step));
      token = encodeURIComponent(page.next_page_token ?? "");
      more = token !== "";
    }
    const wanted = acknowledged.flatMap((batch) => Array.from({ length: 500 }, (_, at) => 500 * batch + at));
    expect(kept.length).toBe(wanted.length);
    expect(new Set(kept)).toEqual(new Set(wanted));
  });
});

test("a server that starts on a full disk says so, and does not advise to move the store away", async (context) => {
  const disk = smallDisk(1024);
  if (disk === null) return context.skip("making a small disk needs the right to mount one");
  const store = join(disk, "store");
  mkdirSync(store);
  await served(store, async () => undefined);
  for (let room = 1 << 19; room >= 1024; room /= 2) {
    try {
      writeFileSync(join(disk, `ballast-${room}`), Buffer.alloc(room));
    } catch {
      rmSync(join(disk, `ballast-${room}`), { force: true });
    }
  }
  const failure = await openDatabase(join(store, "tunewise.db")).then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: "STORE_FULL", params: { folder: store } });
  const files = folderArtifacts(join(store, "files"), () => "1");
  const put = files.put("0/a.bin", Readable.from([Buffer.alloc(100_000)]));
  await expect(put).rejects.toMatchObject({ code: "ARTIFACT_STORE_FULL", params: { path: "0/a.bin" } });
});
