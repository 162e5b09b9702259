/** @file The options that a plan may recommend: machines, hosted fine-tuning and APIs, filtered by the recipe. */
import { createHash } from "node:crypto";
import { findDevice, findStalePrices, type MachineOffer, type PriceBook } from "../../catalog/index.ts";
import { emptyMarket, findStack, type Market, stackNames } from "../../plan/index.ts";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { type Finding, nearest } from "../../problem/index.ts";
import type { PlanSection } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { loadPriceBook } from "../prices/index.ts";

/** A market with its findings. */
export interface LoadedMarket {
  readonly market: Market;
  /** Fingerprint that changes with any price or price date. */
  readonly fingerprint: string;
  readonly findings: readonly Finding[];
}

/**
 * Loads the market of a recipe.
 *
 * Findings: `DEVICE_UNKNOWN`, `STACK_UNKNOWN` (errors), `PRICES_STALE`, and those of the price files.
 *
 * @param offers currently available machines, which replace those of the price files
 */
export async function loadMarket(
  { recipe, folder }: LoadedRecipe,
  runtime: Runtime,
  offers?: readonly MachineOffer[],
): Promise<LoadedMarket> {
  const { prices, findings } = await loadPriceBook(runtime, folder, recipe.plan.prices);
  const invalid = validateOptions(recipe.plan);
  if (invalid.some(({ severity }) => severity === "error")) {
    return { market: emptyMarket, fingerprint: "", findings: [...findings, ...invalid] };
  }
  const filtered = filterOffers({ ...prices, machines: offers ?? prices.machines }, recipe.plan);
  const market = recipe.task.kind === "language-modeling" ? withoutAnswers(filtered) : filtered;
  const used = [...market.machines.map(({ offer }) => offer), ...market.hosted, ...market.answers];
  return {
    market,
    fingerprint: createHash("sha256").update(JSON.stringify(used)).digest("hex").slice(0, 16),
    findings: [...findings, ...findStalePrices(used, runtime.now())],
  };
}

/** Documents cannot be sent to hosted training, whose priced offers take conversations, and have no answers to ask for. */
function withoutAnswers(market: Market): Market {
  return { ...market, hosted: [], answers: [] };
}

function filterOffers(prices: PriceBook, plan: PlanSection): Market {
  const devices = plan.gpus.map((name) => findDevice(name).device?.name);
  const isWanted = ({ device, provider, region, pricing }: MachineOffer): boolean =>
    (devices.length === 0 || devices.includes(device)) &&
    isAmong(plan.providers, provider) &&
    isAmong(plan.regions, region) &&
    (plan.spot || pricing === "on-demand");
  const machines = prices.machines.filter(isWanted).flatMap((offer) => {
    const { device } = findDevice(offer.device);
    return device === null ? [] : [{ offer, device }];
  });
  const isNarrowed = devices.length > 0 || plan.regions.length > 0;
  const hosted = prices.training.filter(({ isClosing, isNamedModel, vendor }) => {
    return !isNarrowed && !isClosing && !isNamedModel && isAmong(plan.providers, vendor);
  });
  return { machines, hosted, answers: prices.inference };
}

function isAmong(wanted: readonly string[], name: string): boolean {
  return wanted.length === 0 || wanted.some((one) => one.toLowerCase() === name.toLowerCase());
}

function validateOptions({ gpus, stack }: PlanSection): Finding[] {
  const findings: Finding[] = [];
  for (const name of gpus) {
    const found = findDevice(name);
    if (found.device !== null) continue;
    const meant = found.suggestions.length > 0 ? `Did you mean ${found.suggestions.join(", ")}?` : "";
    findings.push(
      unknown(
        "DEVICE_UNKNOWN",
        "no such device",
        `plan.gpus names ${name}, which is in no list of devices. ${meant}`.trim(),
        found.suggestions[0] ?? "tunewise prices list",
      ),
    );
  }
  if (findStack(stack) === null) {
    const near = nearest(stack.toLowerCase(), stackNames);
    const known = `Known are ${stackNames.join(", ")}.`;
    findings.push(
      unknown(
        "STACK_UNKNOWN",
        "no such training program",
        `plan.stack is ${stack}. ${near ? `Did you mean ${near}? ` : ""}${known}`,
        near ?? "worker",
      ),
    );
  }
  return findings;
}

function unknown(
  code: "DEVICE_UNKNOWN" | "STACK_UNKNOWN",
  title: string,
  detail: string,
  name: string,
): Finding {
  const key = code === "DEVICE_UNKNOWN" ? `gpus: [${name}]` : `stack: ${name}`;
  return { code, severity: "error", title, detail, where: [], count: 1, fix: `Write plan.${key}` };
}
