/** @file A program never measured, as each measured one would do its step: how much the unknown inside can matter. */
import { type StackName, type StackRules, stackRules } from "./rules.ts";
import type { StackSetting } from "./setting.ts";

/**
 * Rules that are found inside of a program, not in its documentation: what autograd keeps, where, and the copies at the
 * loss.
 */
const insideRules = [
  "norms",
  "feedForward",
  "adapterInputs",
  "repeatsKeys",
  "mergesAttention",
  "quantizedKeepsInput",
  "loss",
  "heldLogits",
  "checkpointStore",
] as const satisfies readonly (keyof StackRules)[];

/**
 * The setting with the inside of other programs. Formats, defaults and the update stay, and so does a fused loss, which
 * programs state.
 */
export function likenessesOf(setting: StackSetting, programs: readonly StackName[]): StackSetting[] {
  const { stack } = setting;
  return programs.map((program) => {
    const other = stackRules[program];
    const inside = Object.fromEntries(insideRules.map((rule) => [rule, other[rule]]));
    const loss = stack.loss === "fused" ? { loss: stack.loss, heldLogits: stack.heldLogits } : {};
    return { ...setting, stack: { ...stack, ...inside, ...loss } };
  });
}
