/** Real processes that pay from one account: two at the same time, and some that are killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openDatabase, readAccount } from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { type FaultEndpoint, type FaultOptions, serveFaults } from "../support/fault-endpoint.ts";
import { loader } from "../support/program.ts";
import { temporaryFolder } from "../support/track-disk.ts";

const script = fileURLToPath(new URL("../support/paying-process.ts", import.meta.url));

async function serve(options: FaultOptions = {}): Promise<FaultEndpoint> {
  const endpoint = await serveFaults(options);
  onTestFinished(() => endpoint.close());
  return endpoint;
}

/** The endpoint's charges by its own count, in micro-dollars. */
function billOf({ bill }: FaultEndpoint): number {
  return bill.promptTokens * 100 + bill.answerTokens * 1000;
}

/** Everything deducted from the account: spent, reserved and lost. */
async function goneFrom(place: string): Promise<number> {
  const database = await openDatabase(place);
  try {
    const { spentMicroUsd, reservedMicroUsd, lostMicroUsd } = await readAccount(database, "shared", 0);
    return spentMicroUsd + reservedMicroUsd + lostMicroUsd;
  } finally {
    await database.close();
  }
}

function start(
  place: string,
  url: string,
  cap: number,
  count: number,
  first = 0,
): { child: ChildProcess; lines: string[] } {
  const words = ["--import", loader, script, place, url, ...[cap, count, first].map(String)];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  if (child.stdout) createInterface(child.stdout).on("line", (line) => lines.push(line));
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return { child, lines };
}

test("processes that share a store share a cap, and the work", async () => {
  const place = join(await temporaryFolder(), "store.sqlite");
  const server = await serve({ fault: (at) => (at % 5 === 1 ? "half a stream" : "fine"), delayMs: 10 });
  await (await openDatabase(place)).close();
  const cap = 400_000;
  const both = [start(place, server.url, cap, 40), start(place, server.url, cap, 40, 20)];
  await Promise.all(both.map(({ child }) => once(child, "exit")));
  const paid = both.flatMap(({ lines }) => lines.filter((line) => line.includes(": paid")));
  expect(both.map(({ lines }) => lines.at(-1))).toEqual(["end", "end"]);
  expect(paid.length).toBeGreaterThan(3);
  expect(new Set(paid.map((line) => line.split(":")[0])).size).toBe(paid.length);
  const gone = await goneFrom(place);
  expect(gone).toBeLessThanOrEqual(cap);
  expect(billOf(server)).toBeLessThanOrEqual(gone);
  // the cap was reached, so this test exercised it
  expect(both.flatMap(({ lines }) => lines).some((line) => line.includes("ASK_BUDGET_SPENT"))).toBe(true);
}, 120_000);

test("processes that are killed pay nothing twice but what was in flight, and the cap holds", async () => {
  const place = join(await temporaryFolder(), "store.sqlite");
  const server = await serve({ delayMs: 60 });
  const [cap, count] = [3_000_000, 24];
  for (let kills = 0; kills < 2; kills++) {
    const { child, lines } = start(place, server.url, cap, count);
    await new Promise<void>((enough) => {
      const timer = setInterval(() => {
        if (lines.filter((line) => line.includes(": paid")).length < 4) return;
        clearInterval(timer);
        enough();
      }, 5);
    });
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  const last = start(place, server.url, cap, count);
  await once(last.child, "exit");
  expect(last.lines.filter((line) => /: (?:paid|kept)/.test(line))).toHaveLength(count);
  // three requests in flight at each of two kills
  expect(server.requests.length).toBeLessThanOrEqual(count + 2 * 3);
  const gone = await goneFrom(place);
  expect(gone).toBeLessThanOrEqual(cap);
  expect(billOf(server)).toBeLessThanOrEqual(gone);
}, 120_000);
