/** @file Whether a projection is trained, or has a trained adapter. */
import type { Projection } from "../../catalog/index.ts";
import { isAdapted } from "../adapter.ts";
import type { StackSetting } from "./setting.ts";

/** Whether a projection or its adapter is trained. */
export function isTrained(
  { model, trained, stack }: Pick<StackSetting, "model" | "trained" | "stack">,
  projection: Projection,
): boolean {
  return trained.kind === "full" || isAdapted(model, projection, trained.targets, stack.adaptsExperts);
}
