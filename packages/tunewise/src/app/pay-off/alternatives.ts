/** @file The alternatives to staying: each with its rates, costs and assumptions, or the reason why it has none. */
import { type Range, type Usd, usd, usdText } from "@tunewise/core/quantity";
import { dateText, type PriceBook, type PriceSource } from "../../catalog/index.ts";
import {
  type MachineRates,
  type Move,
  machinesAt,
  type Serving,
  type Traffic,
} from "../../evaluate/index.ts";
import { estimateServing } from "../../plan/index.ts";
import type { AlternativeKind, StatedPrice } from "../../report/index.ts";
import {
  batchOf,
  hostedOfSize,
  type PricedModel,
  pricedModel,
  type RentableGpu,
  rentableGpus,
} from "./prices-of-move.ts";
import type { MoveRequest } from "./request.ts";
import type { TunedModel } from "./tuned-model.ts";

/** An alternative before its pay-off is computed. */
export interface Alternative {
  readonly kind: AlternativeKind;
  readonly name: string;
  readonly move: Move;
  readonly price: StatedPrice;
  /** Source in the price book; `null`: the user's own statement. */
  readonly source: PriceSource | null;
  readonly notes: readonly string[];
}

/** An alternative that cannot be computed. */
export interface UnknownAlternative {
  readonly name: string;
  readonly reason: string;
  readonly fix: string;
}

/** What alternatives are made of. */
export interface AlternativeFacts {
  readonly request: MoveRequest;
  readonly prices: PriceBook;
  readonly traffic: Traffic;
  readonly tuned: TunedModel;
  /** The model that staying means at the horizon's end: today's, or its successor. */
  readonly staying: PricedModel;
  readonly stayingName: string;
  readonly retrainEveryMonths: number | null;
}

/** Mean load over peak load of interactive traffic, as assumed. */
const assumedUtilization: Range<number> = { low: 0.2, expected: 0.4, high: 0.7 };

type Found = Alternative | UnknownAlternative;

/** Finds the alternatives, in the order in which they are shown. */
export function findAlternatives(facts: AlternativeFacts): Found[] {
  return [
    ...batchPrice(facts),
    ...newerModel(facts),
    ...hosted(facts),
    ...rentedGpu(facts),
    ...thisMachine(facts),
  ];
}

/** Whether it can be computed. */
export function isComputable(found: Found): found is Alternative {
  return "move" in found;
}

/** Whether it cannot be computed. */
export function isUnknown(found: Found): found is UnknownAlternative {
  return !isComputable(found);
}

function batchPrice({ request, staying, stayingName }: AlternativeFacts): Found[] {
  const batch = batchOf(staying);
  const name = `${stayingName}, batch`;
  if (batch === null) {
    const reason = `no batch price of ${staying.offer.vendor} with a source`;
    return [{ name, reason, fix: "tunewise prices list" }];
  }
  const notes = ["only for answers that may take 24 h; that the model accepts batches is not verified"];
  return [
    {
      kind: "batch",
      name,
      move: apiMove(request, batch.rates, false),
      price: batch.price,
      source: batch.source,
      notes,
    },
  ];
}

function newerModel({ request, prices }: AlternativeFacts): Found[] {
  const { toApi } = request;
  if (toApi === null) return [];
  const found = pricedModel(toApi, prices);
  if (found === null) return [unpriced(toApi)];
  return [
    {
      kind: "api",
      name: toApi,
      move: apiMove(request, found.rates, true),
      price: found.price,
      source: found.source,
      notes: [],
    },
  ];
}

/** A model behind an API needs no training and no hosting. */
function apiMove(request: MoveRequest, serving: Serving, isEvaluated: boolean): Move {
  const once = isEvaluated ? request.evaluationUsd : usd(0);
  return {
    serving,
    usdOnce: exactly(once),
    usdPerMonth: exactly(usd(0)),
    usdPerRetraining: exactly(usd(0)),
    retrainEveryMonths: null,
  };
}

function hosted(facts: AlternativeFacts): Found[] {
  const { request, prices, tuned } = facts;
  const { toHosted } = request;
  const found =
    toHosted !== null
      ? pricedModel(toHosted, prices)
      : tuned.parameters === null
        ? null
        : hostedOfSize(tuned.parameters, prices);
  if (found === null) {
    if (toHosted !== null) return [unpriced(toHosted)];
    const reason =
      tuned.parameters === null
        ? "the size of the tuned model is unknown"
        : "the price lists have no open model of about this size";
    return [{ name: "hosted open model", reason, fix: "--to-hosted open-mistral-7b" }];
  }
  const notes = [
    "price of the listed model; hosts may charge more for your own weights, or for a dedicated machine",
  ];
  const name = `${found.offer.vendor} ${found.offer.model}, hosted`;
  return [
    {
      kind: "hosted",
      name,
      move: tunedMove(facts, found.rates),
      price: found.price,
      source: found.source,
      notes,
    },
  ];
}

