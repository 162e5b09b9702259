/** @file `tunewise check`: findings about recipe and data. */
import {
  blocks,
  type CleanedData,
  checkCopy,
  checkData,
  fixData,
  requireSeparateOutput,
  writeCheck,
} from "../../app/check/index.ts";
import { recipeOfFile } from "../../app/init/index.ts";
import { packageVersion } from "../../catalog/index.ts";
import { type LoadedRecipe, loadRecipe } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import {
  checkReport,
  type DataCheck,
  documentHtml,
  listTopics,
  nextStep,
  sarifOf,
  topicsOf,
} from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, isOn, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import {
  checkText,
  cleanedText,
  evidenceText,
  type LeftFinding,
  leftIn,
  topicsText,
} from "../render/check.ts";
import { paint } from "../render/paint.ts";
import { checkThere } from "./check-on-cluster.ts";
import { downloadPrinter, overridesOf, runtimeOf } from "./context.ts";

/** Checks the data, or its cleaned copy with `--fix`; exit code 2 for findings at least as severe as `--fail-on`. */
export async function handle(call: Call, console: Console): Promise<number> {
  const address = textFlag(call, "on");
  if (address !== null) return checkThere(call, address, console);
  const runtime = runtimeOf(console);
  const { loaded, file } = await sourceOf(call, runtime);
  const output = textFlag(call, "output");
  if (output !== null) await requireSeparateOutput(loaded, runtime, output);
  const by = textFlag(call, "worker") === "torch" ? "torch" : "this-machine";
  const found = await checkData(loaded, runtime, downloadPrinter(console), by);
  const check = file === null ? found : { ...found, recipe: file };
  const failOn = textFlag(call, "fail-on") === "warning" ? "warning" : "error";
  const code = textFlag(call, "show")?.toUpperCase() ?? null;
  const format = textFlag(call, "format") ?? formatOf(output);
  const page =
    format === "html"
      ? documentHtml(checkReport(check))
      : format === "sarif"
        ? sarifText(check, loaded.folder, runtime.cwd)
        : null;
  if (output !== null) await writeCheck(loaded, runtime, output, page ?? `${plainText(check, code)}\n`);
  const cleaned = isOn(call, "fix")
    ? await fixData(loaded, runtime, check, textFlag(call, "into") ?? "cleaned")
    : null;
  const copy = cleaned && (await checkCopy(loaded, runtime, cleaned, by));
  const blocked = blocks((copy ?? check).findings, failOn);
  const left = copy && leftIn(copy.findings);
  if (console.json) {
    const more = {
      ...(isOn(call, "rows") ? { topics: listTopics(check, numberFlag(call, "max-rows")) } : {}),
      ...(cleaned ? { cleaned: { ...cleaned, left } } : {}),
    };
    console.document({ ok: !blocked, ...documentOf(check, code), ...more });
  } else if (cleaned !== null) showCleaned(cleaned, left ?? [], console, file);
  else if (page !== null && output === null) console.result(page);
  else if (code !== null) console.result(evidenceText(check, code));
  else {
    console.result(checkText(check, console.columns));
    if (check.findings.length > 0)
      console.result(`\n${topicsText(topicsOf(check), console.paint, console.columns)}`);
    if (file !== null)
      console.info(`\nchecked with the recipe that tunewise init would write; --model takes another model`);
    console.info(`\nnext: ${nextLine(check, output, file, textFlag(call, "model"))}`);
  }
  return blocked ? CHECK_SAID_NO : DONE;
}

/** The recipe, or the one that `init` would write for a data file. */
async function sourceOf(
  call: Call,
  runtime: Runtime,
): Promise<{ readonly loaded: LoadedRecipe; readonly file: string | null }> {
  const source = call.words[0] ?? "tunewise.yaml";
  const model = textFlag(call, "model");
  const overrides = overridesOf(call);
  const settings = model === null ? {} : { settings: { model } };
  try {
    return { loaded: await loadRecipe(source, runtime, { ...overrides, ...settings }), file: null };
  } catch (error) {
    if (!TunewiseError.is(error) || error.code !== "RECIPE_IS_DATA") throw error;
    return { loaded: await recipeOfFile(source, model, runtime, {}, true), file: source };
  }
}

/** Default format, from the output file's name. */
function formatOf(output: string | null): string {
  return /\.(html|sarif)$/i.exec(output ?? "")?.[1]?.toLowerCase() ?? "text";
}

function plainText(check: DataCheck, code: string | null): string {
  if (code !== null) return evidenceText(check, code);
  return `${checkText(check)}\n\n${topicsText(topicsOf(check), paint(false))}`;
}

function sarifText(check: DataCheck, folder: string, root: string): string {
  return `${JSON.stringify(sarifOf(check, packageVersion(), { folder, root }), null, 2)}\n`;
}

/** The JSON document: with a code, every row of its findings; without one, the first places of each finding. */
function documentOf(check: DataCheck, code: string | null): Record<string, unknown> {
  const { observations, refused: _, excerpt: __, stamps: ___, ...document } = check;
  if (code === null) return document;
  return { ...document, observations: observations.filter(({ finding }) => finding.code === code) };
}

function showCleaned(
  cleaned: CleanedData,
  left: readonly LeftFinding[],
  console: Console,
  file: string | null,
): void {
  console.result(cleanedText(cleaned, left, console.columns));
  const [copy] = cleaned.files;
  const next =
    file === null || copy === undefined
      ? `in the recipe, below data, write ${cleaned.settings.join(", ")}`
      : `tunewise init ${copy.to}`;
  console.info(`\nnext: ${next}`);
}

function nextLine(
  check: DataCheck,
  output: string | null,
  file: string | null,
  model: string | null,
): string {
  if (output !== null) return `open ${output}`;
  const { command, does } = nextStep(check);
  const named = model === null ? "" : ` --model ${model}`;
  // a data file has no recipe to plan yet
  if (file !== null && command.startsWith("tunewise plan"))
    return `${command.replace("tunewise plan", "tunewise init")}${named}   (a recipe for these rows)`;
  return `${command}${command.startsWith("tunewise check") ? named : ""}   (${does})`;
}
