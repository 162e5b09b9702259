/** @file `tunewise init`: creates a commented recipe from a data file, with a sentence for each setting. */
import { existsSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import {
  type InitRequest,
  likelyData,
  makeRecipe,
  type OpenQuestion,
  type Proposal,
  type RecipeDraft,
} from "../../app/init/index.ts";
import { packageFile } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import type { TaskSection } from "../../recipe/index.ts";
import { budgetFlag, type Call, isOn, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { stackedText } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { runtimeOf } from "./context.ts";
import { listJobs, originOf } from "./init-from.ts";

/**
 * Writes a recipe that parses without errors.
 *
 * @throws {TunewiseError} `RECIPE_EXISTS` without `--force`; `RECIPE_NOT_WRITTEN`; `INIT_DATA_MISSING`;
 *   `USAGE_INTERRUPTED` when a question is cancelled; the errors of `makeRecipe`
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  if (await listJobs(call, console, runtime)) return DONE;
  const output = textFlag(call, "output") ?? "tunewise.yaml";
  const path = resolve(console.io.cwd, output);
  if (existsSync(path) && !isOn(call, "force")) throw problem("RECIPE_EXISTS", { path: output });
  const asks = console.canAsk && !isOn(call, "yes");
  const rows = await originOf(call, console, runtime, path);
  const data = rows?.data ?? (await dataOf(call, console, dirname(path), asks));
  const request = {
    ...requestOf(call, console, { path, shown: output, data }),
    test: rows?.test ?? null,
    origin: rows?.origin.lines ?? [],
  };
  const draft = await makeRecipe(request, runtime, asks ? askColumns : null);
  const made = { ...draft, notes: [...draft.notes, ...(rows?.origin.notes ?? [])] };
  write(path, output, made.text, isOn(call, "force"));
  const argument =
    output === "tunewise.yaml" ? "" : ` ${/[^\w./\\:@-]/.test(output) ? JSON.stringify(output) : output}`;
  const next = rows?.origin.next ?? `tunewise check${argument}`;
  if (console.json) {
    const { proposals, notes } = made;
    console.document({
      path: output,
      recipe: made.text,
      proposals,
      notes,
      next,
    });
  } else {
    console.info(`${proposalsText(made, console.columns)}\n`);
    console.result(`wrote ${output}`);
    console.info(`next: ${next}`);
  }
  return DONE;
}

function requestOf(
  call: Call,
  console: Console,
  { path: recipePath, shown, data }: { readonly path: string; readonly shown: string; readonly data: string },
): InitRequest {
  return {
    data,
    recipePath,
    shown,
    model: textFlag(call, "model"),
    kind: textFlag(call, "task") as TaskSection["kind"] | null,
    prompt: textFlag(call, "prompt"),
    completion: textFlag(call, "completion"),
    usdPerHour: numberFlag(call, "rate"),
    budgetUsd: budgetFlag(call).usd,
    budgetMinutes: budgetFlag(call).minutes,
    schema: schemaPath(dirname(recipePath), console.io.cwd),
  };
}

/** The given data file, otherwise the one next to the recipe, otherwise the answer to a prompt. */
async function dataOf(call: Call, console: Console, folder: string, asks: boolean): Promise<string> {
  const said = call.words[0] ?? textFlag(call, "data");
  if (said !== null && said !== undefined) return said;
  const found = await likelyData(folder);
  if (found !== null) return relative(console.io.cwd, resolve(folder, found)) || found;
  const shown = relative(console.io.cwd, folder) || "this folder";
  if (!asks) throw problem("INIT_DATA_MISSING", { folder: shown });
  const { askText } = await import("../prompts.ts");
  return askText(
    { message: "Training rows: file, folder or hub:owner/name", fallback: "train.jsonl" },
    "init",
  );
}

/** Asks for the columns, which neither names nor values identify. */
async function askColumns(question: OpenQuestion): Promise<{ prompt: string; completion: string }> {
  const { askChoice } = await import("../prompts.ts");
  const ask = async (message: string, likely: readonly string[], without: string | null): Promise<string> => {
    const names = [...new Set([...likely, ...question.columns])]
      .filter((name) => name !== without)
      .slice(0, 20);
    const choices = names.map((name) => ({ value: name, label: plain(name), hint: "" }));
    return askChoice({ message, fallback: names[0] ?? "", choices }, "init");
  };
  const file = plain(question.file);
  const prompt = await ask(`${file}: which column is the prompt?`, question.prompts, null);
  return { prompt, completion: await ask(`${file}: which is the answer?`, question.completions, prompt) };
}

/** Writes the recipe; never replaces a file created since the check. */
function write(path: string, shown: string, text: string, force: boolean): void {
  try {
    writeFileSync(path, text, { flag: force ? "w" : "wx" });
  } catch (cause) {
    const { code = "unknown reason" } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") throw problem("RECIPE_EXISTS", { path: shown }, { cause });
    throw problem("RECIPE_NOT_WRITTEN", { path: shown, reason: code }, { cause });
  }
}

function proposalsText({ proposals, notes }: RecipeDraft, columns: number): string {
  const rows = proposals.map(({ key, value, why }: Proposal) => [
    key,
    plain(String(value).replaceAll("\n", "\\n")),
    plain(why),
  ]);
  return [stackedText(rows, columns), ...notes.map((note) => plain(note))].join("\n");
}

/** Path of the schema for editors: in this package if it is inside the project, otherwise in node_modules. */
function schemaPath(folder: string, cwd: string): string {
  const own = packageFile("schema/tunewise.schema.json");
  const fromCwd = relative(cwd, own);
  const inside = !fromCwd.startsWith("..") && !isAbsolute(fromCwd);
  const path = inside ? relative(folder, own) : "node_modules/tunewise/schema/tunewise.schema.json";
  const portable = path.split(sep).join("/");
  return portable.startsWith(".") ? portable : `./${portable}`;
}
