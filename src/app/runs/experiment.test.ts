import { expect, test } from "vitest";
import { effectiveConfiguration, readRecipe } from "../../recipe/index.ts";
import { experimentOf, settingsOf } from "./experiment.ts";

const prepared = { model: { revision: "m" }, dataFingerprint: "d" } as Parameters<typeof experimentOf>[0];

function configuration(lines: string): string {
  const { recipe } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\n${lines}\n`, "r.yaml");
  if (!recipe) throw new Error("the recipe does not read");
  return effectiveConfiguration(recipe);
}

const fingerprint = (text: string): string => experimentOf(prepared, text, "0.3.1").fingerprint;

test("how answers are decoded makes another experiment", () => {
  const constrained = configuration("task: { kind: classify }");
  const free = configuration("task: { kind: classify }\nevaluation: { decoding: free }");
  expect(settingsOf(constrained)["evaluation.decoding"]).toBe('"constrained"');
  expect(fingerprint(constrained)).not.toBe(fingerprint(free));
});

test("a run recorded before the key was there is the experiment that decodes freely", () => {
  const free = configuration("task: { kind: classify }\nevaluation: { decoding: free }");
  const { evaluation, ...rest } = JSON.parse(free);
  const { decoding, ...before } = evaluation;
  expect(decoding).toBe("free");
  expect(fingerprint(JSON.stringify({ ...rest, evaluation: before }))).toBe(fingerprint(free));
});
