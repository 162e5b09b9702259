import type { Usd } from "@tunewise/core/quantity";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCap, type Meter, msUntilShare, overshootUsd, spentUsd } from "./meter-file.ts";

const meters = fc.record<Meter>({
  rateUsdPerHour: fc.integer({ min: 1, max: 1e9 }) as fc.Arbitrary<Usd>,
  capUsd: fc.integer({ min: 1, max: 1e12 }) as fc.Arbitrary<Usd>,
  meteredMs: fc.double({ min: 0, max: 1e10, noNaN: true }),
});

describe("the meter", () => {
  it("turns an hour into its rate", () => {
    const meter = { rateUsdPerHour: 2_490_000 as Usd, capUsd: null, meteredMs: 3_600_000 };
    expect(spentUsd(meter)).toBe(2_490_000);
    expect(checkCap(meter)).toBe("go-on");
    expect(msUntilShare(meter, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(overshootUsd(meter)).toBe(0);
  });

  it("warns from 80 % on and stops at the cap", () => {
    const at = (meteredMs: number): string =>
      checkCap({ rateUsdPerHour: 3_600_000_000 as Usd, capUsd: 1_000_000 as Usd, meteredMs });
    expect([at(799), at(800), at(999), at(1000), at(5000)]).toEqual([
      "go-on",
      "warn",
      "warn",
      "stop",
      "stop",
    ]);
  });

  it("is at a share of its cap after the time it names, to the micro-dollar", () => {
    fc.assert(
      fc.property(meters, fc.constantFrom(0.8, 1), (meter, share) => {
        const later = { ...meter, meteredMs: meter.meteredMs + msUntilShare(meter, share) };
        const goal = share * Number(meter.capUsd);
        expect(spentUsd(later)).toBeGreaterThanOrEqual(Math.floor(goal) - 1e-6 * goal);
        if (msUntilShare(meter, share) > 0)
          expect(Math.abs(spentUsd(later) - goal)).toBeLessThanOrEqual(1 + 1e-6 * goal);
      }),
    );
  });

  it("says stop exactly where it reports an overshoot or the cap to the micro-dollar", () => {
    fc.assert(
      fc.property(meters, (meter) => {
        expect(overshootUsd(meter)).toBe(Math.max(0, spentUsd(meter) - Number(meter.capUsd)));
        expect(checkCap(meter) === "stop").toBe(spentUsd(meter) >= Number(meter.capUsd));
      }),
    );
  });
});
