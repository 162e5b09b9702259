/** @file Tests loss forecasts: known curves continue, and the error reflects scatter, few points and schedules. */
import { describe, expect, test } from "vitest";
import { type Forecast, forecastFall } from "./forecast.ts";

const steps = 200;
/** Cumulative sums of a learning rate. */
const areasOf = (rate: (step: number) => number): number[] => {
  const areas = [0];
  for (let step = 1; step <= steps; step++) areas.push((areas[step - 1] ?? 0) + rate(step));
  return areas;
};
const constant = areasOf(() => 1);
const cosine = areasOf((step) => 0.5 * (1 + Math.cos((Math.PI * (step - 1)) / steps)));

/** The forecast for a loss that follows `law`, evaluated every ten steps. */
function forecast(
  areas: readonly number[],
  law: (area: number, step: number) => number,
  count = 7,
  from = 1,
): Forecast {
  const points = Array.from({ length: count }, (_, i) => {
    const step = 10 * (i + from);
    return { step, loss: law(areas[step] ?? 0, step) };
  });
  const found = forecastFall(points, areas);
  if (found === null) throw new Error("nothing foreseen");
  return found;
}

const power = (area: number): number => 5 * area ** -0.6;

describe("forecastFall", () => {
  test.each([
    ["constant", constant],
    ["cosine", cosine],
  ])("a power of the area goes on to the end, at a %s rate", (_, areas) => {
    const { fall, error } = forecast(areas, power);
    const now = areas[70] ?? 0;
    expect(fall).toBeCloseTo(0.6 * Math.log((areas[steps] ?? 0) / now), 6);
    expect(error).toBeCloseTo(Math.hypot(0.25 * fall, 0.08), 6);
  });

  test("after 35 % of the steps less is left to fall with a cosine than at a constant rate", () => {
    expect(forecast(cosine, power).fall).toBeLessThan(0.6 * forecast(constant, power).fall);
  });

  test("the unit of the rate is no matter", () => {
    const small = cosine.map((area) => 1e-4 * area);
    const given = (areas: readonly number[]): Forecast => forecast(areas, (_, step) => 5 * step ** -0.4);
    expect(given(small).fall).toBeCloseTo(given(cosine).fall, 9);
    expect(given(small).error).toBeCloseTo(given(cosine).error, 9);
  });

  test("a loss that rises has nothing left to fall", () => {
    expect(forecast(constant, (area) => 1 + area / 100).fall).toBe(0);
  });

  test("what lies before the last two thirds is not read, however steep", () => {
    const course = (start: number) => (area: number, step: number) => (step < 40 ? start : power(area));
    const [high, low] = [100, 5].map((start) => forecast(constant, course(start), 12));
    expect(high).toEqual(low);
    expect(high?.evaluations).toBe(9);
  });

  test.each([
    ["one look in the last two thirds", [5, 10, 20, 100]],
    ["two", [5, 10, 90, 100]],
    ["three", [5, 80, 90, 100]],
  ])("of %s the last three looks are read", (_, at) => {
    const points = at.map((step, i) => ({ step, loss: i === 0 ? 100 : power(step) }));
    const found = forecastFall(points, constant);
    expect(found).toEqual(forecastFall(points.slice(1), constant));
    expect(found?.evaluations).toBe(3);
    expect(found?.fall).toBeCloseTo(0.6 * Math.log(2), 6);
  });

  test("scatter widens the error, and more where the rate has still to go to zero", () => {
    const wild = (area: number, step: number): number => power(area) * (1 + 0.1 * (-1) ** (step / 10));
    const [calm, steady, cooling] = [
      forecast(constant, power),
      forecast(constant, wild),
      forecast(cosine, wild),
    ];
    expect(steady.error).toBeGreaterThan(2 * calm.error);
    // a constant rate extrapolates further, so compare the effect of scatter alone at the same distance
    const atEnd = forecast(
      areasOf((step) => (step <= 70 ? 1 : 1e-9)),
      wild,
    );
    const same = forecast(
      areasOf((step) => (step <= 70 ? 1 : step === 200 ? 1 : 1e-9)),
      wild,
    );
    expect(atEnd.error).toBeGreaterThan(1.3 * same.error);
    expect(cooling.evaluations).toBe(steady.evaluations);
  });

  test("three points know their scatter badly", () => {
    const wild = (area: number, step: number): number => power(area) * (1 + 0.02 * (-1) ** (step / 10));
    expect(forecast(constant, wild, 3, 5).error).toBeGreaterThan(2 * forecast(constant, wild, 7).error);
  });

  test.each<[string, readonly { step: number; loss: number }[], readonly number[]]>([
    ["nothing", [], constant],
    ["two looks", [10, 20].map((step) => ({ step, loss: 1 })), constant],
    ["a rate of zero all along", [10, 20, 30].map((step) => ({ step, loss: 1 })), areasOf(() => 0)],
  ])("%s: nothing is foreseen", (_, points, areas) => {
    expect(forecastFall(points, areas)).toBeNull();
  });

  test("a rate that was zero from some step on has nothing left", () => {
    const { fall, error } = forecast(
      areasOf((step) => (step < 65 ? 1 : 0)),
      (_, step) => 5 * step ** -0.5,
    );
    expect(fall).toBe(0);
    expect(Number.isFinite(error)).toBe(true);
  });
});
