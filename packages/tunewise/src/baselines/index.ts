/** @file Answers without training: prompts, solved examples, passages, and the choice between them; pure. */

export { type Arm, type ArmLine, armLines, curveLines, needsOwnVectors, needsVectors } from "./arm.ts";
export {
  armPrompt,
  citedPassages,
  type Guidance,
  guidanceOf,
  type Shown,
  type ShownPassage,
} from "./arm-prompt.ts";
export { type Choice, chooseCandidate } from "./choose-candidates.ts";
export { ShownExamples } from "./shown-examples.ts";
