import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBudget, readRate, shownCommand } from "./command-line.ts";

describe("a budget", () => {
  it.each([
    ["20usd", 20_000_000],
    ["20 USD", 20_000_000],
    ["$20", 20_000_000],
    ["20.50$", 20_500_000],
    ["$0.000001", 1],
  ])("%s", (text, micro) => {
    expect(readBudget(text)).toBe(micro);
  });

  it.each(["", "usd", "0", "20", "0usd", "-3usd", "20eur", "1e3", "20/h", "1,000", "$0.0000001"])(
    "not %j",
    (text) => {
      expect(() => readBudget(text)).toThrow(expect.objectContaining({ code: "EXEC_BUDGET_INVALID" }));
    },
  );

  it("is read to the micro-dollar", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (micro) => {
        expect(readBudget(`${Math.floor(micro / 1e6)}.${String(micro % 1e6).padStart(6, "0")}usd`)).toBe(
          micro,
        );
      }),
    );
  });
});

describe("a rate", () => {
  it.each([
    ["2.49/h", 2_490_000],
    ["$2.49/h", 2_490_000],
    ["2.49 usd per hour", 2_490_000],
    ["2.49", 2_490_000],
    ["0", 0],
  ])("%s", (text, micro) => {
    expect(readRate(text)).toBe(micro);
  });

  it.each(["", "/h", "2.49/min", "2.49/d", "cheap", "-1/h"])("not %j", (text) => {
    expect(() => readRate(text)).toThrow(expect.objectContaining({ code: "EXEC_RATE_INVALID" }));
  });
});

it.each<[words: string[], shown: string]>([
  [["python", "train.py", "--lr", "1e-4"], "python train.py --lr 1e-4"],
  [["train", "--hub_token", "hf_abcdefghijkl"], "train --hub_token ***"],
  [["train", "--api-key=abc", "x"], "train --api-key=*** x"],
  [["train", "hf_abcdefghijkl"], "train ***"],
  [["train", "key=sk-abcdefghijkl"], "train key=***"],
  [["train", "https://me:word@host/x"], "train ***"],
  [["train", "--push_to_hub_token", "--verbose"], "train --push_to_hub_token --verbose"],
  [["echo", "two words"], 'echo "two words"'],
])("%j is shown as %s", (words, shown) => {
  expect(shownCommand(words)).toBe(shown);
});

it("is cut", () => {
  expect(shownCommand(["x".repeat(2000)]).length).toBe(501);
});
