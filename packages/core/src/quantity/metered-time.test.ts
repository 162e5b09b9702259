import fc from "fast-check";
import { expect, test } from "vitest";
import { MeteredTime } from "./metered-time.ts";
import { cost, seconds, usd } from "./quantity.ts";

test.each([
  // price per hour, seconds, micro-dollars
  [2.49, 3600, 2_490_000],
  [2.49, 1, 692],
  [0.5, 0.001, 0],
  [0.5, 3.6, 500],
  [0.36, 0.005, 1], // half a micro-dollar is rounded up
  [0.36, 0.004, 0],
  [98.32, 86_400, 2_359_680_000],
  [0, 1e6, 0],
])("at $%d an hour, %d s cost %d micro-dollars", (usdPerHour, time, microUsd) => {
  expect(MeteredTime.ofSeconds(usd(usdPerHour), time).spent).toBe(microUsd);
  expect(MeteredTime.ofMs(usd(usdPerHour), 1000 * time).spent).toBe(microUsd);
});

const prices = fc.integer({ min: 0, max: 1e9 }).map((microUsd) => usd(microUsd / 1e6));
const times = fc.double({ min: 0, max: 1e7, noNaN: true });

test("costs what the price per hour says, in either unit", () => {
  fc.assert(
    fc.property(prices, times, fc.nat(1e9), (price, time, ms) => {
      expect(MeteredTime.ofSeconds(price, time).spent).toBe(cost(price, seconds(time)));
      expect(MeteredTime.ofMs(price, ms).spent).toBe(Math.round((price * ms) / 3_600_000));
    }),
  );
});

test("lines add up to the cost of the total", () => {
  fc.assert(
    fc.property(prices, fc.array(fc.nat(5_000), { minLength: 1 }), (price, steps) => {
      let [total, spent, booked] = [0, 0, MeteredTime.ofMs(price, 0)];
      for (const step of steps) {
        total += step;
        const now = MeteredTime.ofMs(price, total);
        const line = now.since(booked);
        expect(line.duration).toBe(step / 1000);
        spent += line.spent;
        booked = now;
      }
      expect(spent).toBe(MeteredTime.ofMs(price, total).spent);
    }),
  );
});

test("grows by seconds, whatever its unit", () => {
  expect(MeteredTime.ofSeconds(usd(3.6), 2).plus(3)).toMatchObject({ duration: 5, spent: 5_000 });
  expect(MeteredTime.ofMs(usd(3.6), 2_000).plus(3)).toMatchObject({ duration: 5, spent: 5_000 });
});
