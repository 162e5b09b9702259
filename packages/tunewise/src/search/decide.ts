/**
 * @file Decides the next action of a search from its settings and state alone.
 *
 * In this order: resume segments that a cap cut off, the recipe's own settings, due promotions, a new point, and,
 * once the funds are too low for new points, promotions of the best waiting trials.
 */
import type { Usd } from "@tunewise/core/quantity";
import { availableFunds, type Funds } from "./money/funds.ts";
import type { Work } from "./money/prices.ts";
import { bottomRung, duePromotions, type Promotion, type Standing, sparePromotions } from "./promote/asha.ts";
import { openTop } from "./promote/pasha.ts";
import { defaultFactor } from "./promote/rungs.ts";
import { propose, warmUp } from "./propose/propose.ts";
import type { SearchSettings } from "./settings.ts";
import { pointAt } from "./space/axis.ts";
import { pointDistance } from "./space/distance.ts";
import type { SearchPoint } from "./space/hyperparameter.ts";
import { bestSoFar, isContender } from "./state/best.ts";
import { observationsOf } from "./state/observe.ts";
import type { PointOrigin } from "./state/record.ts";
import type { Ladder, SearchState, TrialState } from "./state/state.ts";

/** Why a search ends: budget, number of trials, or no point left that differs from those tried. */
export type EndReason = "money" | "trials" | "space";

/** The next action. */
type Decision =
  | { readonly act: "stretch"; readonly segment: Segment }
  | { readonly act: "wait" }
  | { readonly act: "end"; readonly reason: EndReason };

/** A segment to start. */
export interface Segment extends Work {
  readonly trial: number;
  readonly origin: PointOrigin;
  readonly maxUsd: Usd;
}

/** Everything a decision depends on. */
interface Situation {
  readonly settings: SearchSettings;
  readonly ladder: Ladder;
  readonly state: SearchState;
  readonly trials: readonly TrialState[];
  readonly funds: Funds;
  readonly standings: readonly Standing[];
  /** Index of the highest open rung. */
  readonly top: number;
}

/** Returns the next action; the same settings and state yield the same one. */
export function decideNext(settings: SearchSettings, ladder: Ladder, state: SearchState): Decision {
  const situation = situationOf(settings, ladder, state);
  const { trials } = situation;
  const cut = trials.flatMap((trial) => (trial.cutTo !== null && trial.running === null ? [trial] : []));
  const old =
    firstFitting(
      situation,
      cut.map((trial) => resumeTrial(situation, trial, trial.cutTo as number)),
    ) ??
    recipeSettings(situation) ??
    firstFitting(situation, promotions(situation, duePromotions));
  if (old !== null) return { act: "stretch", segment: old };
  return newPointOrPromotion(situation);
}

function situationOf(settings: SearchSettings, ladder: Ladder, state: SearchState): Situation {
  const trials = [...state.trials.values()];
  const standings = trials.map(({ id, losses, running, cutTo }) => {
    const to = running?.to ?? cutTo;
    return { id, losses, runningTo: to === null ? null : ladder.rungs.indexOf(to) };
  });
  const last = ladder.rungs.length - 1;
  const curves = new Map(trials.map(({ id, curve }) => [id, curve]));
  const top = settings.promotion === "pasha" ? openTop(standings, ladder.rungs, curves) : last;
  const funds = availableFunds(state, settings, ladder.rungs.length);
  return { settings, ladder, state, trials, funds, standings, top };
}

/** The recipe's own settings, unless they or equivalent settings were tried. */
function recipeSettings(situation: Situation): Segment | null {
  const { settings, ladder, trials } = situation;
  if (trials.some(({ origin }) => origin === "defaults")) return null;
  const trial = newTrial(situation, settings.defaults, "defaults");
  const isKnown = trials.some(({ point, place, losses }) => {
    const same = ladder.axes.every(({ name }) => point[name] === settings.defaults[name]);
    return losses.size > 0 && (same || pointDistance(ladder.axes, place, defaultPlace(situation)) < 1);
  });
  return isKnown || !situation.funds.fits(trial) ? null : trial;
}

function defaultPlace({ settings, ladder }: Situation): Float64Array {
  return Float64Array.from(ladder.axes, (axis) => {
    const value = settings.defaults[axis.name];
    return (value === undefined ? null : axis.place(value)) ?? Number.NaN;
  });
}

/**
 * A new point if the funds allow one in addition to the best trial's remaining cost; otherwise the best trial, as far
 * as the funds allow.
 */
