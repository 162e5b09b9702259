/**
 * @file Axes: maps every hyperparameter to one side of the unit cube, in which proposals are made.
 *
 * Numbers are placed by their (logarithmic) share of the range, integers and choices in the middle of a cell each:
 *
 *     log-uniform 1e-5 .. 1e-2   1e-5 ├────────1e-4────────1e-3────────┤ 1e-2      choice of 4   │ a │ b │ c │ d │
 */
import { product } from "@tunewise/core/math";
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
  /** `line`: near numbers are similar; `set`: values are equal or not. */
  readonly shape: "line" | "set";
  /** Number of values; infinite for real numbers. */
  readonly count: number;
  /** Share of the side below which two positions count as the same. */
  readonly noise: number;
  /** Position of a value, from 0 to 1; `null` for an invalid value or one out of range. */
  readonly place: (value: HyperparameterValue) => number | null;
  /** Position of a value, with numbers clamped to the range. */
  readonly nearestPlace: (value: HyperparameterValue) => number | null;
  /** The value at a position. */
  readonly value: (place: number) => HyperparameterValue;
  /** Position of the value with an index, counted from 0; meaningless if there are infinitely many. */
  readonly cell: (number: number) => number;
  /** The allowed values as text, for messages. */
  readonly allowed: string;
}

/** Significant digits of a proposed number; more digits would be noise and hard to read. */
const digits = 4;

/** The axes of a space, in alphabetical order, so that the order of keys in a recipe does not matter. */
export function axesOf(space: SearchSpace): Axis[] {
  const names = Object.keys(space).sort();
  return names.map((name) => axisOf(name, space[name] as Hyperparameter));
}

/** The values at a point of the cube. */
export function pointAt(axes: readonly Axis[], places: ArrayLike<number>): SearchPoint {
  return Object.fromEntries(axes.map((axis, at) => [axis.name, axis.value(places[at] ?? 0.5)]));
}

/** The point of a valid search point, with values clamped to the range. */
export function placesOf(axes: readonly Axis[], point: SearchPoint): Float64Array {
  return Float64Array.from(axes, (axis) => axis.nearestPlace(point[axis.name] as HyperparameterValue) ?? 0.5);
}

/** Snaps a proposed point to the values that the hyperparameters have. */
export function settled(axes: readonly Axis[], places: ArrayLike<number>): Float64Array {
  return Float64Array.from(axes, (axis, at) => axis.place(axis.value(places[at] ?? 0.5)) ?? 0.5);
}

/** Number of points of a space; infinite if a hyperparameter is a real number. */
export function pointCount(axes: readonly Axis[]): number {
  return product(axes.map(({ count }) => count));
}

function axisOf(name: string, knob: Hyperparameter): Axis {
  if (knob.kind === "choice") return choiceAxis(name, knob.values, knob.ordered ?? false);
  const noise = knob.noise ?? defaultNoise;
  return knob.kind === "uniform" || knob.kind === "log-uniform"
    ? numberAxis(name, knob.low, knob.high, knob.kind === "log-uniform", noise)
    : integerAxis(name, knob.low, knob.high, knob.kind === "log-integer", noise);
}

/** @source logarithm and its inverse; the width is never 0, because the bounds are ascending */
function numberAxis(name: string, low: number, high: number, isLog: boolean, noise: number): Axis {
  const [forth, back] = isLog ? [Math.log, Math.exp] : [same, same];
  const [start, width] = [forth(low), forth(high) - forth(low)];
  const nearestPlace = (value: HyperparameterValue) =>
    typeof value === "number" && Number.isFinite(value)
      ? (forth(clamp(value, low, high)) - start) / width
      : null;
  return {
    name,
    shape: "line",
    count: Number.POSITIVE_INFINITY,
    noise,
    nearestPlace,
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

/** The cell of each integer extends from 0.5 below to 0.5 above it. */
function integerAxis(name: string, low: number, high: number, isLog: boolean, noise: number): Axis {
  const cells = numberAxis(name, low - 0.5, high + 0.5, isLog, noise);
  const nearestPlace = (value: HyperparameterValue) =>
    typeof value === "number" && Number.isFinite(value)
      ? cells.nearestPlace(clamp(Math.round(value), low, high))
      : null;
  return {
    name,
    shape: "line",
    count: high - low + 1,
    noise,
    nearestPlace,
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
    name,
    shape: ordered ? "line" : "set",
    count: values.length,
    noise: defaultNoise,
    place,
    nearestPlace: place,
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
