import { describe, expect, it } from "vitest";
import { type Device, findDevice } from "../../catalog/index.ts";
import { estimateServing, fitsForServing } from "./serving.ts";

const device = (name: string): Device => {
  const found = findDevice(name).device;
  if (found === null) throw new Error(`no device ${name}`);
  return found;
};
const model = { parameters: 8e9, activeParameters: 8e9, inputTokens: 500, outputTokens: 200 };

describe("estimateServing", () => {
  it("follows the roofline: weights are read once per step for all requests", () => {
    const card = { ...device("A100-80GB"), flopsPerSecond: 1e30, bandwidthBytesPerSecond: 2e12 };
    // 16 GB per step at 65 % of 2 TB/s: 81.25 steps of 16 answers a second
    expect(estimateServing(model, card).expected).toBeCloseTo(81.25 * 16, 6);
    const products = { ...card, flopsPerSecond: 1e14, bandwidthBytesPerSecond: 1e30 };
    // 700 tokens x 16 GFLOP at 35 TFLOP/s: 0.32 s for 200 tokens
    expect(estimateServing(model, products).expected).toBeCloseTo(625, 6);
  });

  it("is slower with longer prompts and larger models, and a range", () => {
    const card = device("A100-80GB");
    const usual = estimateServing(model, card);
    expect(usual.low).toBeLessThan(usual.expected);
    expect(usual.expected).toBeLessThan(usual.high);
    expect(estimateServing({ ...model, inputTokens: 5_000 }, card).expected).toBeLessThan(usual.expected);
    expect(estimateServing({ ...model, parameters: 16e9 }, card).expected).toBeLessThan(usual.expected);
  });
});

it("leaves room for requests beside the weights", () => {
  expect(fitsForServing({ parameters: 8e9 }, device("A100-80GB"))).toBe(true);
  expect(fitsForServing({ parameters: 8e9 }, device("T4"))).toBe(false); // 16 GB of weights on 16 GB
  expect(fitsForServing({ parameters: 3e9 }, device("T4"))).toBe(true);
});
