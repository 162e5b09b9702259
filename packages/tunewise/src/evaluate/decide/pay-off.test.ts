import { type Range, type Usd, usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { costsAt, expectedPoint, type Move, type PayOffInput, payOff, type TokenRates } from "./pay-off.ts";
import { payOffTurns } from "./pay-off-turns.ts";

const exact = <Quantity extends number>(value: Quantity): Range<Quantity> => ({
  low: value,
  expected: value,
  high: value,
});
const rates = (input: number, cached: number, output: number): TokenRates => ({
  kind: "tokens",
  inputUsd: usd(input),
  cachedInputUsd: usd(cached),
  outputUsd: usd(output),
});
const traffic = {
  callsPerMonth: exact(20_000),
  inputTokens: exact(1_000),
  cachedShare: exact(0.4),
  outputTokens: exact(200),
};
const free = exact(usd(0));
const move: Move = {
  serving: rates(0.1, 0.1, 0.1),
  usdOnce: exact(usd(10)),
  usdPerMonth: free,
  usdPerRetraining: free,
  retrainEveryMonths: null,
};
/** Staying: 20,000 x (600 x $0.30 + 400 x $0.15 + 200 x $1.20) per million = $9.60 a month; the move: $2.40. */
const base: PayOffInput = {
  traffic,
  staying: { rates: rates(0.3, 0.15, 1.2), end: null },
  move,
  months: 12,
  seed: 1,
  draws: 200,
};
const moved = (changes: Partial<Move>): PayOffInput => ({ ...base, move: { ...move, ...changes } });
const machine = (hourly: number, speed: number, utilization = 1, hoursPerMonth = 730): Move["serving"] => ({
  kind: "machine",
  usdPerHour: exact(usd(hourly)),
  outputTokensPerSecond: exact(speed),
  utilization: exact(utilization),
  hoursPerMonth,
});

describe("payOff with exact inputs", () => {
  it("charges cached tokens at their own price", () => {
    const found = payOff(base);
    expect(found.stayingUsdPerMonth).toEqual(exact(usd(9.6)));
    expect(found.usdPerMonth).toEqual(exact(usd(2.4)));
    expect(found.totalUsd.expected).toBe(usd(10 + 12 * 2.4));
    expect(found.savedUsd.expected).toBe(usd(12 * 7.2 - 10));
    expect(found.machines).toBeNull();
  });

  it.each([5, 7.2, 7.21, 10, 50, 86.4])("equals costs over monthly savings, rounded up: $%d", (once) => {
    const { month, neverShare } = payOff(moved({ usdOnce: exact(usd(once)) }));
    expect(month.expected).toBe(Math.ceil(once / 7.2 - 1e-9));
    expect(month.low).toBe(month.high);
    expect(neverShare).toBe(0);
  });

  it("does not pay off beyond the horizon, or if a month is not cheaper", () => {
    const nothing = { low: null, expected: null, high: null };
    expect(payOff(moved({ usdOnce: exact(usd(86.5)) }))).toMatchObject({ month: nothing, neverShare: 1 });
    expect(payOff(moved({ usdPerMonth: exact(usd(7.21)) }))).toMatchObject({ month: nothing, neverShare: 1 });
  });

  it("counts retraining at the start of each period, not at the end of the horizon", () => {
    const retrained = moved({ usdPerRetraining: exact(usd(5)), retrainEveryMonths: 3 });
    // months 4, 7 and 10
    expect(payOff(retrained).totalUsd.expected).toBe(usd(10 + 12 * 2.4 + 3 * 5));
    const yearly = moved({ usdPerRetraining: exact(usd(5)), retrainEveryMonths: 12 });
    expect(payOff(yearly).totalUsd.expected).toBe(usd(10 + 12 * 2.4));
  });

  it("does not count a month before a retraining that makes the move more expensive again", () => {
    // $14.40 saved after two months, $10 spent; then $20 more: ahead again once 7.2 m >= 30, in month 5
    const relapsing = moved({ usdPerRetraining: exact(usd(20)), retrainEveryMonths: 2 });
    const twice = { ...relapsing, months: 4 };
    expect(payOff({ ...twice, months: 2 }).month.expected).toBe(2);
    expect(payOff(twice).month.expected).toBeNull();
    const once = moved({ usdPerRetraining: exact(usd(20)), retrainEveryMonths: 6 });
    // months 2 to 6 are ahead, month 7 is not: 7.2 x 7 = 50.4 against 30
    expect(payOff(once).month.expected).toBe(2);
    const late = moved({ usdPerRetraining: exact(usd(50)), retrainEveryMonths: 6 });
    // from month 7 on, $60 are spent: 7.2 m >= 60 from month 9
    expect(payOff(late).month.expected).toBe(9);
  });

  it("uses the successor's price once the model ends, also within a month", () => {
    const staying = { rates: base.staying.rates, end: { afterMonths: 1.5, successor: rates(0.6, 0.3, 2.4) } };
    const found = payOff({ ...base, staying });
    expect(found.stayingUsdPerMonth.expected).toBeCloseTo((usd(9.6) * 1.5 + usd(19.2) * 10.5) / 12, 0);
    // after month 1: 9.6 against 12.4; after month 2: 24 against 14.8
    expect(found.month.expected).toBe(2);
  });
});

describe("payOff on a machine", () => {
  it("pays for the hours that machines are on, at least one machine", () => {
    const found = payOff(moved({ serving: machine(0.01, 1_000) }));
    expect(found.usdPerMonth.expected).toBe(usd(7.3));
    expect(found.machines).toEqual(exact(1));
  });

  it.each([
    [4_000_000 / 3600 / 730, 1, 1],
    [4_000_000 / 3600 / 730, 0.5, 2],
    [(4_000_000 / 3600 / 730) * 0.99, 0.5, 3],
  ])("needs enough machines for the peak: %d tokens/s at load %d", (speed, utilization, machines) => {
    const found = payOff(moved({ serving: machine(0.01, speed, utilization) }));
    expect(found.machines).toEqual(exact(machines));
    expect(found.usdPerMonth.expected).toBe(usd(7.3 * machines));
  });

  it("has fewer hours if the machine is on for a part of the month", () => {
    expect(payOff(moved({ serving: machine(0.01, 1_000, 1, 100) })).usdPerMonth.expected).toBe(usd(1));
  });
});

describe("payOff with uncertain inputs", () => {
  const uncertain = moved({ usdOnce: { low: usd(10), expected: usd(30), high: usd(90) } });
  const input: PayOffInput = {
    ...uncertain,
    draws: 20_000,
    traffic: { ...traffic, callsPerMonth: { low: 10_000, expected: 20_000, high: 40_000 } },
  };

  it("gives the quantiles of the ratio of two log-normal quantities", () => {
    // ln(once / savings): standard deviation sqrt(ln 3 ^ 2 + ln 2 ^ 2) / 1.645
    const spread = Math.hypot(Math.log(3), Math.log(2));
    const middle = 30 / 7.2;
    const { month, neverShare } = payOff({ ...input, months: 120 });
    expect(month.low).toBe(Math.ceil(middle / Math.exp(spread)));
    expect(month.expected).toBe(Math.ceil(middle));
    expect(Math.abs((month.high ?? 0) - middle * Math.exp(spread))).toBeLessThan(2);
    expect(neverShare).toBeLessThan(0.001);
  });

  it("counts the draws without a pay-off", () => {
    const { neverShare } = payOff(input);
    // P(ln ratio > ln 12) = P(z > (ln 12 - ln 4.1667) x 1.645 / 1.299)
    expect(neverShare).toBeCloseTo(0.0903, 2);
  });

  it("covers 90 % of simulated worlds", () => {
    const { month } = payOff({ ...input, months: 120 });
    let [inside, state] = [0, 12_345];
    const next = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return (state + 0.5) / 2 ** 31;
    };
    const normal = (): number => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
    const worlds = 4_000;
    for (let world = 0; world < worlds; world++) {
      const calls = 20_000 * 2 ** (normal() / 1.6449);
      const once = 30 * 3 ** (normal() / 1.6449);
      const truth = Math.ceil(once / (7.2 * (calls / 20_000)));
      if (truth >= (month.low ?? 0) && truth <= (month.high ?? 0)) inside++;
    }
    expect(inside / worlds).toBeGreaterThan(0.89);
    expect(inside / worlds).toBeLessThan(0.97); // months are whole, so the range is wider
  });

  it("repeats with the same seed, and differs with another", () => {
    expect(payOff(input)).toEqual(payOff(input));
    expect(payOff({ ...input, seed: 2 }).savedUsd).not.toEqual(payOff(input).savedUsd);
  });
});

