/** @file Reasoning in tags in front of answers. */
import { expect, test } from "vitest";
import { readReasoning } from "./reasoning-block.ts";

test.each([
  ["<think>\na\n</think>\n\nb", "a", "b"],
  ["<reasoning>a</reasoning>\nb", "a", "b"],
  ["[THINK]a[/THINK]b", "a", "b"],
  [
    "<|begin_of_thought|>\n\na\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\nb\n\n<|end_of_solution|>",
    "a",
    "b",
  ],
  ["<think>a</think><answer>b</answer>", "a", "<answer>b</answer>"],
  ["<reasoning>a", "", "<reasoning>a"],
  ["<p>a</p>b", "", "<p>a</p>b"],
  ["b <think>a</think>", "", "b <think>a</think>"],
])("%s", (text, reasoning, content) => expect(readReasoning(text)).toEqual({ reasoning, content }));
