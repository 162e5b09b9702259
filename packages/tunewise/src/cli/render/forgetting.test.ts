/** @file Tests forgetting as text. */
import { expect, test } from "vitest";
import { sampleForgetting } from "../../../../../test/support/sample-report.ts";
import { forgettingText } from "./forgetting.ts";

test("all measures, the sentence, and what broke", () => {
  expect(forgettingText(sampleForgetting())).toMatchInlineSnapshot(`
    "forgetting          before    after  change (95 %)
    perplexity           35.29    38.10  +8.0 % (6.1 to 9.9)        forgot
    right answers       83.1 %   80.8 %  -2.3 points (-5.8 to 1.2)  cannot tell
    divergence               0  0.08120  nats
    regression prompts  3 of 4   2 of 3  1 broke                    forgot
    The tuned model forgot: perplexity of general text is up by 8.0 % (6.1 to 9.9, allowed 5.0).
      broke: What is the capital of France?"
  `);
});

test("perplexity alone", () => {
  const judgement = {
    verdict: "pass" as const,
    measures: { perplexity: "pass" as const },
    sentence: "Kept.",
  };
  const facts = sampleForgetting({ tasks: null, divergence: null, regressionPrompts: null, judgement });
  expect(forgettingText(facts)).toMatchInlineSnapshot(`
    "forgetting  before  after  change (95 %)
    perplexity   35.29  38.10  +8.0 % (6.1 to 9.9)  kept
    Kept."
  `);
});

test("control characters of a prompt do not reach the terminal", () => {
  const { regressionPrompts } = sampleForgetting();
  const [broken] = regressionPrompts?.broken ?? [];
  if (!regressionPrompts || !broken) throw new Error("the sample has a broken prompt");
  const hostile = { ...regressionPrompts, broken: [{ ...broken, prompt: "a\u001b[2Jb" }] };
  expect(forgettingText(sampleForgetting({ regressionPrompts: hostile }))).not.toContain("\u001b");
});
