/** @file Meters the time and cost of a run across all sessions. */
import { type MeteredPart, MeteredTime, type Seconds, seconds, type Usd, usd } from "@tunewise/core/quantity";

/** A ledger line. */
export interface Booking extends MeteredPart {
  /** Totals of all sessions so far. */
  readonly wallSeconds: Seconds;
  readonly spentMicroUsd: Usd;
}

/** Meter of a run that continues from the ledger of its earlier sessions. */
export class Meter {
  private readonly elapsed: () => number;
  private readonly start: number;
  private before: MeteredPart;
  private booked: MeteredTime;
  private stopped: MeteredTime | null = null;

  /**
   * @param elapsed monotonic clock in seconds
   * @param before ledger totals of earlier sessions
   * @param since when metering began, in seconds of `elapsed`; defaults to now
   */
  constructor(elapsed: () => number, usdPerHour: number, before: MeteredPart, since: number = elapsed()) {
    this.elapsed = elapsed;
    this.start = since;
    this.booked = MeteredTime.ofSeconds(usd(usdPerHour), 0);
    this.before = before;
  }

  get priceUsdPerHour(): Usd {
    return this.booked.usdPerHour;
  }

  /** Seconds in all sessions. */
  get spentSeconds(): Seconds {
    return seconds(this.before.duration + this.session.duration);
  }

  /** Cost of all sessions. */
  get spentUsd(): Usd {
    return (this.before.spent + this.session.spent) as Usd;
  }

  /** Time and cost of this session. */
  get session(): MeteredTime {
    return this.stopped ?? MeteredTime.ofSeconds(this.priceUsdPerHour, this.elapsed() - this.start);
  }

  /** Returns the time and cost since the last call, for the ledger, with the new totals. */
  book(): Booking {
    const now = this.session;
    const line = now.since(this.booked);
    this.booked = now;
    const { duration, spent } = this.before;
    return {
      ...line,
      wallSeconds: seconds(duration + now.duration),
      spentMicroUsd: (spent + now.spent) as Usd,
    };
  }

  /** Reverts the last booking because it could not be written. The next one includes it. */
  revert({ duration }: Booking): void {
    this.booked = this.booked.plus(-duration);
  }

  /**
   * Stops the meter, so that report, ledger and all documents show the same total.
   *
   * @param at stop time in seconds of the clock, if it is before now. Booked time is never reduced.
   */
  freeze(at: number = Number.POSITIVE_INFINITY): void {
    const { priceUsdPerHour, booked, session } = this;
    const until = Math.max(booked.duration, Math.min(session.duration, at - this.start));
    this.stopped = MeteredTime.ofSeconds(priceUsdPerHour, until);
  }

  /**
   * Adds charges that other processes recorded for the run.
   *
   * @param ledgerUsd total of the ledger after everything is booked
   */
  reconcile(ledgerUsd: Usd): void {
    const charged = Math.max(0, ledgerUsd - this.spentUsd);
    this.before = { ...this.before, spent: (this.before.spent + charged) as Usd };
  }
}
