/** @file Limits for the page: bytes of its files, and requests, data and CPU time until the first 50 rows. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, inject, test } from "vitest";
import { browserPath, closeBrowser, openPage } from "../support/browser.ts";
import "../support/built-page.ts";
import { falling, logRun, makeProject } from "../support/page-store.ts";
import { serveTeam } from "../support/team-server.ts";

afterAll(closeBrowser);

/** Bytes of a file after gzip compression. */
const gzipBytes = (path: string): number => gzipSync(readFileSync(path), { level: 9 }).length;

/**
 * Milliseconds of `fixedWork` on the machine for which the limit of 100 ms is meant; a slower machine may take longer.
 * An Intel Xeon that took 149 took 109 to 130 for ten runs.
 */
const fixedMs = 115;

/** The browser's milliseconds to sort and serialize fixed numbers: the current speed of this machine. */
function fixedWork(): number {
  const begun = performance.now();
  const numbers = Array.from({ length: 200_000 }, (_, at) => Math.sin(at) * 1e6);
  const text = JSON.stringify(numbers.sort((a, b) => a - b));
  return JSON.parse(text).length > 0 ? performance.now() - begun : Number.NaN;
}

test("files: 60 kB for the first view, 100 kB for all", () => {
  const folder = join(inject("page"), "assets");
  const names = readdirSync(folder).filter((name) => /\.(js|css)$/.test(name));
  const document = readFileSync(join(inject("page"), "index.html"), "utf8");
  const sizes = new Map(names.map((name) => [name, gzipBytes(join(folder, name))]));
  const sum = (some: readonly string[]): number =>
    some.reduce((all, name) => all + (sizes.get(name) ?? 0), 0);
  const first = sum(names.filter((name) => document.includes(name)));
  console.log(`gzip: first view ${first} bytes, all ${sum(names)} bytes`);
  expect(first).toBeGreaterThan(1_000);
  expect(first).toBeLessThan(60_000);
  expect(sum(names)).toBeLessThan(100_000);
});

describe.skipIf(browserPath === null)("the first 50 rows", () => {
  test("take 5 requests, 15 kB of data and 200 ms of the main thread", async () => {
    const team = await serveTeam({ page: inject("page") });
    const project = await makeProject(team, "lessons");
    for (let at = 0; at < 60; at++) {
      const metrics = { eval_loss: falling(2, 0.5 + at / 100, 3) };
      await logRun(team, project, {
        name: `run-${at}`,
        params: { rank: String(at % 4), seed: String(at) },
        metrics,
      });
    }
    const opened = await openPage(team.url);
    await opened.page.getByLabel("Password or token").fill(team.tokens.get("root") ?? "");
    await opened.page.getByRole("button", { name: "Sign in" }).click();
    await opened.page.getByRole("button", { name: "Sign out" }).waitFor();

    const address = `${team.url}/#/?columns=metrics.eval_loss,params.rank,params.seed,attributes.status,attributes.spent`;
    let [requests, bytes, milliseconds] = [Infinity, Infinity, Infinity];
    for (let round = 0; round < 5; round++) {
      const page = await opened.page.context().newPage();
      const session = await page.context().newCDPSession(page);
      await session.send("Network.enable");
      await session.send("Network.setCacheDisabled", { cacheDisabled: true });
      await session.send("Performance.enable", { timeDomain: "threadTicks" });
      const asked = new Map<string, { url: string; bytes: number }>();
      let isThere = false;
      session.on("Network.requestWillBeSent", ({ requestId, request }) => {
        if (!isThere && request.url.startsWith("http")) asked.set(requestId, { url: request.url, bytes: 0 });
      });
      session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
        const one = asked.get(requestId);
        if (one) one.bytes = encodedDataLength;
        isThere ||= one?.url.endsWith("/runs/table") ?? false; // later requests are not counted
      });
      await page.goto(address);
      await page.locator("[data-row] a").nth(19).waitFor();
      const { metrics } = await session.send("Performance.getMetrics");
      await page.waitForTimeout(300); // Chromium reports the sizes with a delay
      const seconds = metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
      const table = [...asked.values()].find(({ url }) => url.endsWith("/runs/table"));
      requests = Math.min(requests, asked.size);
      bytes = Math.min(bytes, table?.bytes ?? Infinity);
      milliseconds = Math.min(milliseconds, seconds * 1000);
      await page.close();
    }
    console.log(
      `first rows: ${requests} requests, ${bytes} bytes of runs, ${milliseconds.toFixed(0)} ms of the main thread`,
    );
    expect(requests).toBeLessThanOrEqual(5);
    expect(bytes).toBeLessThan(15_000);
    expect(milliseconds).toBeLessThan(200);
  });

  // a temporarily slow machine fails once; a slower page fails every time
  test("and ten runs beside each other 100 ms more", { retry: 2 }, async () => {
    const team = await serveTeam({ page: inject("page") });
    const project = await makeProject(team, "lessons");
    const ids: string[] = [];
    for (let at = 0; at < 10; at++) {
      const metrics = Object.fromEntries(
        ["eval_loss", "loss", "accuracy", "rate"].map((key) => [key, falling(2, 0.5 + at / 20, 200)]),
      );
      ids.push(await logRun(team, project, { name: `run-${at}`, params: { rank: String(at) }, metrics }));
    }
    const { page } = await openPage(team.url);
    await page.getByLabel("Password or token").fill(team.tokens.get("root") ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const spent = async (): Promise<number> => {
      const { metrics } = await session.send("Performance.getMetrics");
      return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
    };
    let [milliseconds, fixed] = [Infinity, Infinity];
    for (let round = 0; round < 5; round++) {
      fixed = Math.min(fixed, await page.evaluate(fixedWork));
      await page.goto(`${team.url}/#/money`);
      await page.getByRole("heading", { name: "Money" }).waitFor();
      await page.waitForTimeout(500);
      const before = await spent();
      await page.goto(`${team.url}/#/compare?runs=${ids.join(",")}`);
      await page.locator(".chart canvas").nth(3).waitFor();
      await page.waitForTimeout(200);
      milliseconds = Math.min(milliseconds, (await spent()) - before);
    }
    const slower = Math.max(1, fixed / fixedMs);
    console.log(
      `ten runs compared: ${milliseconds.toFixed(0)} ms of the main thread; fixed work ${fixed.toFixed(0)} ms`,
    );
    expect(milliseconds / slower).toBeLessThan(100);
  });
});
