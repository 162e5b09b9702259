/** A server killed while it works: nothing acknowledged is lost or stored twice. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const bench = "bench/tracking/kill.mjs";
const postgres = process.env["TUNEWISE_TEST_POSTGRES"];

/** Runs the check of the benchmark with few kills, on the sources. */
function kill(...words: string[]): string {
  const all = [bench, "--source", "--times", "3", ...words];
  const { stdout, stderr, status } = spawnSync(process.execPath, all, { encoding: "utf8", timeout: 110_000 });
  expect(status, stderr).toBe(0);
  return stdout;
}

const kept = /^3 kills, \d+ runs, \d+ points: none lost, none twice \(\d+ batches were on their way\)\n$/;

test("SQLite", { timeout: 120_000 }, () => {
  expect(kill()).toMatch(kept);
});

test.skipIf(postgres === undefined)("PostgreSQL", { timeout: 120_000 }, () => {
  expect(kill("--store", "postgres")).toMatch(kept);
});