function newPointOrPromotion(situation: Situation): Decision {
  const { settings, trials, funds, state } = situation;
  const isRunning = trials.some(({ running }) => running !== null);
  const own = trials.filter(({ origin }) => origin !== "known").length;
  const spare = promotions(situation, sparePromotions);
  let reason: EndReason = "trials";
  if (own < (settings.maxTrials ?? Number.POSITIVE_INFINITY)) {
    const kept = reservedForBest(situation, spare[0]);
    const found = isHopeless(situation) ? null : newPoint(situation);
    if (isHopeless(situation)) reason = "money";
    else if (found === null) reason = "space";
    else if (found.maxUsd + settings.money.tickUsd + kept <= funds.free)
      return { act: "stretch", segment: found };
    else if (isRunning && found.maxUsd + settings.money.tickUsd + kept <= funds.freeExpected)
      return { act: "wait" };
    else reason = "money";
  }
  const last = reason === "money" ? spare : bestToTop(situation, spare);
  const stretch = firstFitting(situation, last);
  if (stretch !== null && state.trials.size > 0) return { act: "stretch", segment: stretch };
  return isRunning ? { act: "wait" } : { act: "end", reason: last.length > 0 ? "money" : reason };
}

/** Whether the funds cannot pay for any new point, so that none has to be proposed. */
function isHopeless({ settings, ladder, funds }: Situation): boolean {
  const work = { point: settings.defaults, from: 0, to: ladder.rungs[0] as number };
  return settings.money.costFactor === undefined && funds.priceOf(work).high > funds.freeExpected;
}

/**
 * When no new points are wanted, continues only the best trial to the top, and trials that were better than it after
 * equal training. More training was not requested.
 */
function bestToTop(
  { ladder, state, trials, standings, top }: Situation,
  spare: readonly Segment[],
): readonly Segment[] {
  const best = bestSoFar(trials, ladder.rungs.length);
  const arrived = best !== null && Number.isFinite(best.trial.losses.get(top) ?? Number.NaN);
  const onTheWay = standings.some(({ runningTo }) => runningTo === top);
  if (!arrived && !onTheWay) return spare.slice(0, 1);
  if (best === null) return [];
  return spare.filter(({ trial, to }) => {
    const paused = state.trials.get(trial);
    return paused !== undefined && isContender(paused, ladder.rungs.indexOf(to) - 1, best);
  });
}

/** Funds reserved to train the best waiting trial to the top; not available for new points. */
function reservedForBest({ ladder, top, funds, settings }: Situation, best: Segment | undefined): number {
  if (best === undefined) return 0;
  const ends = ladder.rungs.slice(ladder.rungs.indexOf(best.to), top + 1);
  return ends.reduce((sum, to, at) => {
    const from = ladder.restart ? 0 : (ends[at - 1] ?? best.from);
    return sum + funds.priceOf({ point: best.point, from, to }).high + settings.money.tickUsd;
  }, 0);
}

function newPoint(situation: Situation): Segment | null {
  const { settings, ladder, state, trials } = situation;
  const { axes, rungs } = ladder;
  const proposal = propose({
    axes,
    seed: settings.seed,
    index: state.trials.size,
    proposer: settings.proposer ?? "gaussian-process",
    seen: observationsOf(trials, rungs.length, warmUp(axes)),
    tried: trials.filter(isTried).map(({ place }) => place),
  });
  return proposal === null ? null : newTrial(situation, pointAt(axes, proposal.place), proposal.origin);
}

function isTried({ losses, running, cutTo }: TrialState): boolean {
  return losses.size > 0 || running !== null || cutTo !== null;
}

function newTrial(situation: Situation, point: SearchPoint, origin: PointOrigin): Segment {
  const { ladder, state, funds, standings, top } = situation;
  const work = { point, from: 0, to: ladder.rungs[bottomRung(standings, top)] as number };
  return { ...work, trial: state.trials.size + 1, origin, maxUsd: funds.priceOf(work).high };
}

function resumeTrial({ funds }: Situation, trial: TrialState, to: number, savedAt = trial.savedAt): Segment {
  const work = { point: trial.point, from: Math.min(savedAt, to), to };
  return { ...work, trial: trial.id, origin: trial.origin, maxUsd: funds.priceOf(work).high };
}

function promotions(
  situation: Situation,
  rule: (standings: readonly Standing[], top: number, factor: number) => Promotion[],
): Segment[] {
  const { standings, top, settings, ladder, state } = situation;
  const due = rule(standings, top, settings.rungs.factor ?? defaultFactor);
  return due.map(({ id, to }) => {
    const trial = state.trials.get(id) as TrialState;
    return resumeTrial(situation, trial, ladder.rungs[to] as number, ladder.restart ? 0 : trial.savedAt);
  });
}

function firstFitting({ funds }: Situation, stretches: readonly Segment[]): Segment | null {
  return stretches.find((stretch) => funds.fits(stretch)) ?? null;
}
