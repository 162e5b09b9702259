import { bytes, usd } from "@tunewise/core/quantity";
import { expect, it } from "vitest";
import type { MachineNeeds, Offer, Provider } from "../../provision/index.ts";
import { liveOffers } from "./live-offers.ts";
import { offeredSite } from "./worker-site.ts";

function offer(count: number, name: string, gib: number, change: Partial<Offer> = {}): Offer {
  return {
    id: "x",
    backend: "aws",
    region: "us-east-1",
    instance: `g${count}`,
    isSpot: false,
    isAvailable: true,
    gpu: { name, count, memoryBytes: bytes(gib * 2 ** 30) },
    cores: 8,
    memoryBytes: bytes(64e9),
    diskBytes: bytes(100e9),
    usdPerHour: usd(count * 2),
    isDiskIncluded: false,
    ...change,
  };
}

it("asks for machines of one to eight cards, and takes those that a plan can judge", async () => {
  const asked: MachineNeeds[] = [];
  const provider: Pick<Provider, "address" | "offers"> = {
    address: "dstack://host/main",
    offers: async (needs) => {
      asked.push(needs);
      const { gpuCount } = needs;
      return [
        offer(gpuCount, "A100", 80, { isSpot: gpuCount === 2 }),
        offer(gpuCount, "X9000", 80),
        offer(gpuCount, "L40S", 48, { usdPerHour: null }),
      ];
    },
  };
  const found = await liveOffers(provider as Provider, true, new Date("2026-11-28T10:00:00Z"));
  expect(asked.map(({ gpuCount }) => gpuCount)).toEqual([1, 2, 4, 8]);
  expect(asked.every(({ isSpotAllowed }) => isSpotAllowed)).toBe(true);
  expect(found.map(({ deviceCount, pricing }) => [deviceCount, pricing])).toEqual([
    ...[
      [1, "on-demand"],
      [2, "spot"],
      [4, "on-demand"],
      [8, "on-demand"],
    ],
  ]);
  expect(found[0]).toMatchObject({
    provider: "aws",
    instance: "g1",
    device: "A100-80GB",
    region: "us-east-1",
    usdPerHour: usd(2),
    source: { name: "dstack://host/main", asOf: "2026-11-28" },
  });
});

it("is planned for its cards as for one's own", () => {
  const site = offeredSite("dstack://host/main", offer(4, "H100", 80), 2, "fsdp");
  expect(site).toMatchObject({
    address: "dstack://host/main",
    placement: { kind: "torch", device: "cuda", dtype: "bfloat16", processes: 8, sharding: "fsdp" },
  });
  expect(site?.cards).toHaveLength(8);
  expect(site?.cards[0]).toMatchObject({ capability: 9, usedBytes: 0 });
  expect(offeredSite("dstack://host/main", offer(1, "X9000", 80), 1, "none")).toBeNull();
  expect(offeredSite("dstack://host/main", { gpu: null }, 1, "none")).toBeNull();
});
