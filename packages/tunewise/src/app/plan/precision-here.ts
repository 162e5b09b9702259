/** @file The precision that `auto` takes on this machine, for `tunewise doctor`. */
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

/** The precision for a model. */
export interface PrecisionHere extends ChosenPrecision {
  readonly model: string;
}

/** Without a recipe that can be read: the model that `init` proposes. */
const usualModel = "HuggingFaceTB/SmolLM2-135M-Instruct";
/** Rows are not read: a batch of short ones is assumed. */
const assumedRow = { tokens: 64, labelledTokens: 16 };

/** Measures at first use; nothing is downloaded. @param path of the recipe, which need not exist */
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

/** `null`: there is no such recipe, or its model is not known here. Other checks report that. */
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
