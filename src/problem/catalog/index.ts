/**
 * @file Every problem code, gathered from one file per subject. A code is never renamed or reused.
 */
import type { ProblemKind } from "../problem.ts";
import { accessProblems } from "./access.ts";
import { dataProblems } from "./data.ts";
import { engineProblems } from "./engine.ts";
import { exportProblems } from "./export.ts";
import { forgettingProblems } from "./forgetting.ts";
import { keepProblems } from "./keep.ts";
import { launchProblems } from "./launch.ts";
import { modelProblems } from "./model.ts";
import { moveProblems } from "./move.ts";
import { paraphraseProblems } from "./paraphrase.ts";
import { planProblems } from "./plan.ts";
import { priceProblems } from "./price.ts";
import { recipeProblems } from "./recipe.ts";
import { runProblems } from "./run.ts";
import { speakProblems } from "./speak.ts";
import { storageProblems } from "./storage.ts";
import { trackProblems } from "./track.ts";
import { usageProblems } from "./usage.ts";

/** Every entry by its code. */
export const problems: Readonly<Record<ProblemCode, ProblemKind>> = {
  ...usageProblems,
  ...recipeProblems,
  ...dataProblems,
  ...paraphraseProblems,
  ...modelProblems,
  ...engineProblems,
  ...planProblems,
  ...priceProblems,
  ...runProblems,
  ...forgettingProblems,
  ...keepProblems,
  ...exportProblems,
  ...speakProblems,
  ...storageProblems,
  ...trackProblems,
  ...accessProblems,
  ...launchProblems,
  ...moveProblems,
};

/** A code of the catalog. */
export type ProblemCode =
  | keyof typeof usageProblems
  | keyof typeof recipeProblems
  | keyof typeof dataProblems
  | keyof typeof paraphraseProblems
  | keyof typeof modelProblems
  | keyof typeof engineProblems
  | keyof typeof planProblems
  | keyof typeof priceProblems
  | keyof typeof runProblems
  | keyof typeof exportProblems
  | keyof typeof forgettingProblems
  | keyof typeof keepProblems
  | keyof typeof speakProblems
  | keyof typeof storageProblems
  | keyof typeof trackProblems
  | keyof typeof accessProblems
  | keyof typeof launchProblems
  | keyof typeof moveProblems;
