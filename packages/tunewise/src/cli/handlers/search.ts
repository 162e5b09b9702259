/** @file `tunewise search`: searches for the best settings within a budget. */
import { dirname } from "node:path";
import type { Placement } from "@tunewise/core/run";
import { type PlannedRecipe, planRecipe, type WorkerSite } from "../../app/plan/index.ts";
import {
  type RequestedSite,
  runSearch,
  type SearchOutcome,
  type SearchPreview,
} from "../../app/search/index.ts";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import { searchReport } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { budgetFlag, type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE, INTERRUPTED } from "../exit-codes.ts";
import { documentText } from "../render/document.ts";
import { calledText, outputFlag } from "../render/next-command.ts";
import { findingsText } from "../render/problem.ts";
import { searchPreviewText } from "../render/search.ts";
import { createSearchProgress } from "../render/search-progress.ts";
import { askYes, downloadPrinter, runtimeOf, stallOf } from "./context.ts";
import { loadPricedRecipe } from "./priced-recipe.ts";
import { byOf, choiceOf, planOptions, showChoice, siteOf } from "./site.ts";

/** Searches and shows the result. */
export async function handle(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const path = call.words[0] ?? "tunewise.yaml";
  const loaded = withBudget(await loadPricedRecipe(path, runtime, runNameOf(call), call, console), call);
  const site = await siteOf(call, runtime); // may throw, so it precedes planning and questions
  const planned = await planRecipe(loaded, runtime, downloadPrinter(console), planOptions(site, console));
  const progress = createSearchProgress(console, loaded.recipe.search.parallel);
  try {
    const outcome = await runSearch(planned, runtime, {
      ...askedSite(site, planned, call, runtime, console),
      approve: async (preview) => {
        const isApproved = await consent(preview, call, console);
        if (isApproved) console.io.beginSaving();
        return isApproved;
      },
      watch: progress.watch,
      onProgress: progress.update,
      isFresh: isOn(call, "fresh"),
    });
    progress.close();
    if (outcome === null) return DONE;
    return show(outcome, call, console);
  } finally {
    progress.close();
  }
}

function runNameOf(call: Call): { readonly runName?: string } {
  const runName = textFlag(call, "name");
  return runName === null ? {} : { runName };
}

/** The site that the flags select, or the automatic choice of `--on here`. */
function askedSite(
  site: WorkerSite | null,
  planned: PlannedRecipe,
  call: Call,
  runtime: Runtime,
  console: Console,
): RequestedSite {
  const choice = choiceOf(call, runtime);
  if (choice === null) return { site: byOf(call) === "torch" ? site : null, choose: null, ...stallOf(call) };
  const choose = async (): Promise<Placement["kind"]> => {
    const chosen = await choice(planned);
    if (!console.json) showChoice(chosen, console);
    return chosen.by;
  };
  return { site, choose, ...stallOf(call) };
}

/** Replaces the recipe's caps of the search by the given ones. The search itself sets caps of single runs. */
function withBudget(loaded: LoadedRecipe, call: Call): LoadedRecipe {
  const { usd, minutes } = budgetFlag(call);
  if (usd === null && minutes === null) return loaded;
  const { recipe } = loaded;
  return { ...loaded, recipe: { ...recipe, search: { ...recipe.search, budget: { usd, minutes } } } };
}

/** Shows what the budget buys, and asks for approval. */
async function consent(preview: SearchPreview, call: Call, console: Console): Promise<boolean> {
  const worth = preview.findings.filter(({ severity }) => severity !== "note");
  if (worth.length > 0) console.info(`${findingsText(worth, console.paintStderr)}\n`);
  if (isOn(call, "dry-run")) {
    console.output({ kind: "search-plan", ...preview }, () =>
      searchPreviewText(preview, console.tableColumns),
    );
    return false;
  }
  console.info(`${searchPreviewText(preview, console.tableColumns)}\n`);
  if (isOn(call, "yes")) return true;
  const command = `${calledText(call)} --yes`;
  if (!console.canAsk)
    throw problem("RUN_NOT_APPROVED", { reason: "there is no terminal to ask in", command });
  if (await askYes("Search like this?", "search")) return true;
  throw problem("RUN_NOT_APPROVED", { reason: "the answer was no", command });
}

function show({ document, folder, isFromRecord }: SearchOutcome, call: Call, console: Console): number {
  if (document === null) {
    if (console.json) console.document({ kind: "search-result", status: "interrupted", folder });
    console.info(`\nall progress is saved\n\nnext: ${goOnText(call)}`);
    return INTERRUPTED;
  }
  if (console.json) {
    console.document({
      kind: "search-result",
      status: "completed",
      ...document,
      folder,
      from_record: isFromRecord,
    });
    return DONE;
  }
  console.result(documentText(searchReport(document), console.tableColumns));
  if (isFromRecord)
    console.info("\nthe same search ended before: nothing was trained or paid; --fresh searches again");
  console.info(`\nreport: ${folder}/report.html`);
  console.info(`\nnext: ${nextLine(document, folder, console.io.cwd)}`);
  return DONE;
}

/** The command that continues an interrupted search. */
function goOnText(call: Call): string {
  const flags = [...call.flags].filter(([name]) => name !== "fresh" && name !== "anew");
  return calledText({ ...call, flags: new Map(flags) });
}

function nextLine(
  { finals, trials, account }: NonNullable<SearchOutcome["document"]>,
  folder: string,
  cwd: string,
): string {
  // a search is stored next to the runs: OUTPUT/searches/ID
  const where = outputFlag(dirname(dirname(folder)), cwd);
  const best = finals?.winner.run ?? trials.find(({ trial }) => trial === account.best?.trial)?.run;
  if (!best) return "tunewise explain SEARCH_SETTING_INVALID";
  return finals === null
    ? `tunewise resume ${best}${where}`
    : `tunewise model generate ${best}${where} "..."`;
}
