import { expect, test } from "vitest";
import { clusterOf } from "./cluster.ts";

test("nodes are added up, and cards have the memory of their kind", () => {
  const nodes = [
    { resources: { CPU: 16, "node:10.0.0.1": 1 } },
    { resources: { CPU: 32, GPU: 2, "accelerator_type:A100-80G": 1 } },
    { resources: { CPU: 32, GPU: 1, "accelerator_type:H100": 1 } },
    { resources: { CPU: 4, GPU: 1 } },
  ];
  const { cards, ...rest } = clusterOf("2.60.0", nodes);
  expect(rest).toEqual({ version: "2.60.0", nodes: 4, processors: 84 });
  expect(cards.map(({ memoryBytes }) => memoryBytes / 2 ** 30)).toEqual([80, 80, 80, 0]);
  expect(cards[0]?.name).toMatch(/^A100-80GB/);
  expect(cards[3]).toEqual({ name: "GPU", memoryBytes: 0, usedBytes: 0, capability: null });
});
