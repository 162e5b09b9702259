/**
 * @file Axes: every knob as one side of the unit cube, in which proposals are made.
 *
 * Numbers lie by their (logarithmic) share of the width, whole numbers and choices in the middle of a cell each:
 *
 *     log-uniform 1e-5 .. 1e-2   1e-5 ├────────1e-4────────1e-3────────┤ 1e-2      choice of 4   │ a │ b │ c │ d │
 */
import {
  defaultNoise,
  type Hyperparameter,
  type HyperparameterValue,
  type SearchPoint,
  type SearchSpace,
} from "./hyperparameter.ts";

/** One side of the unit cube. */
export interface Axis {
  readonly name: string;
  /** `line`: near numbers are alike; `set`: values are the same or not. */
  readonly shape: "line" | "set";
  /** How many values there are; infinite for numbers. */
  readonly count: number;
  /** Share of the side below which two places count as the same. */
  readonly noise: number;
  /** The place of a value, from 0 to 1; `null` for one that the knob does not have, or beyond its ends. */
  readonly place: (value: HyperparameterValue) => number | null;
  /** The place of a value, numbers beyond the ends put to the nearest end. */
  readonly nearestPlace: (value: HyperparameterValue) => number | null;
  /** The value at a place. */
  readonly value: (place: number) => HyperparameterValue;
  /** The place of the value with this number, counted from 0; of no meaning where there are infinitely many. */
  readonly cell: (number: number) => number;
  /** The values in words, for messages. */
  readonly allowed: string;
}

/** Significant digits of a proposed number: more would be chance, and none would read them. */
const digits = 4;

/** The axes of a space, by name in alphabetical order, so that a recipe's order of keys changes nothing. */
export function axesOf(space: SearchSpace): Axis[] {
  const names = Object.keys(space).sort();
  return names.map((name) => axisOf(name, space[name] as Hyperparameter));
}

/** The values at a place of the cube. @param places one per axis */
export function pointAt(axes: readonly Axis[], places: ArrayLike<number>): SearchPoint {
  return Object.fromEntries(axes.map((axis, at) => [axis.name, axis.value(places[at] ?? 0.5)]));
}

/** The place of a point whose values are known to be the space's; those beyond the ends are put to the nearest end. */
export function placesOf(axes: readonly Axis[], point: SearchPoint): Float64Array {
  return Float64Array.from(axes, (axis) => axis.nearestPlace(point[axis.name] as HyperparameterValue) ?? 0.5);
}

/** The place that a proposed one stands for, once its values are rounded to what the knobs have. */
export function settled(axes: readonly Axis[], places: ArrayLike<number>): Float64Array {
  return Float64Array.from(axes, (axis, at) => axis.place(axis.value(places[at] ?? 0.5)) ?? 0.5);
}

/** How many points a space has; infinite where a knob is a number. */
export function pointCount(axes: readonly Axis[]): number {
  return axes.reduce((product, axis) => product * axis.count, 1);
}

function axisOf(name: string, knob: Hyperparameter): Axis {
  if (knob.kind === "choice") return choiceAxis(name, knob.values, knob.ordered ?? false);
  const noise = knob.noise ?? defaultNoise;
  return knob.kind === "uniform" || knob.kind === "log-uniform"
    ? numberAxis(name, knob.low, knob.high, knob.kind === "log-uniform", noise)
    : integerAxis(name, knob.low, knob.high, knob.kind === "log-integer", noise);
}

/** @source logarithm and its inverse; a width of 0 cannot be, since ends rise */
function numberAxis(name: string, low: number, high: number, isLog: boolean, noise: number): Axis {
  const [forth, back] = isLog ? [Math.log, Math.exp] : [same, same];
  const [start, width] = [forth(low), forth(high) - forth(low)];
  const nearestPlace = (value: HyperparameterValue) =>
    typeof value === "number" && Number.isFinite(value)
      ? (forth(clamp(value, low, high)) - start) / width
      : null;
  return {
    ...{ name, shape: "line", count: Number.POSITIVE_INFINITY, noise, nearestPlace },
    place: (value) =>
      typeof value === "number" && value >= low && value <= high ? nearestPlace(value) : null,
    value: (place) => {
      const exact = back(start + clamp(place, 0, 1) * width);
      return clamp(Number(exact.toPrecision(digits)), low, high);
    },
    cell: () => 0.5,
    allowed: `numbers from ${low} to ${high}`,
  };
}

/** Each whole number owns the cell from half below to half above it. */
function integerAxis(name: string, low: number, high: number, isLog: boolean, noise: number): Axis {
  const cells = numberAxis(name, low - 0.5, high + 0.5, isLog, noise);
  const nearestPlace = (value: HyperparameterValue) =>
    typeof value === "number" && Number.isFinite(value)
      ? cells.nearestPlace(clamp(Math.round(value), low, high))
      : null;
  return {
    ...{ name, shape: "line", count: high - low + 1, noise, nearestPlace },
    place: (value) =>
      Number.isInteger(value) && (value as number) >= low && (value as number) <= high
        ? nearestPlace(value)
        : null,
    value: (place) => clamp(Math.round(cells.value(place) as number), low, high),
    cell: (number) => nearestPlace(low + number) ?? 0.5,
    allowed: `whole numbers from ${low} to ${high}`,
  };
}

function choiceAxis(name: string, values: readonly HyperparameterValue[], ordered: boolean): Axis {
  const places = new Map(values.map((value, at) => [value, (at + 0.5) / values.length]));
  const place = (value: HyperparameterValue) => places.get(value) ?? null;
  return {
    ...{ name, shape: ordered ? "line" : "set", count: values.length, noise: defaultNoise },
    ...{ place, nearestPlace: place },
    value: (at) => values[clamp(Math.floor(at * values.length), 0, values.length - 1)] as HyperparameterValue,
    cell: (number) => (number + 0.5) / values.length,
    allowed: values.map((value) => JSON.stringify(value)).join(", "),
  };
}

function same(value: number): number {
  return value;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
