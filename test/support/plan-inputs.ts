/**
 * @file Inputs of plans for rented machines: models from the built-in table, rows of equal length, offers at round
 * prices.
 */

import { bytes, usd } from "@tunewise/core/quantity";
import {
  describeModel,
  findDevice,
  knownConfig,
  type ModelDescription,
} from "../../packages/tunewise/src/catalog/index.ts";
import { emptyMarket, type PlanInput, type RowLength } from "../../packages/tunewise/src/plan/index.ts";
import { type Recipe, readRecipe } from "../../packages/tunewise/src/recipe/index.ts";

type Placement = PlanInput["market"]["machines"][number];
type HostedPlacement = PlanInput["market"]["hosted"][number];

/** A model from the built-in table. */
export function modelOf(id: string): ModelDescription {
  const config = knownConfig(id);
  const model = config && describeModel(config).model;
  if (!model) throw new Error(`${id} is not in the table of models`);
  return model;
}

/** A recipe with additional lines. */
export function recipeOf(more = ""): Recipe {
  const text = `model: a/b\ndata: { train: rows.jsonl, max_length: 1024 }\ntask: { kind: classify }\n${more}`;
  const { recipe, problems } = readRecipe(text, "tunewise.yaml", "test");
  if (recipe === null) throw new Error(JSON.stringify(problems));
  return recipe;
}

/** Rows of about the given number of tokens. */
export const rows = (count: number, tokens: number): RowLength[] =>
  Array.from({ length: count }, (_, at) => ({
    tokens: tokens + (at % 50),
    labelledTokens: 40,
    promptTokens: tokens - 40,
  }));

/** The source of the prices. */
export const source = { name: "a list", asOf: "2026-11-20" };

/** A machine for rent. */
export function placeOf(
  name: string,
  deviceCount = 1,
  price = 2,
  more: Partial<Placement["offer"]> = {},
): Placement {
  const { device } = findDevice(name);
  if (device === null) throw new Error(`${name} is not a device`);
  return {
    device,
    offer: {
      provider: "cloud",
      instance: `${name}-${deviceCount}`,
      device: device.name,
      deviceCount,
      deviceMemoryBytes: bytes(device.labelGib * 2 ** 30),
      vcpus: null,
      memoryBytes: null,
      region: "here",
      pricing: "on-demand",
      usdPerHour: usd(price),
      source,
      ...more,
    },
  };
}

/** The input of a plan. */
export function inputOf(
  id: string,
  recipe: Recipe,
  machines: readonly Placement[],
  hosted: readonly HostedPlacement[] = [],
): PlanInput {
  return {
    recipe,
    model: modelOf(id),
    lengths: { train: rows(2_000, 300), validation: rows(50, 300), test: rows(200, 300) },
    derived: [],
    sharedPrefixTokens: 0,
    machine: {
      memoryBytes: bytes(16e9),
      threads: 2,
      flopsPerSecond: 150e9,
      memoryBytesPerSecond: null,
      compute: "fp32" as const,
      storedWeightBytes: 2,
      probe: null,
    },
    judging: { answers: true, loss: false, detectableEffect: 0.1 },
    forgetting: null,
    market: { ...emptyMarket, machines, hosted },
    basis: { recipeFingerprint: "r", dataFingerprint: "d", modelRevision: "m", pricesFingerprint: "p" },
  };
}
