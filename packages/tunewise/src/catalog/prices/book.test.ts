import { bytes, dollars, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { ageOf, dateText, findStalePrices, isIsoDate, isStale } from "./age.ts";
import {
  emptyPrices,
  type InferenceOffer,
  type MachineOffer,
  mergePrices,
  type TrainingOffer,
  trainingOfferFor,
} from "./book.ts";
import { shippedPrices } from "./snapshot/snapshot.ts";

const machine = (changes: Partial<MachineOffer> = {}): MachineOffer => ({
  provider: "aws",
  instance: "p5.48xlarge",
  device: "H100-SXM",
  deviceCount: 8,
  deviceMemoryBytes: bytes(80 * 2 ** 30),
  vcpus: 192,
  memoryBytes: bytes(2048 * 2 ** 30),
  region: "us-east-1",
  pricing: "on-demand",
  usdPerHour: usd(55.04),
  source: { name: "list", asOf: "2026-11-01" },
  ...changes,
});

describe("merging books", () => {
  const answer: InferenceOffer = {
    vendor: "openai",
    model: "gpt-4o",
    inputUsdPerMillionTokens: usd(2.5),
    outputUsdPerMillionTokens: usd(10),
    cachedInputUsdPerMillionTokens: null,
    source: { name: "list", asOf: null },
  };

  it("lets a later row of the same key win, and keeps regions, pricings and the rest apart", () => {
    const first = {
      ...emptyPrices,
      machines: [
        machine(),
        machine({ region: "us-west-1", usdPerHour: usd(68.8) }),
        machine({ pricing: "spot" }),
      ],
      inference: [answer],
    };
    const second = {
      ...emptyPrices,
      machines: [machine({ provider: "AWS", usdPerHour: usd(40) }), machine({ instance: "other" })],
      inference: [{ ...answer, inputUsdPerMillionTokens: usd(2) }],
    };
    const { machines, inference } = mergePrices(first, second);
    expect(
      machines.map(({ instance, region, pricing, usdPerHour }) => [
        instance,
        region,
        pricing,
        dollars(usdPerHour),
      ]),
    ).toEqual([
      ["p5.48xlarge", "us-east-1", "on-demand", 40],
      ["p5.48xlarge", "us-west-1", "on-demand", 68.8],
      ["p5.48xlarge", "us-east-1", "spot", 55.04],
      ["other", "us-east-1", "on-demand", 55.04],
    ]);
    expect(inference.map(({ inputUsdPerMillionTokens }) => dollars(inputUsdPerMillionTokens))).toEqual([2]);
  });

  it("of nothing is empty", () => {
    expect(mergePrices()).toEqual(emptyPrices);
  });
});

describe("a vendor's row for a model", () => {
  const rows: readonly TrainingOffer[] = shippedPrices().training;
  it.each([
    ["fireworks", 8e9, "up to 16B parameters"],
    ["fireworks", 16e9, "up to 16B parameters"],
    ["fireworks", 16.1e9, "16.1B to 80B parameters"],
    ["fireworks", 81e9, undefined],
    ["ori", 7e9, "up to 10B parameters"],
    ["openai", 8e9, undefined],
    ["nobody", 8e9, undefined],
  ])("%s, %d parameters: %s", (vendor, parameters, name) => {
    expect(trainingOfferFor(rows, vendor, parameters)?.name).toBe(name);
  });
});

describe("age", () => {
  const today = new Date("2026-11-25T01:00:00Z");
  it.each([
    ["2026-11-25", 0, false],
    ["2026-11-26", -1, false],
    ["2026-11-27", -2, true],
    ["2026-10-26", 30, false],
    ["2026-10-25", 31, true],
    ["2024-05-24", 915, true],
    [null, null, true],
    ["yesterday", null, true],
  ])("of %s is %s days, stale %s", (asOf, age, stale) => {
    expect(ageOf({ name: "list", asOf }, today)).toBe(age);
    expect(isStale({ name: "list", asOf }, today)).toBe(stale);
  });

  it.each([
    ["2026-02-28", true],
    ["2026-02-30", false],
    ["2026-2-3", false],
    ["20261125", false],
    ["", false],
  ])("%s is a date: %s", (text, isDate) => expect(isIsoDate(text)).toBe(isDate));
});

describe("old prices", () => {
  it("get one warning for all of them", () => {
    const today = new Date("2026-11-25T01:00:00Z");
    const rows = [machine(), machine({ source: { name: "list", asOf: null } })];
    expect(findStalePrices(rows, today)).toEqual([
      expect.objectContaining({
        code: "PRICES_STALE",
        severity: "warning",
        count: 1,
        detail: "1 of 2 prices shown are older than 30 days, or may be, because their source has no date",
      }),
    ]);
    expect(findStalePrices(rows.slice(0, 1), today)).toEqual([]);
  });
});

describe("the shipped snapshot", () => {
  const { machines, training, inference } = shippedPrices();

  it("gives every price a source and a date: of the price, or of the day it was read (C7)", () => {
    for (const { source } of [...machines, ...training, ...inference]) {
      expect(source.name).not.toBe("");
      expect(source.asOf ?? source.readOn ?? "none").toSatisfy(isIsoDate);
      expect(dateText(source)).not.toBe("undated");
    }
  });

  it("goes on being flagged where only the day of reading is known, however young that is", () => {
    const read = [...machines, ...training, ...inference].filter(({ source }) => source.asOf === null);
    const day = new Date("2026-11-26T00:00:00Z");
    expect(read.length).toBeGreaterThan(100);
    expect(findStalePrices(read, day)[0]?.count).toBe(read.length);
  });

  it("has machines of all kinds, with a price, a source and a known device", () => {
    expect(machines.length).toBeGreaterThan(100);
    expect([...new Set(machines.map(({ provider }) => provider))]).toEqual([
      "aws",
      "gcp",
      "azure",
      "lambda",
      "runpod",
      "vast",
      "nebius",
    ]);
    expect(machines.every(({ usdPerHour, source }) => usdPerHour > 0 && source.name !== "")).toBe(true);
    const h100 = machines.find(
      ({ instance, region }) => instance === "p5.48xlarge" && region === "us-east-1",
    );
    expect(h100).toEqual(
      machine({ source: { name: "skypilot-catalog v8/aws@e385a0d3", asOf: null, readOn: "2026-11-25" } }),
    );
  });

  it("holds no spot price above on-demand and no machine without its host", () => {
    const keyOf = ({ provider, instance, region }: MachineOffer): string =>
      `${provider} ${instance} ${region}`;
    const asked = new Map(
      machines.filter(({ pricing }) => pricing === "on-demand").map((row) => [keyOf(row), row.usdPerHour]),
    );
    const odd = machines.filter(
      (row) => row.pricing === "spot" && row.usdPerHour >= (asked.get(keyOf(row)) ?? 1e12),
    );
    expect(odd).toEqual([]);
    expect(machines.filter(({ instance }) => instance.includes("accelerator"))).toEqual([]);
  });

  it("tells cards of one name apart", () => {
    const deviceOf = (instance: string): string | undefined =>
      machines.find((row) => row.instance === instance)?.device;
    expect(deviceOf("p4d.24xlarge")).toBe("A100-40GB");
    expect(deviceOf("p4de.24xlarge")).toBe("A100-80GB");
    expect(deviceOf("Standard_NC24ads_A100_v4")).toBe("A100-80GB-PCIe");
    expect(deviceOf("Standard_NC40ads_H100_v5")).toBe("H100-NVL");
    expect(deviceOf("gpu_1x_h100_pcie")).toBe("H100-PCIe");
    expect(deviceOf("1x-RTX_4090-32-65536")).toBe("RTX 4090");
    expect(machines.find(({ instance }) => instance === "Standard_ND96isr_H100_v5")?.deviceCount).toBe(8);
  });

  it("prices training and answers", () => {
    expect(training).toHaveLength(11);
    expect(training.find(({ vendor }) => vendor === "together")?.billing).toBe("padded-rows");
    expect(training.filter(({ vendor }) => vendor === "openai").every(({ isClosing }) => isClosing)).toBe(
      true,
    );
    expect(inference.length).toBeGreaterThan(40);
    expect(inference.find(({ model }) => model === "gpt-4o-mini")).toMatchObject({
      inputUsdPerMillionTokens: usd(0.15),
      outputUsdPerMillionTokens: usd(0.6),
      source: { asOf: "2026-08-05" },
    });
  });
});
