/** @file `tunewise init`: creates a recipe from a data file and the user's choices, with a reason for each setting. */
import type { NamedColumns } from "@tunewise/datacheck/dataset";
import { problem } from "../../problem/index.ts";
import { type RecipeChoices, readRecipe, recipeTemplate, requireRecipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { defaultChoices, type Proposal, type UserChoices } from "./default-choices.ts";
import { findData } from "./find-data.ts";
import { type InspectedData, inspectData } from "./inspect-data.ts";
import { modelInRecipe, proposeData, unusableText } from "./propose-recipe.ts";

/** Options of the user. `null` values are detected or proposed. */
export interface InitRequest extends UserChoices, NamedColumns {
  /** A file or folder relative to the working directory, or `hub:owner/name`. */
  readonly data: string;
  /** Test rows, relative to the working directory; `null`: found by its name, or a share of the rows. */
  readonly test?: string | null;
  /** Where the data come from, as comments of the recipe. */
  readonly origin?: readonly string[];
  readonly kind: RecipeChoices["kind"] | null;
  /** Absolute path of the recipe. */
  readonly recipePath: string;
  /** The path as typed by the user, for messages. */
  readonly shown: string;
  /** Path of the editors' JSON Schema, relative to the recipe. */
  readonly schema: string;
}

/** A recipe that is ready to write. */
export interface RecipeDraft {
  readonly text: string;
  readonly proposals: readonly Proposal[];
  /** Remarks for the terminal that are not part of the recipe. */
  readonly notes: readonly string[];
}

/** A question that neither the data nor the flags answer. */
export interface OpenQuestion {
  readonly file: string;
  readonly columns: readonly string[];
  readonly prompts: readonly string[];
  readonly completions: readonly string[];
}

/**
 * Inspects the data and creates the recipe.
 *
 * @param ask answers an open question; `null` if nobody can be asked
 * @throws {TunewiseError} `INIT_COLUMNS_UNCLEAR` if nobody can be asked; `MODEL_NOT_FOUND`, `MODEL_ID_INVALID`,
 *   `RECIPE_INVALID`, and those of `findData` and `inspectData`
 */
export async function makeRecipe(
  request: InitRequest,
  runtime: Runtime,
  ask: ((question: OpenQuestion) => Promise<NamedColumns>) | null,
): Promise<RecipeDraft> {
  const model = request.model === null ? null : modelInRecipe(request.model, request.recipePath, runtime.cwd);
  const first = defaultChoices({ ...request, model });
  const chosen = (key: string): number | null =>
    Number(first.find((one) => one.key === key)?.value ?? 0) || null;
  const settled = {
    model: String(first.find(({ key }) => key === "model")?.value),
    usdPerHour: request.usdPerHour,
    budgetUsd: chosen("budget.usd"),
    budgetMinutes: chosen("budget.minutes"),
    schema: request.schema,
    origin: request.origin ?? [],
  };
  const data = await dataOf(request, runtime, ask);
  const text = recipeTemplate({ ...settled, ...data.choices });
  requireRecipe(readRecipe(text, request.shown), request.shown);
  const notes = [...data.notes, ...capNotes(request)];
  return { text, proposals: [...data.proposals, ...first], notes };
}

/** Warns that a cap in dollars does not limit training on a machine without a price. */
function capNotes({ budgetUsd, budgetMinutes, usdPerHour }: UserChoices): string[] {
  if (budgetUsd === null || budgetMinutes !== null || usdPerHour) return [];
  return [
    "note: without --rate the cap in dollars covers only paid APIs, unless tunewise doctor --rate 2.49/h gives this machine a price; --budget 60min caps the training",
  ];
}

type DataChoices = ReturnType<typeof proposeData> & { readonly notes: readonly string[] };

async function dataOf(
  request: InitRequest,
  runtime: Runtime,
  ask: ((question: OpenQuestion) => Promise<NamedColumns>) | null,
): Promise<DataChoices> {
  if (request.data.startsWith("hub:")) return hubData(request);
  const found = await findData(request.data, runtime.cwd);
  const files = { ...found, test: request.test ?? found.test };
  let data = await inspectData(files, runtime.cwd, request);
  if (data.train.reading.kind === "unclear") {
    const question = questionOf(data);
    if (ask === null) throw unclear(question);
    data = await inspectData(files, runtime.cwd, await ask(question));
  }
  const { recipePath, kind } = request;
  const proposed = proposeData(data, recipePath, runtime.cwd, kind);
  const isListed = data.train.unusable === 0 || proposed.choices.badRows !== null;
  const listed = isListed ? [] : [`${files.train}: ${unusableText(data.train)}; tunewise check lists them`];
  return { ...proposed, notes: [...listed, ...data.leftOut] };
}

function questionOf({ files, train }: InspectedData): OpenQuestion {
  const { prompts, completions } =
    train.reading.kind === "unclear" ? train.reading : { prompts: [], completions: [] };
  return { file: files.train, columns: train.columns, prompts, completions };
}

/** The error for a file whose columns are unclear. */
export function unclearColumns(data: InspectedData): Error {
  return unclear(questionOf(data));
}

function unclear({ file, columns, prompts, completions }: OpenQuestion): Error {
  const shown = columns.slice(0, 12).join(", ") + (columns.length > 12 ? ", ..." : "");
  const word = (name: string | undefined, instead: string): string =>
    name === undefined ? instead : /[^\w.-]/.test(name) ? JSON.stringify(name) : name;
  const completion = completions.find((name) => name !== prompts[0]);
  return problem("INIT_COLUMNS_UNCLEAR", {
    file,
    columns: shown,
    prompt: word(prompts[0], "NAME"),
    completion: word(completion, "NAME"),
  });
}

/** Choices for a data set of the hub, which `init` does not download. */
function hubData({ data, kind, prompt, completion }: InitRequest): DataChoices {
  const columns = prompt !== null && completion !== null ? { prompt, completion } : null;
  const choices = {
    train: data,
    validation: null,
    test: null,
    columns,
    answers: null,
    textColumn: null,
    sampleBy: null,
    promptTemplate: null,
    maxLength: null,
    badRows: null,
    trainOn: null,
    recorded: false,
    kind: kind ?? ("text" as const),
  };
  const why = "a data set of the hub, which `tunewise check` fetches; nothing was looked up";
  return { choices, proposals: [{ key: "data.train", value: data, why }], notes: [] };
}