describe("payOffTurns", () => {
  const turnOf = (input: PayOffInput, name: string): readonly number[] =>
    payOffTurns(input)
      .filter((turn) => turn.input === name)
      .map(({ at }) => at);

  it("finds each value by the closed form", () => {
    // saved over 12 months: 86.4 - 10
    expect(turnOf(base, "calls-per-month")).toEqual([expect.closeTo(20_000 * (10 / 86.4), 0)]);
    expect(turnOf(base, "once")).toEqual([expect.closeTo(usd(86.4), -3)]);
    expect(turnOf(base, "per-month")).toEqual([expect.closeTo(usd(76.4 / 12), -2)]);
    expect(turnOf(base, "price-of-staying")).toEqual([expect.closeTo((10 + 28.8) / 115.2, 4)]);
    expect(turnOf(base, "price-of-move")).toEqual([expect.closeTo(105.2 / 28.8, 4)]);
  });

  it("says on which side the move pays off, and puts the nearest input first", () => {
    const turns = payOffTurns(base);
    expect(turns.every(({ paysBeyond }) => !paysBeyond)).toBe(true);
    const change = ({ at, now }: { at: number; now: number }): number => Math.abs(Math.log(at / now));
    const relative = turns.filter(({ now }) => now > 0).map(change);
    expect(relative).toEqual(relative.toSorted((a, b) => a - b));
    const beyond = payOffTurns(moved({ usdOnce: exact(usd(100)) }));
    expect(beyond.find(({ input }) => input === "calls-per-month")).toMatchObject({ paysBeyond: true });
  });

  it("verifies every turning point by computing both sides", () => {
    const input = moved({
      serving: machine(0.003, 20, 0.5),
      usdPerRetraining: exact(usd(6)),
      retrainEveryMonths: 3,
    });
    const point = expectedPoint(input);
    const now = costsAt(input, point).month !== null;
    const keys = {
      "calls-per-month": "calls",
      "output-tokens-per-second": "outputTokensPerSecond",
      utilization: "utilization",
      once: "usdOnce",
      "retrain-every-months": "retrainEveryMonths",
    } as const;
    const turns = payOffTurns(input).filter((turn) => turn.input in keys);
    expect(turns.length).toBeGreaterThan(2);
    for (const turn of turns) {
      const key = keys[turn.input as keyof typeof keys];
      const pays = (value: number): boolean => costsAt(input, { ...point, [key]: value }).month !== null;
      expect(pays(turn.at)).toBe(!now);
      const isWhole = turn.input === "retrain-every-months";
      const back = isWhole ? turn.at + Math.sign(turn.now - turn.at) : turn.at + (turn.now - turn.at) * 1e-3;
      expect(pays(back)).toBe(now);
    }
  });

  it("finds none if nothing can make the move pay off", () => {
    const hopeless = moved({ serving: base.staying.rates, usdOnce: exact(usd(5) as Usd) });
    expect(turnOf(hopeless, "calls-per-month")).toEqual([]);
  });
});