function rentedGpu(facts: AlternativeFacts): Found[] {
  const { request, prices, tuned } = facts;
  const name = "rented GPU";
  const { parameters } = tuned;
  if (parameters === null) {
    const reason = "the size of the tuned model is unknown";
    return [{ name, reason, fix: "tunewise cost move RECIPE" }];
  }
  const gpus = rentableGpus(parameters, request.gpu, prices);
  const options = gpus.map((gpu) => ({ gpu, serving: gpuRates(facts, gpu, parameters) }));
  const bill = ({ serving }: (typeof options)[number]): number =>
    machinesAt(serving, facts.traffic) * serving.usdPerHour.expected;
  const [best] = options.toSorted((a, b) => bill(a) - bill(b));
  if (best === undefined) {
    const reason = `no ${request.gpu ?? "single GPU"} in the price lists fits the model in 16 bits`;
    return [{ name, reason, fix: "tunewise prices list --gpu H100" }];
  }
  const { gpu, serving } = best;
  const { offer } = gpu;
  const price = {
    text: `${usdText(offer.usdPerHour)} an hour, ${offer.provider} ${offer.instance} in ${offer.region}`,
    source: offer.source.name,
    date: dateText(offer.source),
  };
  const speed = speedText(serving.outputTokensPerSecond);
  const basis = request.gpuTokensPerSecond === null ? "estimated from bandwidth and peak" : "as stated";
  const notes = [`${speed}, ${basis}`, ...machineNotes(request)];
  return [
    {
      kind: "rented-gpu",
      name: `rented ${offer.device}`,
      move: tunedMove(facts, serving),
      price,
      source: offer.source,
      notes,
    },
  ];
}

function gpuRates(
  { request, tuned, traffic }: AlternativeFacts,
  gpu: RentableGpu,
  parameters: number,
): MachineRates {
  const served = {
    parameters,
    activeParameters: tuned.activeParameters ?? parameters,
    inputTokens: traffic.inputTokens.expected,
    outputTokens: traffic.outputTokens.expected,
  };
  const speed = request.gpuTokensPerSecond ?? estimateServing(served, gpu.device);
  return machineRates(request, gpu.usdPerHour, speed);
}

function thisMachine(facts: AlternativeFacts): Found[] {
  const { request, tuned } = facts;
  const name = "this machine";
  if (tuned.machine === null)
    return [{ name, reason: "its price is not stated", fix: "tunewise doctor --rate 0.50/h" }];
  const speed = request.hereTokensPerSecond ?? tuned.speed?.tokensPerSecond ?? null;
  if (speed === null) {
    const reason = "its speed with the tuned model is not measured: no try has answers of the run";
    return [{ name, reason, fix: "--here-tokens-per-second 40..60" }];
  }
  const { usdPerHour, source } = tuned.machine;
  const basis = request.hereTokensPerSecond === null ? (tuned.speed?.source ?? "") : "as stated";
  const free = usdPerHour === 0 ? ["at a price of 0, power and upkeep are not counted"] : [];
  const notes = [`${speedText(speed)}, ${basis}`, ...machineNotes(request), ...free];
  const move = tunedMove(facts, machineRates(request, exactly(usdPerHour), speed));
  const price = { text: `${usdText(usdPerHour)} an hour`, source, date: "as stated" };
  return [{ kind: "this-machine", name, move, price, source: null, notes }];
}

function machineNotes({ utilization, hoursPerMonth }: MoveRequest): string[] {
  const load = utilization ?? assumedUtilization;
  const [low, high] = [load.low, load.high].map((share) => Math.round(100 * share));
  const shown = low === high ? `${low} %` : `${low} to ${high} %`;
  const origin = utilization === null ? "assumed" : "stated";
  return [`on for ${hoursPerMonth} h a month, mean load ${shown} of the peak (${origin})`];
}

function machineRates(
  { utilization, hoursPerMonth }: MoveRequest,
  usdPerHour: Range<Usd>,
  outputTokensPerSecond: Range<number>,
): MachineRates {
  return {
    kind: "machine",
    usdPerHour,
    outputTokensPerSecond,
    utilization: utilization ?? assumedUtilization,
    hoursPerMonth,
  };
}

/** Costs of every way that needs the tuned model. */
function tunedMove({ request, tuned, retrainEveryMonths }: AlternativeFacts, serving: Serving): Move {
  const { trainingUsd, retrainingUsd } = tuned;
  const { evaluationUsd, otherUsd, hostingUsd } = request;
  const plus = (range: Range<Usd>, more: number): Range<Usd> => ({
    low: (range.low + more) as Usd,
    expected: (range.expected + more) as Usd,
    high: (range.high + more) as Usd,
  });
  return {
    serving,
    usdOnce: plus(trainingUsd, evaluationUsd + otherUsd),
    usdPerMonth: exactly(hostingUsd),
    // a new model is evaluated again
    usdPerRetraining: plus(retrainingUsd, evaluationUsd),
    retrainEveryMonths,
  };
}

function unpriced(model: string): UnknownAlternative {
  return { name: model, reason: "no price list has it", fix: "tunewise prices update" };
}

function speedText({ low, expected, high }: Range<number>): string {
  const shown = (speed: number): string => Number(speed.toPrecision(2)).toLocaleString("en-US");
  const ends = low === high ? "" : ` (${shown(low)} to ${shown(high)})`;
  return `${shown(expected)} output tokens/s${ends}`;
}

function exactly(money: Usd): Range<Usd> {
  return { low: money, expected: money, high: money };
}
