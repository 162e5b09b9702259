/** @file All problem codes: those of the packages, and one file per subject. A code is never renamed or reused. */
import { type ProblemEntry, systemEntries } from "@tunewise/core/problem";
import { datacheckEntries } from "@tunewise/datacheck/problem";
import { engineEntries } from "@tunewise/engine/problem";
import { trackerEntries } from "@tunewise/tracker/problem";
import { accessProblems } from "./access.ts";
import { armProblems } from "./arms.ts";
import { askProblems } from "./ask.ts";
import { dataProblems } from "./data.ts";
import { engineProblems } from "./engine.ts";
import { exportProblems } from "./export.ts";
import { forgettingProblems } from "./forgetting.ts";
import { freezeProblems } from "./freeze.ts";
import { inferenceProblems } from "./inference.ts";
import { initProblems } from "./init.ts";
import { launchProblems } from "./launch.ts";
import { modelProblems } from "./model.ts";
import { moveProblems } from "./move.ts";
import { payOffProblems } from "./pay-off.ts";
import { planProblems } from "./plan.ts";
import { priceProblems } from "./price.ts";
import { recipeProblems } from "./recipe.ts";
import { recordProblems } from "./record.ts";
import { remoteProblems } from "./remote.ts";
import { rentalProblems } from "./rental.ts";
import { retrieveProblems } from "./retrieve.ts";
import { runProblems } from "./run.ts";
import { scoringProblems } from "./scoring.ts";
import { searchProblems } from "./search.ts";
import { storageProblems } from "./storage.ts";
import { trackProblems } from "./track.ts";
import { usageProblems } from "./usage.ts";
import { vendorJobProblems } from "./vendor-job.ts";

/**
 * A code of the catalog.
 *
 * @example
 * import type { ProblemCode } from "tunewise/plan";
 *
 * const retried: readonly ProblemCode[] = ["STORE_BUSY", "RUN_LOCKED"];
 * console.log(retried.includes("STORE_BUSY")); // true
 */
export type ProblemCode =
  | keyof typeof usageProblems
  | keyof typeof vendorJobProblems
  | keyof typeof recipeProblems
  | keyof typeof recordProblems
  | keyof typeof dataProblems
  | keyof typeof datacheckEntries
  | keyof typeof modelProblems
  | keyof typeof engineProblems
  | keyof typeof payOffProblems
  | keyof typeof planProblems
  | keyof typeof priceProblems
  | keyof typeof runProblems
  | keyof typeof remoteProblems
  | keyof typeof rentalProblems
  | keyof typeof forgettingProblems
  | keyof typeof armProblems
  | keyof typeof freezeProblems
  | keyof typeof initProblems
  | keyof typeof exportProblems
  | keyof typeof scoringProblems
  | keyof typeof searchProblems
  | keyof typeof inferenceProblems
  | keyof typeof storageProblems
  | keyof typeof systemEntries
  | keyof typeof engineEntries
  | keyof typeof trackerEntries
  | keyof typeof trackProblems
  | keyof typeof accessProblems
  | keyof typeof launchProblems
  | keyof typeof moveProblems
  | keyof typeof retrieveProblems
  | keyof typeof askProblems;

/** The entry of each code. */
export const entries: Readonly<Record<ProblemCode, ProblemEntry>> = {
  ...usageProblems,
  ...vendorJobProblems,
  ...recipeProblems,
  ...recordProblems,
  ...dataProblems,
  ...datacheckEntries,
  ...modelProblems,
  ...engineProblems,
  ...payOffProblems,
  ...planProblems,
  ...priceProblems,
  ...runProblems,
  ...remoteProblems,
  ...rentalProblems,
  ...forgettingProblems,
  ...armProblems,
  ...freezeProblems,
  ...initProblems,
  ...exportProblems,
  ...scoringProblems,
  ...searchProblems,
  ...inferenceProblems,
  ...storageProblems,
  ...systemEntries,
  ...engineEntries,
  ...trackerEntries,
  ...trackProblems,
  ...accessProblems,
  ...launchProblems,
  ...moveProblems,
  ...retrieveProblems,
  ...askProblems,
};
