/** @file `tunewise data show`: rows after template and tokenizer. */
import { requireSeparateOutput, writeCheck } from "../../app/check/index.ts";
import { recipeOfFile, showData } from "../../app/data/index.ts";
import { type LoadedRecipe, loadRecipe } from "../../prepare/index.ts";
import { dataReport, documentHtml, type RowsView } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import { documentText } from "../render/document.ts";
import { wantsColor } from "../render/paint.ts";
import { downloadPrinter, overridesOf, runtimeOf } from "./context.ts";

/** Shows a split or a row; exit code 2 for a row that cannot be rendered. */
export async function handleShow(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const loaded = await sourceOf(call, runtime);
  const output = textFlag(call, "html");
  if (output !== null) await requireSeparateOutput(loaded, runtime, output);
  const split = (textFlag(call, "split") ?? "train") as "train" | "validation" | "test";
  const view = await showData(
    loaded,
    { split, row: numberFlag(call, "row") },
    runtime,
    downloadPrinter(console),
  );
  const isRefused = "error" in view.row;
  const report = dataReport(view);
  if (output !== null) await writeCheck(loaded, runtime, output, documentHtml(report));
  const colors = wantsColor(console.io.env, console.io.stdout) ? console.paint : null;
  console.output({ ok: !isRefused, ...documentOf(view) }, () =>
    documentText(report, console.columns, colors),
  );
  const again = call.words[0] === undefined ? "" : ` ${call.words[0]}`;
  console.info(
    `\nnext: ${output === null ? `tunewise data show${again} --html rows.html` : `open ${output}`}`,
  );
  return isRefused ? CHECK_SAID_NO : DONE;
}

/** The JSON document, with short keys for tokens, of which rows have thousands. */
function documentOf({ row, ...view }: RowsView): Record<string, unknown> {
  if ("error" in row) return { ...view, row };
  const tokens = row.tokens.map(({ id, text, isTrained: trained, isSpecial: special, isCut: cut }) => ({
    id,
    text,
    trained,
    special,
    cut,
  }));
  return { ...view, row: { ...row, tokens } };
}

function sourceOf(call: Call, runtime: Runtime): Promise<LoadedRecipe> {
  const source = call.words[0] ?? "tunewise.yaml";
  const model = textFlag(call, "model");
  const { settings = {} } = overridesOf(call);
  if (!/\.ya?ml$/i.test(source)) return recipeOfFile(source, model, runtime, settings);
  return loadRecipe(source, runtime, { settings: model === null ? settings : { ...settings, model } });
}
