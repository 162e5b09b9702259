/**
 * @file Picks the next token from logits: greedy, or sampled with temperature and nucleus.
 */
import type { Random } from "../random/random.ts";

/** How to pick. */
export interface ChoiceSettings {
  /** 0: the likeliest token. */
  readonly temperature: number;
  /** Sample among the likeliest tokens that together reach this probability. */
  readonly topP: number;
}

/**
 * The chosen token id.
 *
 * @param logits `[V]`
 * @source nucleus: Holtzman et al. 2019 (arXiv 1904.09751), section 3.1
 */
export function chooseToken(logits: Float32Array, settings: ChoiceSettings, random: Random): number {
  const likeliest = argmax(logits);
  if (settings.temperature <= 0) return likeliest;
  const most = logits[likeliest] as number;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - most) / settings.temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const ids = settings.topP >= 1 ? null : nucleus(weights, total * settings.topP);
  const mass = ids ? ids.reduce((sum, id) => sum + (weights[id] as number), 0) : total;
  let left = random.uniform() * mass;
  for (const id of ids ?? weights.keys()) {
    left -= weights[id] as number;
    if (left < 0) return id;
  }
  return likeliest;
}

/** The place of the largest value; the first one among equals. */
function argmax(values: Float32Array): number {
  let best = 0;
  for (let at = 1; at < values.length; at++) {
    if ((values[at] as number) > (values[best] as number)) best = at;
  }
  return best;
}

/** Fewest likeliest ids that reach `mass`, likeliest first. */
function nucleus(weights: Float64Array, mass: number): number[] {
  const order = Array.from(weights.keys()).sort((a, b) => (weights[b] as number) - (weights[a] as number));
  let sum = 0;
  const size = order.findIndex((id) => {
    sum += weights[id] as number;
    return sum >= mass;
  });
  return order.slice(0, size < 0 ? order.length : size + 1);
}
