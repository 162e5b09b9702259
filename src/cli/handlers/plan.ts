/**
 * @file `tunewise plan`: memory, time and money before anything is spent.
 */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { blocks, loadRecipe, planRecipe } from "../../flow/index.ts";
import { writePlan } from "../../plan/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, textFlag } from "../command.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { plain } from "../render/place.ts";
import { planCard, planMarkdown } from "../render/plan-card.ts";
import { findingsText } from "../render/problem.ts";
import { downloadTeller, hostOf, overridesOf } from "./surroundings.ts";

/** Plans, shows, and saves where `-o` says so; 2 if a finding would block the run. */
export async function handle(call: Call, face: Face): Promise<number> {
  const host = hostOf(face);
  const path = call.words[0] ?? "tunewise.yaml";
  const loaded = await loadRecipe(path, host, overridesOf(call));
  const { plan, prepared, findings } = await planRecipe(loaded, host, downloadTeller(face));
  await prepared.model.weights.close();
  const output = textFlag(call, "output");
  if (output !== null)
    await savePlan(resolve(face.world.cwd, output), JSON.parse(writePlan(plan)), loaded.path);
  const blocked = blocks(findings, "error");
  if (face.json) face.document({ ok: !blocked, plan: JSON.parse(writePlan(plan)), findings });
  else if (textFlag(call, "format") === "markdown") face.result(planMarkdown(plan));
  else {
    face.result(`tunewise plan   ${plain(path)}\n\n${planCard(plan)}`);
    const worth = findings.filter(({ severity }) => severity !== "note");
    if (worth.length > 0) face.result(`\n${findingsText(worth, face.paint)}`);
    face.talk(`\nnext: ${nextLine(blocked, path, output)}`);
  }
  return blocked ? CHECK_SAID_NO : DONE;
}

function nextLine(blocked: boolean, path: string, output: string | null): string {
  if (blocked) return "mend the errors, then tunewise plan";
  if (output !== null) return `tunewise run ${plain(output)}`;
  return path === "tunewise.yaml" ? "tunewise run" : `tunewise run ${plain(path)}`;
}

/** A saved plan names its recipe, so that `run` needs no more than the file. */
async function savePlan(path: string, plan: object, recipePath: string): Promise<void> {
  const text = `${JSON.stringify({ recipe_path: recipePath, plan }, null, 2)}\n`;
  await writeFile(path, text).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : "unknown";
    throw problem("RUN_FILE_WRITE_FAILED", { path, folder: path, reason }, { cause });
  });
}
