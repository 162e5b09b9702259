import { type Seconds, type Usd, usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import { Meter } from "./meter.ts";

const earlier = { spent: 100 as Usd, duration: 10 as Seconds };

function meterAt(usdPerHour: number) {
  const time = { now: 50 };
  return { time, meter: new Meter(() => time.now, usdPerHour, earlier) };
}

test("continues from earlier sessions, and books each second once", () => {
  const { time, meter } = meterAt(2.49);
  expect(meter.priceUsdPerHour).toBe(usd(2.49));
  time.now = 51.5;
  expect(meter.book()).toEqual({ duration: 1.5, spent: 1_038, wallSeconds: 11.5, spentMicroUsd: 1_138 });
  expect(meter.book()).toEqual({ duration: 0, spent: 0, wallSeconds: 11.5, spentMicroUsd: 1_138 });
  time.now = 53;
  const lost = meter.book();
  expect(lost).toEqual({ duration: 1.5, spent: 1_037, wallSeconds: 13, spentMicroUsd: 2_175 });
  meter.revert(lost);
  time.now = 54;
  expect(meter.book()).toEqual({ duration: 2.5, spent: 1_729, wallSeconds: 14, spentMicroUsd: 2_867 });
  expect([meter.spentSeconds, meter.spentUsd]).toEqual([14, 2_867]);
});

test("stands still once it is frozen, and takes in what others have charged", () => {
  const { time, meter } = meterAt(3.6);
  time.now = 52;
  meter.freeze();
  time.now = 60;
  meter.freeze();
  expect(meter.session).toMatchObject({ duration: 2, spent: 2_000 });
  meter.reconcile(2_600 as Usd);
  expect([meter.spentSeconds, meter.spentUsd]).toEqual([12, 2_600]);
  meter.reconcile(2_000 as Usd); // a ledger total below the meter's does not reduce the cost
  expect(meter.spentUsd).toBe(2_600);
});

test("ends at an instant that lies back, but not before what was booked", () => {
  const { time, meter } = meterAt(3.6);
  time.now = 60;
  meter.book();
  time.now = 700; // the machine went silent, and its lease ended at second 120
  meter.freeze(120);
  expect([meter.session.duration, meter.spentSeconds]).toEqual([70, 80]);
  expect(meter.book().duration).toBe(60);
  const { time: later, meter: other } = meterAt(3.6);
  later.now = 60;
  other.book();
  other.freeze(55);
  expect(other.session.duration).toBe(10);
});
