/** @file The `guards` section: defaults, one word for all guards, and invalid values. */
import { expect, test } from "vitest";
import { defaultGuards } from "./defaults.ts";
import { readRecipe } from "./read.ts";
import type { GuardsSection } from "./recipe.ts";

const read = (lines: string): ReturnType<typeof readRecipe> =>
  readRecipe(`model: owner/name\ndata:\n  train: rows.jsonl\n${lines}\n`, "tunewise.yaml");

const warning: GuardsSection = {
  divergence: "roll-back",
  noProgress: "warn",
  overfitting: "warn",
  futility: "warn",
  plateau: "warn",
  leakageSuspected: "warn",
  gradients: "warn",
  target: null,
};
const off = {
  noProgress: "off",
  overfitting: "off",
  plateau: "off",
  leakageSuspected: "off",
  gradients: "off",
} as const;

test.each<[string, GuardsSection]>([
  ["", warning],
  ["guards: warn", { ...warning, divergence: "warn" }],
  ["guards: off", { ...off, divergence: "off", futility: "off", target: null }],
  ["guards: stop", { ...warning, noProgress: "stop", overfitting: "stop", futility: "stop" }],
  [
    "guards: { divergence: stop, leakage_suspected: off }",
    { ...warning, divergence: "stop", leakageSuspected: "off" },
  ],
  ["guards: { target: 0.4 }", { ...warning, futility: "stop", target: 0.4 }],
  ["guards: { target: 0.4, futility: warn }", { ...warning, target: 0.4 }],
])("%s", (lines, guards) => {
  expect(read(lines).recipe?.guards).toEqual(guards);
});

test("the sections of an empty recipe are those that others start from", () => {
  expect(read("").recipe?.guards).toEqual(defaultGuards);
});

test.each([
  "guards: halt",
  "guards: { futility: roll-back }",
  "guards: { target: 0 }",
  "guards: { doom: stop }",
])("%s is refused", (lines) => {
  expect(read(lines).problems.map(({ severity }) => severity)).toContain("error");
});
