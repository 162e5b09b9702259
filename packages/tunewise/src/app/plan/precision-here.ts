/** @file The precision that `auto` selects on this machine, for `tunewise doctor`. */
import { knownConfig } from "../../catalog/index.ts";
import {
  type ChosenPrecision,
  choosePrecision,
  loadRecipe,
  recipeFromText,
  trainingWork,
} from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { findShape } from "./shape.ts";

/** The precision selected for a model. */
export interface PrecisionHere extends ChosenPrecision {
  readonly model: string;
}

/** Model assumed without a readable recipe, which is the one that `init` proposes. */
const usualModel = "HuggingFaceTB/SmolLM2-135M-Instruct";
/** Rows are not read; assumes a batch of short rows. */
const assumedRow = { tokens: 64, labelledTokens: 16 };

/**
 * Selects the precision, which is measured on first use. Downloads nothing. @param path of the recipe, which need not
 * exist
 */
export async function precisionHere(path: string, runtime: Runtime): Promise<PrecisionHere> {
  const { recipe, config } = (await ofRecipe(path, runtime)) ?? ofUsualModel();
  const auto = { ...recipe, training: { ...recipe.training, precision: "auto" as const } };
  const chosen = await choosePrecision(auto, runtime, trainingWork(config, recipe, [assumedRow], 0));
  return { model: recipe.model.source, ...chosen };
}

interface Subject {
  readonly recipe: Recipe;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Returns `null` if the recipe does not exist or its model is not available here, which other checks report. */
async function ofRecipe(path: string, runtime: Runtime): Promise<Subject | null> {
  const offline = { ...runtime, sources: { ...runtime.sources, fetch: null, execute: null } };
  try {
    const loaded = await loadRecipe(path, offline);
    return { recipe: loaded.recipe, config: (await findShape(loaded, offline)).config };
  } catch {
    return null;
  }
}

function ofUsualModel(): Subject {
  const text = `model: ${usualModel}\ndata: { train: rows.jsonl }\n`;
  const { recipe } = recipeFromText(text, "/", "doctor");
  return { recipe, config: knownConfig(usualModel) ?? {} };
}
