import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeCommit, fakeHub } from "../../../../test/support/fake-hub.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TunewiseError } from "../problem/index.ts";
import { type HubAccess, type RetryPolicy, requestHub } from "./connection.ts";
import { downloadFile } from "./download.ts";
import type { HubFile } from "./listing.ts";

const hub = await fakeHub();
const folder = temporaryFolder();
const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 251));
const patience: RetryPolicy = { stallMilliseconds: 400, pauseMilliseconds: 1, attempts: 3 };
let target = "";
let count = 0;

beforeEach(() => {
  hub.reset();
  hub.files.set("a/b/w.bin", content);
  count += 1;
  target = join(folder, `${count}`, "w.bin");
});

function hashed(bytes: Buffer): HubFile {
  const value = createHash("sha256").update(bytes).digest("hex");
  return { name: "w.bin", bytes: bytes.length, hash: { kind: "sha256", value } };
}

function access(changes: Partial<HubAccess> = {}): HubAccess {
  return { fetch, endpoint: hub.endpoint, token: "secret-token", ...changes };
}

async function run(
  changes: Partial<HubAccess> = {},
  file: HubFile = hashed(content),
  onProgress?: (done: number) => void,
): Promise<string> {
  const address = `${hub.endpoint}/a/b/resolve/${fakeCommit}/w.bin`;
  const report = onProgress && ((progress: { doneBytes: number }) => onProgress(progress.doneBytes));
  try {
    await downloadFile(access(changes), { address, target, file, id: "a/b", onProgress: report }, patience);
  } catch (error) {
    return TunewiseError.is(error) ? `${error.code}: ${error.message}` : String(error);
  }
  return "done";
}

