import { expect, test } from "vitest";
import { range, usd } from "../../quantity/index.ts";
import { checkClaims } from "./claims.ts";
import type { DecisionArm } from "./input.ts";

const free = range(usd(0), usd(0), usd(0));
const costs = {
  usdToGetThere: free,
  usdPerThousandAnswers: free,
  usdPerMonth: free,
  latency: null,
  upkeep: [],
};
const arm = (name: string, kind: DecisionArm["kind"], right: number): DecisionArm => ({
  ...{ name, kind, ...costs },
  outcomes: Array.from({ length: 200 }, (_, row) => (row < right ? 1 : 0)),
});
const of = (...arms: DecisionArm[]) => ({ arms, groups: null, seed: 1 });
const cost = (dollars: number, gigabytes: number) => ({
  usd: range(usd(dollars * 0.99), usd(dollars), usd(dollars * 1.01)),
  memoryBytesPeak: range(gigabytes * 1e9, gigabytes * 1e9, gigabytes * 1e9),
});

test.each([
  ["supported", { full: cost(100, 60), lora: cost(40, 5) }],
  ["contradicted", { full: cost(100, 60), lora: cost(40, 20) }],
  ["cannot-tell", null],
])("LoRA saves up to 90 %%: %s", (verdict, methods) => {
  const [saving] = checkClaims(methods, of());
  expect(saving).toMatchObject({ claim: "lora-saves-90-percent", verdict });
});

test.each([
  ["supported", [arm("small", "tuned", 180), arm("big", "api", 150)]],
  ["contradicted", [arm("small", "tuned", 120), arm("big", "api", 150)]],
  ["cannot-tell", [arm("small", "tuned", 152), arm("big", "api", 150)]],
  ["cannot-tell", [arm("small", "tuned", 152)]],
])("a small tuned model beats a big one: %s", (verdict, arms) => {
  const [, beating] = checkClaims(null, of(...arms));
  expect(beating).toMatchObject({ claim: "small-tuned-beats-big", verdict });
  expect(beating?.says).toMatch(/^A small tuned model beats a big one: /);
});
