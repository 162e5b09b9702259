/** @file Meters time and cost of a run over all sessions. */
import { cost, type Seconds, seconds, type Usd, usd } from "../../quantity/index.ts";

/** A line for the ledger. */
export interface Booking {
  readonly duration: Seconds;
  readonly spent: Usd;
  /** Totals of all sessions so far. */
  readonly wallSeconds: Seconds;
  readonly spentMicroUsd: Usd;
}

/** Meter of a run that continues from the ledger of earlier sessions. */
export class Meter {
  readonly priceUsdPerHour: Usd;
  private readonly elapsed: () => number;
  private readonly start: number;
  private before: { readonly spent: Usd; readonly duration: Seconds };
  private booked = 0;
  private stoppedAt: number | null = null;

  /**
   * @param elapsed monotonic clock in seconds
   * @param before ledger totals of earlier sessions
   * @param since when metering began, in seconds of `elapsed`; defaults to now
   */
  constructor(
    elapsed: () => number,
    usdPerHour: number,
    before: { readonly spent: Usd; readonly duration: Seconds },
    since: number = elapsed(),
  ) {
    this.elapsed = elapsed;
    this.start = since;
    this.priceUsdPerHour = usd(usdPerHour);
    this.before = before;
  }

  /** Seconds of all sessions. */
  get spentSeconds(): Seconds {
    return seconds(this.before.duration + this.session.duration);
  }

  /** Cost of all sessions. */
  get spentUsd(): Usd {
    return (this.before.spent + this.session.spent) as Usd;
  }

  /** Time and cost of this session. */
  get session(): { readonly duration: Seconds; readonly spent: Usd } {
    const now = this.stoppedAt ?? this.elapsed() - this.start;
    return { duration: seconds(now), spent: cost(this.priceUsdPerHour, seconds(now)) };
  }

  /** Time and cost since the last call, to be added to the ledger, with the resulting totals. */
  book(): Booking {
    const { duration: now, spent: all } = this.session;
    const spent = all - cost(this.priceUsdPerHour, seconds(this.booked));
    const duration = seconds(now - this.booked);
    this.booked = now;
    return {
      duration,
      spent: spent as Usd,
      wallSeconds: seconds(this.before.duration + now),
      spentMicroUsd: (this.before.spent + all) as Usd,
    };
  }

  /** Reverts the last booking, which could not be written; the next one covers it. */
  revert({ duration }: Booking): void {
    this.booked -= duration;
  }

  /** Stops the meter, so that report, ledger and all documents show the same total. */
  freeze(): void {
    this.stoppedAt ??= this.elapsed() - this.start;
  }

  /**
   * Adds charges that others have recorded for the run.
   *
   * @param ledgerUsd total of the ledger once everything is booked
   */
  reconcile(ledgerUsd: Usd): void {
    const charged = Math.max(0, ledgerUsd - this.spentUsd);
    this.before = { ...this.before, spent: (this.before.spent + charged) as Usd };
  }
}
