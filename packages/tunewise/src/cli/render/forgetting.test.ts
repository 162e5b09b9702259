/** @file Tests forgetting as text. */
import { expect, test } from "vitest";
import { sampleForgetting } from "../../../../../test/support/sample-report.ts";
import { forgettingBrief } from "../../report/index.ts";
import { blocksText } from "./document.ts";

test("all measures, the sentence, and what broke", () => {
  expect(blocksText(forgettingBrief(sampleForgetting()))).toMatchInlineSnapshot(`
    "measure                         before   after       change    95 % interval      allowed  verdict
    perplexity of 20 documents       35.29   38.10       +8.0 %     +6.1 to +9.9       +5.0 %  forgot
    right answers to 130 questions  83.1 %  80.8 %  -2.3 points     -5.8 to +1.2  -2.0 points  cannot tell
    divergence on 12 prompts, nats       0  0.0812      +0.0812  0.0610 to 0.104            -  shown only
    regression prompts              3 of 4  2 of 3      1 broke                -         none  forgot
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
  expect(blocksText(forgettingBrief(facts))).toMatchInlineSnapshot(`
    "measure                     before  after  change  95 % interval  allowed  verdict
    perplexity of 20 documents   35.29  38.10  +8.0 %   +6.1 to +9.9   +5.0 %  kept
    Kept."
  `);
});

test("control characters of a prompt do not reach the terminal", () => {
  const { regressionPrompts } = sampleForgetting();
  const [broken] = regressionPrompts?.broken ?? [];
  if (!regressionPrompts || !broken) throw new Error("the sample has a broken prompt");
  const hostile = { ...regressionPrompts, broken: [{ ...broken, prompt: "a\u001b[2Jb" }] };
  expect(blocksText(forgettingBrief(sampleForgetting({ regressionPrompts: hostile })))).not.toContain(
    "\u001b",
  );
});
