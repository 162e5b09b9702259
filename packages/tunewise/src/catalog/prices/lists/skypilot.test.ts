import { dollars } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import {
  awsSample,
  azureSample,
  gcpSample,
  gpuInfo,
  lambdaSample,
  runpodSample,
  vastSample,
} from "../../../../../../test/support/price-samples.ts";
import { readSkypilotCatalog, type SkypilotCloud } from "./skypilot.ts";

const read = (text: string, cloud: SkypilotCloud) =>
  readSkypilotCatalog(text, cloud, { name: `list/${cloud}`, asOf: "2026-11-20" });

/** One line per offer: `x5.big us-east-1 on-demand 1 x A10G (22.35 GiB) $1.1`. */
function lines(text: string, cloud: SkypilotCloud): string[] {
  return read(text, cloud).machines.map(
    ({ instance, region, pricing, deviceCount, device, deviceMemoryBytes, usdPerHour }) =>
      `${instance} ${region} ${pricing} ${deviceCount} x ${device} (${(deviceMemoryBytes / 2 ** 30).toFixed(2)} GiB) $${dollars(usdPerHour)}`,
  );
}

function complaints(text: string, cloud: SkypilotCloud): string[] {
  return read(text, cloud).findings.map(
    ({ code, severity, count, detail }) => `${severity} ${code} ${count}: ${detail}`,
  );
}

describe("AWS", () => {
  it("keeps market prices, the cheapest zone of a region, and spot without on-demand", () => {
    expect(lines(awsSample, "aws")).toMatchInlineSnapshot(`
      [
        "x5.big us-east-1 on-demand 1 x A10G (22.35 GiB) $1.1",
        "x5.big us-east-1 spot 1 x A10G (22.35 GiB) $0.45",
        "x5.big eu-west-1 on-demand 1 x A10G (22.35 GiB) $1.21",
        "x5.big ap-south-1 on-demand 1 x A10G (22.35 GiB) $1.3",
        "x9.huge us-east-2 spot 8 x H200 (141.00 GiB) $20.5",
        "x7.big us-east-1 on-demand 8 x A100-80GB (80.00 GiB) $27.5",
        "x7.big us-east-1 spot 8 x A100-80GB (80.00 GiB) $11.5",
      ]
    `);
  });
  it("tells what was left out", () => {
    expect(complaints(awsSample, "aws")).toMatchInlineSnapshot(`
      [
        "note PRICE_SPOT_DOUBTFUL 2: list/aws: the spot price of 2 rows left out, exactly the on-demand price or a tenth or 11 % of it; first x5.big in eu-west-1 (1.21, spot 0.121)",
        "note PRICE_ROWS_REFUSED 1: list/aws: 1 row left out, the device is not known; first k1.old (K80)",
      ]
    `);
  });
});

describe("GCP", () => {
  it("sums host and devices of one zone, also from the smallest host", () => {
    expect(lines(gcpSample, "gcp")).toMatchInlineSnapshot(`
      [
        "a2-ultragpu-1g us-east5 on-demand 1 x A100-80GB (80.00 GiB) $5.5",
        "a2-ultragpu-1g us-east5 spot 1 x A100-80GB (80.00 GiB) $1.6",
        "a3-highgpu-8g us-east4 on-demand 8 x H100-SXM (79.65 GiB) $88",
        "a3-highgpu-8g us-east4 spot 8 x H100-SXM (79.65 GiB) $19.2",
      ]
    `);
    const scaled = read(gcpSample, "gcp").machines.find(({ instance }) => instance === "a3-highgpu-8g");
    expect(scaled?.source.name).toBe("list/gcp (host + devices, host 8 times the smallest)");
    expect(scaled?.vcpus).toBe(208);
  });
  it("refuses on-demand below spot, also where the host would hide it", () => {
    expect(complaints(gcpSample, "gcp")).toMatchInlineSnapshot(`
      [
        "warning PRICE_BELOW_SPOT 1: list/gcp: 1 row left out, on-demand price below spot price; first a2-ultragpu-1g in us-central1 (1, spot 1.1)",
      ]
    `);
  });
});

