/** @file Computes in which month a move off an API model has paid off, for each alternative. */
import { usd } from "@tunewise/core/quantity";
import { findStalePrices, shutdownOf } from "../../catalog/index.ts";
import { billOf, type PayOffInput, payOff, payOffTurns, type Staying } from "../../evaluate/index.ts";
import { problem } from "../../problem/index.ts";
import type { MoveAlternative, MoveDocument } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { loadPriceBook } from "../prices/index.ts";
import { type Alternative, findAlternatives, isComputable, isUnknown } from "./alternatives.ts";
import { type PricedModel, pricedModel } from "./prices-of-move.ts";
import { readLogs } from "./read-logs.ts";
import type { MoveRequest } from "./request.ts";
import { daysPerMonth, trafficOf } from "./traffic.ts";
import { findTunedModel, type TunedModel } from "./tuned-model.ts";

/** Horizon without one in a recipe or request, in months; and the seed of all draws. */
const [usualMonths, seed] = [12, 38];

/**
 * Compares staying with an API model with each alternative. Asks no model and uses no network.
 *
 * @throws {TunewiseError} `PAYOFF_VOLUME_UNKNOWN`, `PAYOFF_TOKENS_UNKNOWN`, `PAYOFF_LOG_EMPTY`, `PAYOFF_PRICE_UNKNOWN`,
 *   `PAYOFF_TRAINING_UNKNOWN`, `PAYOFF_SUCCESSOR_UNKNOWN`; those of prices, runs, recipes and plans
 */
export async function planMove(request: MoveRequest, runtime: Runtime): Promise<MoveDocument> {
  const { prices, findings } = await loadPriceBook(runtime, runtime.cwd, request.prices);
  const now = pricedModel(request.from, prices);
  if (now === null) throw problem("PAYOFF_PRICE_UNKNOWN", { model: request.from });
  const end = endOf(request, prices, runtime.now());
  const tuned = await findTunedModel(request, runtime);
  const log = request.logs === null ? null : await readLogs(request.logs, request.from, runtime.cwd);
  const stated = { ...request.traffic, calls: request.traffic.calls ?? volumeOf(tuned, log === null) };
  const known = trafficOf(request.from, stated, log, request.sampled);
  const months = request.months ?? tuned.decision?.months ?? usualMonths;
  const retrainEveryMonths = request.retrainEveryMonths ?? retrainingOf(tuned);
  const staying: Staying = {
    rates: now.rates,
    end: end && { afterMonths: end.afterMonths, successor: end.successor.rates },
  };
  const found = findAlternatives({
    request,
    prices,
    traffic: known.traffic,
    tuned,
    staying: end?.successor ?? now,
    stayingName: end === null ? request.from : (request.toApi ?? ""),
    retrainEveryMonths,
  });
  const base = { traffic: known.traffic, staying, months: Math.ceil(months), seed };
  const used = [now, ...(end === null ? [] : [end.successor]), ...found.filter(isComputable)];
  const sourced = used.flatMap(({ source }) => (source === null ? [] : [{ source }]));
  return {
    formatVersion: 1,
    from: request.from,
    months: base.months,
    traffic: known.traffic,
    trafficSource: known.source,
    staying: {
      price: now.price,
      usdPerMonth: billOf(now.rates, known.traffic),
      end: end && {
        on: end.on,
        source: end.source,
        successor: request.toApi ?? "",
        price: end.successor.price,
      },
    },
    costs: {
      trainingUsd: tuned.trainingUsd,
      trainingSource: tuned.trainingSource,
      evaluationUsd: request.evaluationUsd,
      otherUsd: request.otherUsd,
      hostingUsdPerMonth: request.hostingUsd,
      retrainEveryMonths,
    },
    model:
      tuned.parameters === null
        ? null
        : { name: tuned.name ?? "", parameters: tuned.parameters, run: tuned.run },
    alternatives: found.filter(isComputable).map((one) => judged(one, base)),
    unknown: found.filter(isUnknown),
    findings: [...findings, ...known.findings, ...findStalePrices(sourced, runtime.now())],
  };
}

function judged(
  { move, source: _, ...about }: Alternative,
  base: Omit<PayOffInput, "move">,
): MoveAlternative {
  const input = { ...base, move };
  return { ...about, onceUsd: move.usdOnce, ...payOff(input), turns: payOffTurns(input) };
}

/** When and by what the model in use is replaced; `null`: no end is known. */
function endOf(
  { from, ends, toApi }: MoveRequest,
  prices: Parameters<typeof pricedModel>[1],
  today: Date,
): { on: string; source: string; afterMonths: number; successor: PricedModel } | null {
  const announced = ends === null ? shutdownOf(from) : { on: ends, source: "as stated" };
  if (announced === null) return null;
  const { on, source } = announced;
  if (toApi === null) throw problem("PAYOFF_SUCCESSOR_UNKNOWN", { model: from, on, source });
  const successor = pricedModel(toApi, prices);
  if (successor === null) throw problem("PAYOFF_PRICE_UNKNOWN", { model: toApi });
  const days = (Date.parse(`${on}T00:00:00Z`) - today.getTime()) / 86_400_000;
  return { on, source, afterMonths: Math.max(0, days / daysPerMonth), successor };
}

/** Volume of the recipe, if no log states one. */
function volumeOf({ decision }: TunedModel, isWithoutLog: boolean): MoveRequest["traffic"]["calls"] {
  const answers = isWithoutLog ? (decision?.answersPerMonth ?? null) : null;
  if (answers === null) return null;
  const [low, high] = typeof answers === "number" ? [answers, answers] : [answers[0] ?? 0, answers[1] ?? 0];
  return low > 0 && high >= low ? { low, expected: Math.sqrt(low * high), high } : null;
}

function retrainingOf({ plan }: TunedModel): number | null {
  const perYear = plan?.retrainsPerYear ?? 0;
  return perYear > 0 ? Math.max(1, Math.round(12 / perYear)) : null;
}

/** A request with only the model in use; everything else is unknown, free or as usual. */
export function emptyMove(from: string): MoveRequest {
  const nothing = usd(0);
  return {
    from,
    toApi: null,
    toHosted: null,
    ends: null,
    tuned: null,
    output: undefined,
    traffic: { calls: null, inputTokens: null, outputTokens: null, cachedShare: null },
    logs: null,
    sampled: 1,
    trainingUsd: null,
    evaluationUsd: nothing,
    otherUsd: nothing,
    hostingUsd: nothing,
    retrainEveryMonths: null,
    months: null,
    gpu: null,
    gpuTokensPerSecond: null,
    hereTokensPerSecond: null,
    utilization: null,
    hoursPerMonth: 730,
    prices: null,
  };
}