describe("a download", () => {
  it("arrives whole, under its final name only, and reports progress", async () => {
    const steps: number[] = [];
    expect(await run({}, hashed(content), (done) => steps.push(done))).toBe("done");
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(existsSync(`${target}.part`)).toBe(false);
    expect(steps.at(-1)).toBe(content.length);
    expect(await run()).toBe("done");
    expect(hub.seen).toHaveLength(1);
  });

  it("goes on where the connection was cut", async () => {
    hub.cuts.set("w.bin", [30_000, 20_000]);
    expect(await run()).toBe("done");
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(hub.seen.map(({ range }) => range)).toEqual([undefined, "bytes=30000-", "bytes=50000-"]);
  });

  it("goes on from what an earlier process left", async () => {
    mkdirSync(join(folder, `${count}`));
    writeFileSync(`${target}.part`, content.subarray(0, 99_999));
    expect(await run()).toBe("done");
    expect(hub.seen.map(({ range }) => range)).toEqual(["bytes=99999-"]);
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  it("begins again where the server knows no ranges", async () => {
    hub.ranges = false;
    hub.cuts.set("w.bin", [30_000]);
    expect(await run()).toBe("done");
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  it("gives up after several tries without progress and keeps what came", async () => {
    hub.cuts.set("w.bin", [500, 0, 0, 0, 0]);
    expect(await run()).toMatch(/^MODEL_DOWNLOAD_FAILED: w.bin from 127\.0\.0\.1:\d+: /);
    expect(readFileSync(`${target}.part`)).toHaveLength(500);
    hub.cuts.clear();
    expect(await run()).toBe("done");
  });

  it("throws away a file with another hash and takes the next one", async () => {
    const wrong = Buffer.from(content);
    wrong[5] = 255;
    hub.files.set("a/b/w.bin", wrong);
    expect(await run()).toMatch(/^MODEL_DOWNLOAD_DAMAGED: .*sha256 is/);
    expect([existsSync(target), existsSync(`${target}.part`)]).toEqual([false, false]);
    hub.files.set("a/b/w.bin", content);
    expect(await run()).toBe("done");
  });

  it("does not trust a left-over longer than the file, nor a wrong one", async () => {
    mkdirSync(join(folder, `${count}`));
    writeFileSync(`${target}.part`, Buffer.alloc(content.length + 1));
    expect(await run()).toBe("done");
    target = `${target}2`;
    writeFileSync(`${target}.part`, Buffer.alloc(10));
    expect(await run()).toContain("MODEL_DOWNLOAD_DAMAGED");
    expect(await run()).toBe("done");
  });

  it("stops a server that sends more than it declared", async () => {
    hub.files.set("a/b/w.bin", Buffer.concat([content, Buffer.alloc(1_000_000)]));
    expect(await run()).toBe("done");
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  it("verifies small files by their git blob", async () => {
    const value = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
    const file: HubFile = { name: "w.bin", bytes: content.length, hash: { kind: "git-sha1", value } };
    expect(await run({}, file)).toBe("done");
    target = `${target}2`;
    const wrong: HubFile = { ...file, hash: { kind: "git-sha1", value: "0".repeat(40) } };
    expect(await run({}, wrong)).toContain("MODEL_DOWNLOAD_DAMAGED");
  });

  it("makes an empty file", async () => {
    expect(await run({}, hashed(Buffer.alloc(0)))).toBe("done");
    expect(readFileSync(target)).toHaveLength(0);
  });

  it("may be done by two at once", async () => {
    hub.cuts.set("w.bin", [40_000, 10_000, 5_000]);
    expect(await Promise.all([run(), run(), run()])).toEqual(["done", "done", "done"]);
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(existsSync(`${target}.part`)).toBe(false);
  });

  it("names a folder it cannot write to", async () => {
    writeFileSync(join(folder, `${count}`), "a file where the folder should be");
    expect(await run()).toMatch(/^MODEL_FILE_WRITE_FAILED/);
  });
});

describe("the token", () => {
  it("goes to the hub but not to where it redirects", async () => {
    hub.redirect = true;
    expect(await run()).toBe("done");
    expect(hub.seen[0]?.authorization).toBe("Bearer secret-token");
    expect(hub.seenElsewhere.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it("is not sent where there is none, and never shows", async () => {
    expect(await run({ token: null })).toBe("done");
    expect(hub.seen[0]?.authorization).toBeUndefined();
    target = `${target}2`;
    hub.statuses.set("w.bin", 403);
    const denied = await run();
    expect(denied).toMatch(/^MODEL_ACCESS_DENIED: .* returned 403 for a\/b/);
    expect(denied).not.toContain("secret");
  });
});

describe("a server that", () => {
  it.each([
    [404, 1],
    [500, 3],
    [429, 3],
  ])("answers %i is asked %i times", async (status, times) => {
    hub.statuses.set("w.bin", status);
    expect(await run()).toContain(`MODEL_DOWNLOAD_FAILED: w.bin from`);
    expect(hub.seen).toHaveLength(times);
  });

  it("is silent counts as cut", async () => {
    hub.hanging.add("w.bin");
    expect(await run()).toContain("nothing came for 0.4 s");
  });

  it("is silent can be left by abort", async () => {
    hub.hanging.add("w.bin");
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("stopped by the user")), 30);
    expect(await run({ signal: controller.signal })).toBe("Error: stopped by the user");
  });

  it("redirects in a circle or to another protocol is left", async () => {
    const to = (location: string): Partial<HubAccess> => ({
      fetch: async () => new Response(null, { status: 302, headers: { location } }),
    });
    expect(await run(to("/again"))).toContain("redirects more than 5 times");
    expect(await run(to("file:///etc/passwd"))).toContain("redirects to file://");
    const secure = { ...access(to("http://127.0.0.1/")), endpoint: "https://127.0.0.1" };
    await expect(requestHub(secure, "https://127.0.0.1/x", {}, patience)).rejects.toThrow(
      "redirects to http://",
    );
  });

  it("is not there is named with the reason", async () => {
    const refused = async (): Promise<Response> => {
      throw new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } });
    };
    expect(await run({ fetch: refused })).toContain("fetch failed: ENOTFOUND");
  });
});
