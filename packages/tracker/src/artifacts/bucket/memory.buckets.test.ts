/**
 * @file Large uploads and downloads through `tunewise serve` and a bucket do not increase the memory of the process.
 */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bucketServer, motoPython } from "../../../../../test/support/bucket-server.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";

const server = bucketServer();
const isLinux = process.platform === "linux";
const bytes = 300 * 1024 ** 2;
const chunk = Buffer.alloc(1024 ** 2, "tunewise");

/** `tunewise serve` as a separate process. */
async function serve(address: string): Promise<{ url: string; pid: number; said: () => string }> {
  const store = await temporaryFolder();
  const words = ["serve", "--port", "0", "--store", store, "--artifacts", address, "--json"];
  const child = spawn(
    process.execPath,
    ["--import", "tsx", resolve("packages/tunewise/src/cli/main.ts"), ...words],
    {
      env: { ...process.env, ...server.environment() },
    },
  );
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let said = "";
  const hear = (text: Buffer): void => {
    said += text.toString();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  for (let attempt = 0; attempt < 300; attempt++) {
    const url = /"url": "([^"]+)"/.exec(said)?.[1];
    if (url) return { url, pid: child.pid ?? 0, said: () => said };
    await new Promise((wait) => setTimeout(wait, 100));
  }
  throw new Error(`tunewise did not start: ${said}`);
}

/** Memory of a process in KiB, current or peak. */
async function memory(pid: number, word: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(status.split(`${word}:`)[1]?.trim().split(/\s/)[0]);
}

test.skipIf(!motoPython || !isLinux)("300 MiB go in and come out in constant memory", async () => {
  const { url, pid, said } = await serve(`${await server.makeBucket()}/files`);
  const asked = { method: "POST", body: JSON.stringify({ experiment_id: "0" }) };
  const made = await (await fetch(`${url}/api/2.0/mlflow/runs/create`, asked)).json();
  const run = (made as { run: { info: { run_id: string } } }).run.info.run_id;
  const place = `${url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/large.bin`;
  const before = await memory(pid, "VmRSS");
  const pieces = function* (): Generator<Buffer> {
    for (let at = 0; at < bytes; at += chunk.length) yield chunk;
  };
  const body = ReadableStream.from(pieces());
  const put = await fetch(place, { method: "PUT", body, duplex: "half" } as RequestInit);
  expect(put.status).toBe(200);
  const got = await fetch(place);
  let [read, isSame] = [0, true];
  for await (const piece of got.body ?? []) {
    isSame &&= piece[0] === chunk[read % 8];
    read += piece.length;
  }
  expect([read, isSame]).toEqual([bytes, true]);
  const grown = ((await memory(pid, "VmHWM")) - before) / 1024;
  expect(grown).toBeLessThan(160);
  expect(said()).not.toContain("secret-of-tests");
});
