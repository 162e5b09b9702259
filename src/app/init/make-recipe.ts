/**
 * @file `tunewise init`: from a data file and what the user says to the text of a recipe, a sentence for each setting.
 */
import type { NamedColumns } from "../../dataset/index.ts";
import { problem } from "../../problem/index.ts";
import { type RecipeChoices, readRecipe, recipeTemplate, requireRecipe } from "../../recipe/index.ts";
import type { Host } from "../../runtime/index.ts";
import { findData } from "./find-data.ts";
import { firstChoices, type Proposal, type SaidChoices } from "./first-choices.ts";
import { type LookedAtData, lookAtData } from "./look-at-data.ts";
import { modelInRecipe, proposeData } from "./propose-recipe.ts";

/** What the user says by flags; `null`: found or proposed. */
export interface InitRequest extends SaidChoices, NamedColumns {
  /** A file or a folder from where the user stands, or `hub:owner/name`. */
  readonly data: string;
  readonly kind: RecipeChoices["kind"] | null;
  /** Absolute path of the recipe. */
  readonly recipePath: string;
  /** The same as the user wrote it, for messages. */
  readonly shown: string;
  /** Where editors find the JSON Schema, relative to the recipe. */
  readonly schema: string;
}

/** A recipe that is ready to be written. */
export interface MadeRecipe {
  readonly text: string;
  readonly proposals: readonly Proposal[];
  /** What was seen and is not part of the recipe. */
  readonly remarks: readonly string[];
}

/** A question that neither the data nor the flags answer. */
export interface OpenQuestion {
  readonly file: string;
  readonly columns: readonly string[];
  readonly prompts: readonly string[];
  readonly completions: readonly string[];
}

/**
 * Opens the data and makes the recipe.
 *
 * @param ask answers an open question; `null`: nobody can be asked
 * @throws {TunewiseError} `INIT_COLUMNS_UNCLEAR` where nobody can be asked; `MODEL_NOT_FOUND`, `MODEL_ID_INVALID`,
 *   `RECIPE_INVALID`, and those of `findData` and `lookAtData`
 */
export async function makeRecipe(
  request: InitRequest,
  host: Host,
  ask: ((question: OpenQuestion) => Promise<NamedColumns>) | null,
): Promise<MadeRecipe> {
  const model = request.model === null ? null : modelInRecipe(request.model, request.recipePath, host.cwd);
  const first = firstChoices({ ...request, model }, host);
  const chosen = (key: string): number | null =>
    Number(first.find((one) => one.key === key)?.value ?? 0) || null;
  const settled = {
    model: String(first.find(({ key }) => key === "model")?.value),
    usdPerHour: chosen("machine.usd_per_hour") ?? 0,
    ...{ budgetUsd: chosen("budget.usd"), budgetMinutes: chosen("budget.minutes"), schema: request.schema },
  };
  const data = await dataOf(request, host, ask);
  const text = recipeTemplate({ ...settled, ...data.choices });
  requireRecipe(readRecipe(text, request.shown), request.shown);
  const remarks = [...data.remarks, ...capRemarks(request, settled.usdPerHour)];
  return { text, proposals: [...data.proposals, ...first], remarks };
}

/** A cap in dollars is no cap on a machine that costs none. */
function capRemarks({ budgetUsd, budgetMinutes }: SaidChoices, usdPerHour: number): string[] {
  if (budgetUsd === null || budgetMinutes !== null || usdPerHour > 0) return [];
  return ["note: at --rate 0 the cap in dollars covers only paid APIs; --budget 60min caps the training"];
}

type DataChoices = ReturnType<typeof proposeData> & { readonly remarks: readonly string[] };

async function dataOf(
  request: InitRequest,
  host: Host,
  ask: ((question: OpenQuestion) => Promise<NamedColumns>) | null,
): Promise<DataChoices> {
  if (request.data.startsWith("hub:")) return hubData(request);
  const files = await findData(request.data, host.cwd);
  let looked = await lookAtData(files, host.cwd, request);
  if (looked.train.reading.kind === "unclear") {
    const question = questionOf(looked);
    if (ask === null) throw unclear(question);
    looked = await lookAtData(files, host.cwd, await ask(question));
  }
  const { recipePath, kind } = request;
  return { ...proposeData(looked, recipePath, host.cwd, kind), remarks: looked.leftOut };
}

function questionOf({ files, train }: LookedAtData): OpenQuestion {
  const { prompts, completions } =
    train.reading.kind === "unclear" ? train.reading : { prompts: [], completions: [] };
  return { file: files.train, columns: train.columns, prompts, completions };
}

function unclear({ file, columns, prompts, completions }: OpenQuestion): Error {
  const shown = columns.slice(0, 12).join(", ") + (columns.length > 12 ? ", ..." : "");
  const word = (name: string | undefined, instead: string): string =>
    name === undefined ? instead : /[^\w.-]/.test(name) ? JSON.stringify(name) : name;
  const completion = completions.find((name) => name !== prompts[0]);
  return problem("INIT_COLUMNS_UNCLEAR", {
    ...{ file, columns: shown },
    ...{ prompt: word(prompts[0], "NAME"), completion: word(completion, "NAME") },
  });
}

/** A data set of the hub is not fetched before somebody asks for it. */
function hubData({ data, kind, prompt, completion }: InitRequest): DataChoices {
  const columns = prompt !== null && completion !== null ? { prompt, completion } : null;
  const choices = {
    ...{ train: data, validation: null, test: null, columns, promptTemplate: null },
    ...{ maxLength: null, badRows: null, kind: kind ?? ("text" as const) },
  };
  const why = "a data set of the hub, which `tunewise check` fetches; nothing was looked up";
  return { choices, proposals: [{ key: "data.train", value: data, why }], remarks: [] };
}
