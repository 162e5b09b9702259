import { range, seconds, usd } from "@tunewise/core/quantity";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PlaceEstimate } from "./place.ts";
import { type Patience, recommend } from "./recommend.ts";

/** A placement, by hours and dollars of one run. */
function place(hours: number, dollars: number, more: Partial<PlaceEstimate> = {}): PlaceEstimate {
  const time = seconds(hours * 3600);
  const money = usd(dollars);
  return {
    ...({ kind: "rented", name: `${hours} h`, fits: "yes" } as PlaceEstimate),
    seconds: range(time, time, time),
    runUsd: range(money, money, money),
    total: { p50: money, p90: money, shares: [], distribution: null },
    ...more,
  };
}

const here = (hours: number, dollars = 0): PlaceEstimate => place(hours, dollars, { kind: "here" });
const patience = (dollars: number, runs = 1): Patience => ({
  deadlineSeconds: 72 * 3600,
  costOfDelayUsdPerHour: dollars,
  runs,
});

describe("a recommendation weighs time (A9: 15 hours for $0 against 5.5 minutes for $0.023)", () => {
  const places = [here(15), place(5.5 / 60, 0.023)];

  test("the quick place is taken, and what an hour saved costs is said", () => {
    const { best, tradeOff } = recommend(places, patience(1));
    expect(best).toBe(1);
    expect(tradeOff).toMatchObject({ cheaper: 0, quicker: 1, costOfDelayUsdPerHour: usd(1) });
    expect((tradeOff?.usdPerHourSaved ?? 0) / 1e6).toBeCloseTo(0.023 / (15 - 5.5 / 60), 5);
  });

  test("an hour saved never costs less than nothing, also where setting up takes longer than the run", () => {
    const offers = [here(0.2, 0.01), place(0.3, 0.002), place(0.01, 0.5)];
    for (const delay of [0, 0.01, 1, 10]) {
      const { tradeOff } = recommend(offers, patience(delay));
      expect(tradeOff?.usdPerHourSaved ?? 1).toBeGreaterThan(0);
    }
  });

  test("where waiting is worth nothing the cheapest is taken, with its quicker alternative", () => {
    expect(recommend(places, patience(0))).toMatchObject({ best: 0, tradeOff: { cheaper: 0, quicker: 1 } });
  });

  test("minutes saved do not pay for setting a machine up", () => {
    expect(recommend([here(9 / 60), place(4.5 / 60, 0.0047)], patience(1))).toEqual({
      best: 0,
      tradeOff: null,
    });
  });

  test("runs that are waited for one after another count each", () => {
    const dear = [here(2), place(1, 1.5)];
    expect(recommend(dear, patience(1)).best).toBe(0);
    expect(recommend(dear, patience(1, 3)).best).toBe(1);
  });

  test("a vendor, and a place that may not fit, are not recommended", () => {
    const vendor = place(0.1, 0.001, { kind: "hosted" });
    const tight = place(0.1, 0.001, { fits: "tight" });
    expect(recommend([here(15), vendor, tight], patience(1)).best).toBe(0);
    expect(recommend([vendor, tight], patience(1))).toEqual({ best: null, tradeOff: null });
  });
});

test("a higher cost of delay never leads to a slower place", () => {
  const offer = fc.tuple(fc.double({ min: 0.01, max: 60, noNaN: true }), fc.integer({ min: 0, max: 5_000 }));
  fc.assert(
    fc.property(
      fc.array(offer, { minLength: 1, maxLength: 8 }),
      fc.double({ min: 0, max: 50, noNaN: true }),
      fc.double({ min: 0, max: 50, noNaN: true }),
      (offers, one, more) => {
        const places = offers.map(([hours, cents]) => place(hours, cents / 100));
        const hoursAt = (delay: number): number =>
          places[recommend(places, patience(delay)).best ?? -1]?.seconds?.expected ?? 0;
        expect(hoursAt(one + more)).toBeLessThanOrEqual(hoursAt(one) + 1e-6);
      },
    ),
  );
});
