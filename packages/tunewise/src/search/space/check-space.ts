/** @file Validates a search space and points in it. */

import { countOf } from "@tunewise/core/quantity";
import { problem } from "../../problem/index.ts";
import type { Axis } from "./axis.ts";
import type {
  ChoiceHyperparameter,
  Hyperparameter,
  IntegerHyperparameter,
  NumberHyperparameter,
  SearchPoint,
  SearchSpace,
} from "./hyperparameter.ts";

/** Maximum number of hyperparameters; more cannot be searched with an affordable number of trials. */
export const maxHyperparameters = 50;
/** Maximum number of values of a choice; a longer list should be a number instead. */
const maxChoices = 256;

/**
 * Rejects a space that cannot be searched.
 *
 * @throws {TunewiseError} `SEARCH_SETTING_INVALID` with the hyperparameter and what is wrong with it
 */
export function checkSpace(space: SearchSpace): void {
  const names = Object.keys(space);
  if (names.length === 0 || names.length > maxHyperparameters) {
    const fix = "Name the settings to try, for example learning_rate with its two ends";
    const reason = `a search tunes 1 to ${maxHyperparameters}`;
    throw problem("SEARCH_SETTING_INVALID", {
      key: "space",
      found: `${countOf(names.length, "hyperparameter")}`,
      reason,
      fix,
    });
  }
  for (const name of names) {
    const fault = faultOf(space[name] as Hyperparameter);
    if (fault === null) continue;
    throw problem("SEARCH_SETTING_INVALID", { key: `space.${name}`, ...fault });
  }
}

/**
 * Rejects a point that is not in the space: an extra or missing hyperparameter, or an invalid value.
 *
 * @param beyondEnds whether numbers may be out of range, as the recipe's own values may be
 * @throws {TunewiseError} `SEARCH_POINT_INVALID` with the hyperparameter and its values
 */
export function checkPoint(axes: readonly Axis[], point: SearchPoint, beyondEnds: boolean): void {
  for (const axis of axes) {
    const value = Object.hasOwn(point, axis.name) ? point[axis.name] : undefined;
    const place = value === undefined ? null : (beyondEnds ? axis.nearestPlace : axis.place)(value);
    if (place !== null) continue;
    const found = JSON.stringify(value) ?? "missing";
    throw problem("SEARCH_POINT_INVALID", { knob: axis.name, found, allowed: axis.allowed });
  }
  const known = new Set(axes.map(({ name }) => name));
  const extra = Object.keys(point).find((name) => !known.has(name));
  if (extra === undefined) return;
  const found = JSON.stringify(point[extra]) ?? "nothing";
  throw problem("SEARCH_POINT_INVALID", { knob: extra, found, allowed: "no such hyperparameter" });
}

/** What is wrong with a hyperparameter, as parameters of the message. */
interface Fault {
  readonly found: string;
  readonly reason: string;
  readonly fix: string;
}

function faultOf(knob: Hyperparameter): Fault | null {
  switch (knob.kind) {
    case "choice":
      return choiceFault(knob);
    case "uniform":
    case "log-uniform":
    case "integer":
    case "log-integer":
      return endsFault(knob);
    default:
      return {
        found: JSON.stringify((knob as Hyperparameter).kind) ?? "nothing",
        reason: "no hyperparameter has this kind",
        fix: "Use uniform, log-uniform, integer, log-integer or choice",
      };
  }
}

function choiceFault(knob: ChoiceHyperparameter): Fault | null {
  const { values } = knob;
  const fix = "List the values to try, each once";
  if (values.length < 2 || values.length > maxChoices) {
    return { found: `${countOf(values.length, "value")}`, reason: `a choice has 2 to ${maxChoices}`, fix };
  }
  if (new Set(values).size < values.length) {
    return { found: JSON.stringify(values), reason: "a value occurs twice", fix };
  }
  const odd = values.find((value) => typeof value === "number" && !Number.isFinite(value));
  return odd === undefined ? null : { found: String(odd), reason: "numbers must be finite", fix };
}

function endsFault(knob: NumberHyperparameter | IntegerHyperparameter): Fault | null {
  const { kind, low, high, noise } = knob;
  const found = `${low} to ${high}`;
  const fix = "Give a low end and a higher one";
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    return { found, reason: "its ends must be finite, the low one below the high one", fix };
  }
  if (kind.startsWith("log") && low <= 0) {
    const reason = "a logarithmic range must be above 0";
    return { found, reason, fix: "Begin above 0, or use uniform" };
  }
  if (kind.endsWith("integer") && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
    return { found, reason: "its ends must be whole numbers", fix };
  }
  if (noise === undefined || (noise > 0 && noise <= 0.5)) return null;
  const reason = "it is a share of the width, above 0 and at most 0.5";
  return { found: `noise ${noise}`, reason, fix: "noise: 0.02" };
}
