/**
 * @file `tunewise init`: questions or flags to a commented recipe.
 */

import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { packageFile } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import {
  type RecipeChoices,
  readRecipe,
  recipeTemplate,
  requireRecipe,
  type TaskSection,
} from "../../recipe/index.ts";
import { type Call, isOn, numberFlag, textFlag } from "../command.ts";
import { DONE } from "../exit-codes.ts";
import type { Face } from "../face.ts";

type Kind = TaskSection["kind"];

/** Small enough for any laptop, and the demo's model. */
const MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct";
const DATA_FILE = /\.(jsonl|csv|parquet|tsv|json)$/;

/**
 * Writes a recipe that reads back without errors.
 *
 * @throws {TunewiseError} `RECIPE_EXISTS` without `--force`; `RECIPE_NOT_WRITTEN`; `RECIPE_INVALID` if an answer is not
 *   allowed in a recipe; `USAGE_INTERRUPTED` when the questions are left
 */
export async function handle(call: Call, face: Face): Promise<number> {
  const output = textFlag(call, "output") ?? "tunewise.yaml";
  const path = resolve(face.world.cwd, output);
  if (existsSync(path) && !isOn(call, "force")) throw problem("RECIPE_EXISTS", { path: output });
  const given = fromFlags(call, face, path);
  const choices = face.canAsk && !isOn(call, "yes") ? await ask(call, given) : given;
  const text = recipeTemplate(choices);
  requireRecipe(readRecipe(text, output), output);
  write(path, output, text, isOn(call, "force"));
  if (face.json) face.document({ path: output, recipe: text });
  else {
    const argument = output === "tunewise.yaml" ? "" : ` ${output}`;
    face.result(`wrote ${output}`);
    if (choices.budgetUsd !== null && choices.usdPerHour === 0) {
      face.talk(
        "note: at --usd-per-hour 0 the cap in dollars is for paid APIs alone; --budget-minutes caps the training",
      );
    }
    face.talk(`next: tunewise doctor${argument}`);
  }
  return DONE;
}

/** Never replaces a file that came into being between the look and the write. */
function write(path: string, shown: string, text: string, force: boolean): void {
  try {
    writeFileSync(path, text, { flag: force ? "w" : "wx" });
  } catch (cause) {
    const { code = "unknown reason" } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") throw problem("RECIPE_EXISTS", { path: shown }, { cause });
    throw problem("RECIPE_NOT_WRITTEN", { path: shown, reason: code }, { cause });
  }
}

function fromFlags(call: Call, face: Face, path: string): RecipeChoices {
  return {
    model: textFlag(call, "model") ?? MODEL,
    train: textFlag(call, "data") ?? likelyData(dirname(path)) ?? "train.jsonl",
    kind: (textFlag(call, "task") as Kind | null) ?? "text",
    usdPerHour: numberFlag(call, "usd-per-hour") ?? 0,
    budgetUsd: numberFlag(call, "budget-usd"),
    budgetMinutes: numberFlag(call, "budget-minutes"),
    schema: schemaPath(dirname(path), face.world.cwd),
  };
}

/** Only what no flag has answered is asked: five questions at most. */
async function ask(call: Call, given: RecipeChoices): Promise<RecipeChoices> {
  const { askChoice, askText, openQuestions } = await import("../prompts.ts");
  const questions = openQuestions("tunewise init");
  const open = (flag: string): boolean => !call.flags.has(flag);
  const model = open("model")
    ? await askText({ message: "Model: hub id, folder or .gguf file", fallback: given.model }, "init")
    : given.model;
  const train = open("data")
    ? await askText({ message: "Training rows: file, or hub:owner/name", fallback: given.train }, "init")
    : given.train;
  const kind = open("task")
    ? await askChoice<Kind>({ message: "What is an answer", fallback: given.kind, choices: KINDS }, "init")
    : given.kind;
  const price = {
    message: "Price of this machine in dollars per hour",
    fallback: "0",
    objection: objectionTo(0),
  };
  const usdPerHour = open("usd-per-hour") ? Number(await askText(price, "init")) : given.usdPerHour;
  const cap = {
    message: "Stop after how many minutes (0: no cap)",
    fallback: "60",
    objection: objectionTo(0),
  };
  const capped = !open("budget-minutes") || !open("budget-usd");
  const minutes = capped ? given.budgetMinutes : Number(await askText(cap, "init")) || null;
  questions.close("writing the recipe");
  return { ...given, model, train, kind, usdPerHour, budgetMinutes: minutes };
}

const KINDS: readonly { readonly value: Kind; readonly label: string; readonly hint: string }[] = [
  { value: "text", label: "text", hint: "free text" },
  { value: "classify", label: "classify", hint: "one of some labels" },
  { value: "json", label: "json", hint: "a JSON value" },
];

function objectionTo(least: number): (answer: string) => string | null {
  return (answer) => {
    const value = Number(answer);
    return Number.isFinite(value) && value >= least ? null : `Write a number from ${least}.`;
  };
}

/** The file in the folder that most likely holds training rows: one named after them, else the only one. */
function likelyData(folder: string): string | null {
  const files = readNames(folder).filter((name) => DATA_FILE.test(name) && !/^(package|tsconfig)/.test(name));
  const named = files.find((name) => /^train\b/.test(name));
  const rows = files.filter((name) => !name.endsWith(".json"));
  return named ?? (rows.length === 1 ? (rows[0] ?? null) : null);
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Where an editor finds the schema: in this package if it lies inside the project, else where npm puts it. */
function schemaPath(folder: string, cwd: string): string {
  const own = packageFile("schema/tunewise.schema.json");
  const fromCwd = relative(cwd, own);
  const inside = !fromCwd.startsWith("..") && !isAbsolute(fromCwd);
  const path = inside ? relative(folder, own) : "node_modules/tunewise/schema/tunewise.schema.json";
  const portable = path.split(sep).join("/");
  return portable.startsWith(".") ? portable : `./${portable}`;
}
