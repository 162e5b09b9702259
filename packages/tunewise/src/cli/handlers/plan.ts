/** @file `tunewise plan`: estimates memory, time and cost before anything is spent. */
import { resolve } from "node:path";
import { dollars, type Usd, usd, usdText } from "@tunewise/core/quantity";
import { blocks } from "../../app/check/index.ts";
import {
  liveOffers,
  localSite,
  measurePlanAccuracy,
  type PlanResult,
  planByProbe,
  planWithoutWeights,
} from "../../app/plan/index.ts";
import { workerHere } from "../../app/worker/index.ts";
import { compareMethods, documentOf, type Plan, writePlan } from "../../plan/index.ts";
import { type LoadedRecipe, loadRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import { dstackProvider } from "../../provision/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import { planCard, planMarkdown } from "../render/plan/card.ts";
import { accuracyText, compareTable } from "../render/plan/compare-table.ts";
import { nextStep } from "../render/plan/next-step.ts";
import { countedFindings, recipeArgument } from "../render/plan/run-screen.ts";
import { findingsText } from "../render/problem.ts";
import { createPhaseProgress } from "../render/progress.ts";
import { plain } from "../render/terminal.ts";
import { downloadPrinter, overridesOf, runtimeOf } from "./context.ts";
import { loadPricedRecipe } from "./priced-recipe.ts";
import { writeSavedPlan } from "./saved-plan.ts";

/** Plans, prints and saves to `-o`; exit code 2 if a finding blocks the run or the price exceeds a limit. */
export async function handle(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  if (isOn(call, "accuracy")) return showAccuracy(call, console);
  requireUnsaved(call);
  const path = call.words[0] ?? "tunewise.yaml";
  const limit = priceOf(call, "fail-over", "50usd");
  const delay = priceOf(call, "cost-of-delay", "10usd");
  const overrides = overridesOf(call);
  const costs = delay === null ? {} : { costOfDelayUsdPerHour: dollars(delay) };
  const loaded = await loadPricedRecipe(path, runtime, { ...overrides, ...costs }, call, console);
  const { plan, input, findings } = await makePlan(call, console, loaded, runtime);
  const output = textFlag(call, "output");
  const document = JSON.parse(writePlan(plan));
  if (output !== null) {
    await writeSavedPlan(resolve(console.io.cwd, output), { recipePath: loaded.path, overrides, document });
  }
  const compared = isOn(call, "compare") ? compareMethods(input) : null;
  const blocked = blocks(findings, "error");
  const price = plan.best === null ? null : (plan.places[plan.best]?.total?.p90 ?? null);
  const isOver = limit !== null && (price === null || price > limit);
  if (console.json) {
    const more = compared === null ? {} : { methods: documentOf(compared) };
    console.document({ ok: !blocked && !isOver, plan: document, ...more, findings });
  } else if (textFlag(call, "format") === "markdown") console.result(planMarkdown(plan));
  else {
    const errors = findings.filter(({ severity }) => severity === "error");
    if (errors.length > 0) console.result(`${findingsText(errors, console.paint, console.columns)}\n`);
    const card = planCard(plan, isOn(call, "all") ? "all" : "few", console.columns);
    console.result(`tunewise plan   ${plain(path)}\n\n${card}`);
    if (compared !== null) console.result(`\n${compareTable(compared)}`);
    const others = findings.filter(({ severity }) => severity !== "error");
    const own = others.filter((one) => one.severity === "warning" && plan.findings.includes(one));
    if (own.length > 0) console.result(`\n${findingsText(own, console.paint, console.columns)}`);
    const rest = others.filter((finding) => !own.includes(finding));
    const counted = countedFindings(rest, recipeArgument(path), console);
    if (counted !== "") console.result(`\n${counted}`);
    console.info(`\nnext: ${nextLine(plan, blocked, path, output)}`);
  }
  if (isOver) console.info(overText(price, limit));
  return blocked || isOver ? CHECK_SAID_NO : DONE;
}

async function makePlan(
  call: Call,
  console: Console,
  loaded: LoadedRecipe,
  runtime: Runtime,
): Promise<PlanResult> {
  const onDownload = downloadPrinter(console);
  const say = (text: string): void => console.info(text);
  if (isOn(call, "probe")) return planByProbe(loaded, runtime, say, onDownload);
  const { isInstalled, device } = await workerHere(runtime);
  const site = isInstalled && device === "cuda" ? await localSite("none", runtime) : null;
  const offers = await offersOf(call, loaded, runtime);
  const progress = createPhaseProgress(console);
  try {
    return await planWithoutWeights(loaded, runtime, onDownload, {
      site,
      offers,
      onPhase: (name: string) => progress.phase(name, 0, 0),
      ...(isOn(call, "no-trace") ? {} : { onTrace: say }),
    });
  } finally {
    progress.close();
  }
}

/**
 * Refuses to save a plan with a provider's current prices, since `run FILE` compares prices with the price list.
 *
 * @throws {TunewiseError} `USAGE_VALUE_INVALID`
 */
function requireUnsaved(call: Call): void {
  const address = textFlag(call, "on");
  if (address === null || textFlag(call, "output") === null) return;
  throw problem("USAGE_VALUE_INVALID", {
    name: "--output",
    expected: "left out beside --on: a provider's prices are of the moment, and `run` asks for them itself",
    found: JSON.stringify(textFlag(call, "output")?.slice(0, 80)),
    fix: `tunewise run --on ${address.slice(0, 80)}`,
  });
}

/** Current offers of the provider in `--on`. */
async function offersOf(
  call: Call,
  { recipe }: LoadedRecipe,
  runtime: Runtime,
): Promise<Awaited<ReturnType<typeof liveOffers>> | undefined> {
  const address = textFlag(call, "on");
  if (address === null) return undefined;
  const access = { environment: runtime.environment, fetch: globalThis.fetch };
  return liveOffers(await dstackProvider(address, access), recipe.plan.spot, runtime.now());
}

async function showAccuracy(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const report = await measurePlanAccuracy(runtime, await recordOf(call, runtime));
  console.output({ accuracy: documentOf(report) }, () => accuracyText(report));
  return DONE;
}

/** The output folder of the named recipe; the default one without a name. */
async function recordOf(call: Call, runtime: Runtime): Promise<string | undefined> {
  const [path] = call.words;
  if (path === undefined) return undefined;
  const { recipe, folder } = await loadRecipe(path, runtime);
  return resolve(folder, recipe.output);
}

/** `50usd`, `$50`, `50`, and per hour `10usd/h`. @throws {TunewiseError} `USAGE_VALUE_INVALID` */
function priceOf(call: Call, name: string, example: string): Usd | null {
  const text = textFlag(call, name);
  if (text === null) return null;
  const found = /^\$?(\d{1,9}(?:\.\d{1,6})?)\s*(?:usd|\$)?(?:\/h(?:our)?)?$/i.exec(text.trim());
  if (found) return usd(Number(found[1]));
  throw problem("USAGE_VALUE_INVALID", {
    name: `--${name}`,
    expected: `a price in dollars such as ${example}`,
    found: JSON.stringify(text.slice(0, 40)),
    fix: `tunewise plan --${name} ${example}`,
  });
}

function overText(price: Usd | null, limit: Usd): string {
  return price === null
    ? `over the limit of ${usdText(limit)}: no machine on the list fits for certain`
    : `over the limit: nine of ten outcomes cost up to ${usdText(price)}, the limit is ${usdText(limit)}`;
}

function nextLine(plan: Plan, blocked: boolean, path: string, output: string | null): string {
  const again = path === "tunewise.yaml" ? "tunewise plan" : `tunewise plan ${plain(path)}`;
  if (blocked) return `fix the errors, then ${again}`;
  const run =
    output !== null
      ? `tunewise run ${plain(output)}`
      : path === "tunewise.yaml"
        ? "tunewise run"
        : `tunewise run ${plain(path)}`;
  return nextStep(plan, run, `tunewise plan ${plain(path)} --all`);
}