describe("what other clouds do differently", () => {
  it("RunPod writes gigabytes into MiB", () => {
    expect(lines(runpodSample, "runpod")).toEqual([
      "2x_A100-80GB_SECURE US on-demand 2 x A100-80GB-PCIe (80.00 GiB) $3.2",
      "2x_A100-80GB_SECURE US spot 2 x A100-80GB-PCIe (80.00 GiB) $1.6",
    ]);
  });
  it("Vast writes the memory of all devices, and 0.00 for no spot price", () => {
    expect(lines(vastSample, "vast")).toEqual([
      "8x-RTX_4090-32-65536 Oslo, NO, EU on-demand 8 x RTX 4090 (23.99 GiB) $2.8",
      "2x-A100_SXM4-32-65536 Ljubljana, SI, EU on-demand 2 x A100-40GB (40.00 GiB) $1.5",
      "1x-A100_PCIE-32-65536 Tulsa, US, NA on-demand 1 x A100-80GB-PCIe (80.00 GiB) $0.9",
    ]);
    expect(complaints(vastSample, "vast")).toEqual([]);
  });
  it("Vast's memory of one device is understood as well", () => {
    const row = `v2-2x-A100-81920,A100-80GB,2,4,8,${gpuInfo("A100", 81920)},1.7,,any`;
    const text = `${vastSample.split("\n")[0]}\n${row}`;
    expect(lines(text, "vast")).toEqual(["v2-2x-A100-81920 any on-demand 2 x A100-80GB (80.00 GiB) $1.7"]);
  });
  it("Lambda's total forgets the count", () => {
    expect(lines(lambdaSample, "lambda")).toEqual([
      "gpu_8x_v100 us-east-1 on-demand 8 x V100-16GB (16.00 GiB) $6",
      "gpu_1x_h100_pcie us-east-1 on-demand 1 x H100-PCIe (80.00 GiB) $3",
    ]);
  });
  it("Azure names the chip alone, counts 12 where there are 8, and fills spot with 11 %", () => {
    expect(lines(azureSample, "azure")).toMatchInlineSnapshot(`
      [
        "Standard_ND96isr_H100_v5 eastus on-demand 8 x H100-SXM (79.65 GiB) $98",
        "Standard_ND96isr_H100_v5 eastus spot 8 x H100-SXM (79.65 GiB) $20",
        "Standard_NC40ads_H100_v5 eastus on-demand 1 x H100-NVL (93.58 GiB) $7",
        "Standard_NC24ads_A100_v4 eastus on-demand 1 x A100-80GB-PCIe (80.00 GiB) $3.7",
      ]
    `);
    const [first] = read(azureSample, "azure").machines;
    expect(first?.source.name).toBe("list/azure (count corrected from 12 to 8)");
    expect(complaints(azureSample, "azure")).toMatchInlineSnapshot(`
      [
        "note PRICE_SPOT_DOUBTFUL 1: list/azure: the spot price of 1 row left out, exactly the on-demand price or a tenth or 11 % of it; first Standard_NC40ads_H100_v5 in eastus (7, spot 0.77)",
      ]
    `);
  });
});

describe("lists that lie", () => {
  const header = "Region,Price,SpotPrice,InstanceType,AcceleratorCount,AcceleratorName";
  const one = (row: string): string => `${header}\n${row}`;

  it("are read by header, whatever the order", () => {
    expect(lines(one("here,1.5,,box,1,L4"), "nebius")).toEqual([
      "box here on-demand 1 x L4 (22.35 GiB) $1.5",
    ]);
  });

  it.each([
    ["a price of zero", "here,0.00,,box,1,L4", "the price is not between 0 and 650 dollars"],
    ["a price below zero", "here,-3,,box,1,L4", "the price is not between 0 and 650 dollars"],
    ["a price that is a word", "here,cheap,,box,1,L4", "the price is not between 0 and 650 dollars"],
    ["the 700.0 of unknown prices", "here,700.0,,box,1,L4", "the price is not between 0 and 650 dollars"],
    ["a price in hexadecimal", "here,0x10,,box,1,L4", "the price is not between 0 and 650 dollars"],
    ["half a device", "here,1.5,,box,0.5,L4", "the count of devices is not whole"],
    ["an unknown device", "here,1.5,,box,1,Abacus", "the device is not known"],
    ["a name that is endless", `here,1.5,,${"x".repeat(200)},1,L4`, "a name is too long"],
    [
      "a name with control characters",
      "here,1.5,,b\u001b[0mox,1,L4",
      "a name is too long or has control characters",
    ],
    ["a row that is too short", "here,1.5", "the row is broken"],
    ["an open quote", 'here,1.5,,"box,1,L4', "the row is broken"],
  ])("%s is left out and told", (_, row, reason) => {
    const { machines, findings } = read(one(`${row}\nhere,2,,good,1,L4`), "nebius");
    expect(machines.map(({ instance }) => instance)).toEqual(["good"]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ code: "PRICE_ROWS_REFUSED", count: 1 });
    expect(findings[0]?.detail).toContain(reason);
  });

  it("a region at less than half of the others is a fallback value", () => {
    const rows = ["a,78,,box,8,H100", "b,80,,box,8,H100", "c,33.6,,box,8,H100"];
    expect(lines(one(rows.join("\n")), "aws").map((line) => line.slice(0, 5))).toEqual(["box a", "box b"]);
    expect(complaints(one(rows.join("\n")), "aws")[0]).toContain("price below half of that in other regions");
    expect(lines(one(rows.join("\n")), "vast")).toHaveLength(3);
  });

  it.each([
    ["is empty", ""],
    ["is a web page", "<!doctype html><title>404</title>"],
    ["names a column twice", `${header},Price\n`],
    ["lacks a column", "Region,Price\nhere,1\n"],
  ])("a file that %s is refused", (_, text) => {
    expect(() => read(text, "aws")).toThrow(expect.objectContaining({ code: "PRICES_CATALOG_UNREADABLE" }));
  });

  it("with 200,000 rows of one instance do not hang the reader", () => {
    const rows = Array.from({ length: 200_000 }, (_, at) => `r${at % 3},2,,box,1,L4`);
    expect(lines(one(rows.join("\n")), "aws")).toHaveLength(3);
  }, 10_000);

  it("control characters never reach a message", () => {
    expect(complaints(one("here,-1,,b\u001b[31mox,1,L4"), "nebius")[0]).not.toContain("\u001b");
  });
});
