/** @file Selects the next token from logits: greedy, or sampled with temperature and top-p (nucleus sampling). */
import type { Random } from "@tunewise/core/math";

/** Sampling settings. */
export interface ChoiceSettings {
  /** 0 selects the likeliest token. */
  readonly temperature: number;
  /** Samples among the likeliest tokens that together reach this probability. */
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
  let left = random() * mass;
  for (const id of ids ?? weights.keys()) {
    left -= weights[id] as number;
    if (left < 0) return id;
  }
  return likeliest;
}

/** Index of the largest value; the first one among equals. */
function argmax(values: Float32Array): number {
  let best = 0;
  for (let at = 1; at < values.length; at++) {
    if ((values[at] as number) > (values[best] as number)) best = at;
  }
  return best;
}

/** The smallest set of likeliest ids that reaches `mass`, likeliest first. The largest weight is 1. */
function nucleus(weights: Float64Array, mass: number): number[] {
  const order = candidates(weights, mass).sort((a, b) => (weights[b] as number) - (weights[a] as number));
  let sum = 0;
  const size = order.findIndex((id) => {
    sum += weights[id] as number;
    return sum >= mass;
  });
  return order.slice(0, size < 0 ? order.length : size + 1);
}

/** Above this margin a sum of weights reaches the mass regardless of the order of addition. */
const surely = 1 + 1e-9;

/** A small superset of the nucleus, because sorting it is faster than sorting the vocabulary. */
function candidates(weights: Float64Array, mass: number): number[] {
  for (let least = 1e-2; least > 1e-12; least /= 100) {
    const ids: number[] = [];
    let sum = 0;
    for (let id = 0; id < weights.length; id++) {
      const weight = weights[id] as number;
      if (weight < least) continue;
      ids.push(id);
      sum += weight;
    }
    if (sum >= mass * surely) return ids;
  }
  return Array.from(weights.keys());
}
