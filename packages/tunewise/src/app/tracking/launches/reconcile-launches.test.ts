/** @file The launcher and the server report the end of a command at the same time. */
import { readdir } from "node:fs/promises";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../../../../test/support/track-disk.ts";
import type { RunMeter } from "../../../launch/index.ts";
import { reportEnd } from "./reconcile-launches.ts";

const meter = {
  runId: "a",
  spentMicroUsd: 5,
  meteredMs: 10,
  status: "ended",
  stop: null,
} as unknown as RunMeter;
const registry = {
  begin: () => Promise.reject(new Error("never asked")),
  report: async () => null,
  close: async () => undefined,
};

it("is written down by both without a failure", async () => {
  const folder = await temporaryFolder();
  for (let round = 0; round < 20; round++) {
    await Promise.all([1, 2, 3].map(() => reportEnd(registry, folder, meter)));
  }
  expect(await readdir(folder)).toEqual(["settled.json"]);
});
