/**
 * @file What a run refuses before anything is spent: the one door of `run`, `check`, a demo and a search, so that none
 * of them lets through what another stops.
 */
import { describeModel } from "../../catalog/index.ts";
import { checkTrainable } from "../../engine/index.ts";
import { type Finding, findingOf, TunewiseError } from "../../problem/index.ts";
import type { PlannedRecipe } from "./plan-recipe.ts";

/**
 * Everything that no yes can make right, as errors: findings of data, recipe and plan, memory that is too small here,
 * rows beyond the model's context, weights that cannot be trained as the recipe says.
 *
 * Codes beside those of the findings: `MEMORY_TOO_SMALL`, `ENGINE_ROW_TOO_LONG`, `ENGINE_FREEZE_UNKNOWN`,
 * `ENGINE_ALL_FROZEN`, `MODEL_FAMILY_UNKNOWN`, `MODEL_CONFIG_INVALID`.
 */
export function refusalsOf(planned: PlannedRecipe): Finding[] {
  const errors = planned.findings.filter(({ severity }) => severity === "error");
  return [...errors, ...memoryRefusal(planned), ...lengthRefusal(planned), ...engineRefusal(planned)];
}

/** A plan that fits elsewhere only warns of this machine; a run is on this machine. */
function memoryRefusal({ plan, findings }: PlannedRecipe): Finding[] {
  if (plan.places[0]?.fits !== "no") return [];
  const told = findings.find(({ code }) => code === "MEMORY_TOO_SMALL");
  if (told?.severity === "error") return [];
  const detail = "The run does not fit into this machine.";
  const fix = "Take a smaller model, or lower training.batch_size or data.max_length.";
  const bare = { code: "MEMORY_TOO_SMALL", title: "the run does not fit into memory", detail, fix };
  return [{ ...bare, where: [], count: 1, ...told, severity: "error" }];
}

function lengthRefusal({ prepared }: PlannedRecipe): Finding[] {
  const { train, validation, test } = prepared.encoded;
  const limit = describeModel(prepared.model.config).model?.contextLength ?? Number.POSITIVE_INFINITY;
  const lengths = [train, validation, test].flatMap(({ rows }) => rows.map(({ ids }) => ids.length));
  const long = lengths.filter((length) => length > limit);
  if (long.length === 0) return [];
  const found = long.reduce((most, length) => Math.max(most, length), 0);
  return [findingOf("ENGINE_ROW_TOO_LONG", "error", { found, limit }, [], long.length)];
}

/** What the engine would say once the weights are read. */
function engineRefusal({ prepared: { model, recipe } }: PlannedRecipe): Finding[] {
  try {
    checkTrainable(model.config, recipe.method.kind === "full" ? recipe.method.freeze : []);
    return [];
  } catch (error) {
    if (!TunewiseError.is(error)) throw error;
    const { code, kind, message: detail, fix } = error;
    return [{ code, severity: "error", title: kind.title, detail, where: [], count: 1, fix }];
  }
}
