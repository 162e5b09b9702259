import { expect, test } from "vitest";
import { effectiveConfiguration, readRecipe } from "../../recipe/index.ts";
import { experimentOf, settingsOf, volatileSettings } from "./experiment.ts";

type Rows = Parameters<typeof experimentOf>[0];

/** Rows of conversations with the given number of answers. */
function rowsWith(answers: number): Rows {
  const turns = Array.from({ length: answers }, () => [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
  ]);
  const examples = { train: [{ messages: turns.flat() }], validation: [], test: [] };
  return { model: { revision: "m" }, dataFingerprint: "d", examples } as unknown as Rows;
}

const prepared = rowsWith(1);

function configuration(lines: string, data = "{ train: a.jsonl }"): string {
  const { recipe } = readRecipe(`model: a/b\ndata: ${data}\n${lines}\n`, "r.yaml");
  if (!recipe) throw new Error("the recipe does not read");
  return effectiveConfiguration(recipe);
}

const fingerprint = (text: string): string => experimentOf(prepared, text, "0.3.1").fingerprint;

test.each(volatileSettings)("%s is a setting, which a renamed key would not be", (path) => {
  const recorded: unknown = JSON.parse(configuration("", "{ mix: [{ file: a.jsonl }] }"));
  const found = path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], recorded);
  expect(found).toBeDefined();
});

test.each([
  ["comparison: [{ model: base }]", "regularization: ewc"],
  ["training: { gradient_checkpointing: layer }", "training: { gradient_accumulation_steps: 2 }"],
  ["training: { loss: nll }", "training: { loss: dft }"],
])("%s is the same experiment, %s another one", (same, other) => {
  expect(fingerprint(configuration(same))).toBe(fingerprint(configuration("")));
  expect(fingerprint(configuration(other))).not.toBe(fingerprint(configuration("")));
});

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

test("which answers are trained makes another experiment only where rows have several", () => {
  const [all, last] = ["all", "last"].map((choice) => {
    return configuration("").replace('"train_on":"all"', `"train_on":"${choice}"`);
  }) as [string, string];
  const before = last.replace(',"train_on":"last"', "");
  expect(before).not.toContain("train_on");
  const [one, two] = [1, 2].map((answers) =>
    [all, last, before].map((text) => experimentOf(rowsWith(answers), text, "0.3.1").fingerprint),
  ) as [string[], string[]];
  expect(new Set(one).size).toBe(1);
  expect(two[0]).not.toBe(two[1]);
  expect(two[1]).toBe(two[2]);
});
