import { range, usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { armOf, inputFor, rightOf } from "../../../../../test/support/decision-arms.ts";
import { checkClaims, type MethodCost } from "./claims.ts";
import type { ArmKind, DecisionArm } from "./input.ts";

describe("LoRA saves up to 90 %", () => {
  const gigabytes = (low: number, expected = low, high = expected): MethodCost => ({
    usd: null,
    memoryBytesPeak: range(low * 1e9, expected * 1e9, high * 1e9),
  });
  const dollars = (low: number, expected = low, high = expected): MethodCost => ({
    usd: range(usd(low), usd(expected), usd(high)),
    memoryBytesPeak: null,
  });
  const saving = (full: MethodCost, lora: MethodCost) => checkClaims({ full, lora }, inputFor([]))[0];

  test("both savings are told, worst and best case beside them; the larger one settles it", () => {
    // money: 1 - 45 / 90, 1 - 40 / 100, 1 - 35 / 125; memory: 5 of 60
    const full = { ...dollars(90, 100, 125), memoryBytesPeak: gigabytes(60).memoryBytesPeak };
    const lora = { ...dollars(35, 40, 45), memoryBytesPeak: gigabytes(5).memoryBytesPeak };
    expect(saving(full, lora)).toEqual({
      claim: "lora-saves-90-percent",
      verdict: "supported",
      found: 1 - 5 / 60,
      interval: { low: 1 - 5 / 60, high: 1 - 5 / 60 },
      says: "LoRA saves up to 90 %: here it lowered money by 60.0 % (50.0 % to 72.0 %) and peak memory by 91.7 % (91.7 % to 91.7 %) against full fine-tuning.",
    });
    const other = { ...lora, memoryBytesPeak: gigabytes(40).memoryBytesPeak };
    expect(saving(full, other)).toMatchObject({ found: 0.6, interval: { low: 0.5, high: 0.72 } });
  });

  test.each([
    ["money by 60.0 % (60.0 % to 60.0 %)", dollars(100), dollars(40)],
    ["peak memory by 75.0 % (75.0 % to 75.0 %)", gigabytes(60), gigabytes(15)],
  ])("what was not measured is not told: %s", (said, full, lora) => {
    expect(saving(full, lora)?.says).toBe(
      `LoRA saves up to 90 %: here it lowered ${said} against full fine-tuning.`,
    );
  });

  test.each<[string, MethodCost, MethodCost, string]>([
    ["90 % in the worst case", gigabytes(100), gigabytes(4, 5, 10), "supported"],
    ["a little less in the worst case", gigabytes(100), gigabytes(4, 5, 10.1), "cannot-tell"],
    ["90 % in the best case alone", gigabytes(100), gigabytes(10, 20, 30), "cannot-tell"],
    ["less in the best case", gigabytes(100), gigabytes(10.1, 20, 30), "contradicted"],
    ["90 % of money", dollars(100), dollars(10), "supported"],
  ])("%s: %s", (_, full, lora, verdict) => {
    expect(saving(full, lora)?.verdict).toBe(verdict);
  });

  test.each<[string, Parameters<typeof checkClaims>[0]]>([
    ["one of the runs was not made", null],
    ["nothing was measured of both", { full: dollars(9), lora: gigabytes(1) }],
    ["there was nothing to save", { full: dollars(0), lora: dollars(0) }],
  ])("cannot be told where %s", (_, methods) => {
    expect(checkClaims(methods, inputFor([]))[0]).toEqual({
      claim: "lora-saves-90-percent",
      verdict: "cannot-tell",
      found: null,
      interval: null,
      says: "LoRA saves up to 90 %: cannot be told, since full fine-tuning and LoRA were not both run.",
    });
  });
});

describe("a small tuned model beats a big one", () => {
  const arm = (name: string, kind: ArmKind, right: number): DecisionArm =>
    armOf(name, kind, rightOf(right, 200));
  const beating = (...arms: DecisionArm[]) => checkClaims(null, inputFor(arms))[1];

  test("the best tuned one against the best big one, with difference, interval and p value", () => {
    const found = beating(
      ...[arm("big", "api", 140), arm("bigger", "api", 150), arm("prompt", "prompt", 199)],
      ...[arm("small", "tuned", 120), arm("small with passages", "tuned-rag", 180)],
    );
    expect(found).toMatchObject({
      claim: "small-tuned-beats-big",
      verdict: "supported",
      found: expect.closeTo(0.15, 12),
    });
    // 30 flips, all one way: p = 2 / 2^30. Newcombe 1998, method 10, computed independently: 0.1007 to 0.2034
    expect(found?.says).toBe(
      "A small tuned model beats a big one: small with passages has 90.0 %, bigger 75.0 % on 200 rows, difference 10.1 % to 20.3 %, p = 1.9e-9.",
    );
    expect(found?.interval).toEqual({ low: expect.closeTo(0.1007, 4), high: expect.closeTo(0.2034, 4) });
  });

  test.each<[string, number]>([
    ["supported", 180],
    ["contradicted", 120],
    ["cannot-tell", 152],
  ])("%s", (verdict, right) => {
    expect(beating(arm("small", "tuned", right), arm("big", "api", 150))?.verdict).toBe(verdict);
  });

  test.each<[string, DecisionArm[]]>([
    ["an API model", [arm("small", "tuned", 180)]],
    ["a tuned model", [arm("big", "api", 180)]],
    ["a tuned model", []],
  ])("cannot be told without %s", (missing, arms) => {
    expect(beating(...arms)).toEqual({
      claim: "small-tuned-beats-big",
      verdict: "cannot-tell",
      found: null,
      interval: null,
      says: `A small tuned model beats a big one: cannot be told without ${missing} on the same rows.`,
    });
  });

  test("rows of one group say nothing of chance: no interval is told", () => {
    const input = {
      ...inputFor([arm("small", "tuned", 180), arm("big", "api", 150)]),
      groups: rightOf(200, 200),
    };
    const [, found] = checkClaims(null, input);
    expect(found).toMatchObject({ verdict: "cannot-tell", interval: null });
    expect(found?.says).toContain("75.0 % on 200 rows, p = 1.0.");
  });
});
