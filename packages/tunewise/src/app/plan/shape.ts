/**
 * @file Describes a plan's model without its weights: from the recipe, the model's files, or the table of known models.
 */

import { createTokenizer, type Tokenizer } from "@tunewise/engine/tokenize";
import { describeModel, knownConfig, knownModels, type ModelDescription } from "../../catalog/index.ts";
import { resolveModelCard } from "../../hub/index.ts";
import { type LoadedRecipe, modelPath, type OnDownload, templatedFiles } from "../../prepare/index.ts";
import { type Finding, nearest, problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** Description of a model for a plan. */
export interface ModelShapeFound {
  readonly model: ModelDescription;
  readonly config: Readonly<Record<string, unknown>>;
  /** `null` if the number of tokens must be estimated from the text. */
  readonly tokenizer: Tokenizer | null;
  readonly revision: string;
  readonly findings: readonly Finding[];
}

/**
 * Describes a model. Uses the recipe's own architecture if there is one, then the model's files, then the table.
 *
 * @throws {TunewiseError} `ARCHITECTURE_FIELDS_MISSING`, `MODEL_NOT_FOUND`, and those of the hub
 */
export async function findShape(
  { recipe, folder }: LoadedRecipe,
  runtime: Runtime,
  onDownload?: OnDownload,
): Promise<ModelShapeFound> {
  const { source, revision, architecture } = recipe.model;
  const context = {
    ...runtime.sources,
    signal: runtime.signal,
    ...(onDownload ? { onProgress: onDownload } : {}),
  };
  const found = await resolveModelCard(modelPath(source, folder), revision, context);
  const card = "card" in found ? found.card : null;
  const config = architecture ? byHand(architecture) : (card?.config ?? knownConfig(source));
  if (config === null) throw notFound(source, "reason" in found ? found.reason : "");
  const described = describeModel(config);
  if (described.model === null) {
    throw problem("ARCHITECTURE_FIELDS_MISSING", { fields: described.missing.join(", ") });
  }
  return {
    model: described.model,
    config,
    tokenizer: card?.tokenizer ? createTokenizer(templatedFiles(card.tokenizer, recipe.model)) : null,
    revision: architecture ? "by hand" : (card?.revision ?? "well known"),
    findings: described.findings,
  };
}

/** Converts the recipe's camelCase keys to those of `config.json`. */
function byHand(architecture: Readonly<Record<string, string | number | boolean>>): Record<string, unknown> {
  const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const named = Object.entries(architecture).map(([key, value]) => [snake(key), value]);
  return { model_type: "llama", ...Object.fromEntries(named) };
}

function notFound(source: string, reason: string): Error {
  const near = nearest(source.toLowerCase(), knownModels);
  const looked = `its files (${reason}); the table of well-known models (not in it${near ? `; did you mean ${near}?` : ""})`;
  const fix =
    "Describe the architecture in the recipe: " +
    "model: { source: NAME, architecture: { hidden_size: 4096, num_hidden_layers: 32, " +
    "num_attention_heads: 32, num_key_value_heads: 8, intermediate_size: 14336, vocab_size: 128256 } }";
  return problem("MODEL_NOT_FOUND", { source, looked, fix });
}
