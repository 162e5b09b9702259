import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { createRuntime } from "../../runtime/index.ts";
import { parseCards } from "./cards.ts";
import { placementOn, torchPlacement, workerPython } from "./python.ts";

const root = temporaryFolder();

test("the worker's Python is the one that is named, and without any the fix installs it", async () => {
  const real = createRuntime(root, new AbortController().signal, "test");
  const sources = { ...real.sources, cacheFolder: join(root, "cache") };
  const find = (environment: Record<string, string>): Promise<string> =>
    workerPython({ sources, environment });
  expect(await find({ TUNEWISE_PYTHON: process.execPath })).toBe(process.execPath);
  const missing = { code: "WORKER_NOT_INSTALLED", fix: "tunewise worker install" };
  await expect(find({})).rejects.toMatchObject(missing);
  await expect(find({ TUNEWISE_PYTHON: join(root, "python") })).rejects.toMatchObject({
    ...missing,
    params: { path: join(root, "python") },
  });
});

test("cards are read from the driver's list, and an answer without any is told", () => {
  const gib = 1024 ** 3;
  expect(
    parseCards("NVIDIA H100 80GB HBM3, 81559, 1536, 580.95.05, 9.0\nTesla T4, 15360, 0, 580.95.05\n"),
  ).toEqual({
    kind: "cuda",
    driver: "580.95.05",
    cards: [
      { name: "NVIDIA H100 80GB HBM3", memoryBytes: 81559 * 1024 ** 2, usedBytes: 1.5 * gib, capability: 9 },
      { name: "Tesla T4", memoryBytes: 15360 * 1024 ** 2, usedBytes: 0, capability: null },
    ],
  });
  expect(parseCards("No devices were found\n")).toEqual({
    kind: "unknown",
    vendor: "NVIDIA",
    reason: "No devices were found",
  });
});

test("without a card the worker computes as exactly as the engine, in one process", async () => {
  const real = createRuntime(root, new AbortController().signal, "test");
  const placement = await torchPlacement({ recompute: "layer", sharding: "none" }, real);
  expect(placement.recompute).toBe("layer");
  expect(placement.dtype).toBe(placement.device === "cuda" ? "bfloat16" : "float32");
  if (placement.device !== "cuda") expect(placement.processes).toBe(1);
});

test.each<[string, string, string, "none" | "fsdp", object]>([
  [
    "all of two cards",
    "H100, 81559, 0, 580, 9.0\nH100, 81559, 0, 580, 9.0\n",
    "0,1",
    "fsdp",
    { processes: 2 },
  ],
  ["one of them", "H100, 81559, 0, 580, 9.0\nH100, 81559, 0, 580, 9.0\n", "1", "none", { processes: 1 }],
  ["an old card, in float16", "T4, 15360, 0, 580, 7.5\n", "0", "none", { dtype: "float16", processes: 1 }],
])("the worker computes on %s", (_, listed, visible, sharding, expected) => {
  const placement = placementOn(parseCards(listed), { recompute: "none", sharding }, visible);
  expect(placement).toMatchObject({ device: "cuda", sharding, ...expected });
});

test("one card has nobody to share weights with", () => {
  const card = parseCards("H100, 81559, 0, 580, 9.0\n");
  const place = (): unknown => placementOn(card, { recompute: "none", sharding: "fsdp" });
  expect(place).toThrow(expect.objectContaining({ code: "SHARDING_NEEDS_CARDS" }));
});
