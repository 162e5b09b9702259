/**
 * @file The meter of a run: seconds and dollars, over all sessions.
 */
import { cost, type Seconds, seconds, type Usd, usd } from "../../quantity/index.ts";

/** A line for the ledger. */
export interface Booking {
  readonly duration: Seconds;
  readonly spent: Usd;
  /** All sessions up to then. */
  readonly wallSeconds: Seconds;
  readonly spentMicroUsd: Usd;
}

/** What a run has used. Made from what earlier sessions left in the ledger. */
export class Meter {
  readonly priceUsdPerHour: Usd;
  private readonly elapsed: () => number;
  private readonly start: number;
  private readonly before: { readonly spent: Usd; readonly duration: Seconds };
  private booked = 0;

  /**
   * @param elapsed seconds since some start
   * @param before what the ledger holds of earlier sessions
   * @param since when metering began, in seconds of `elapsed`; default: now
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
    return seconds(this.before.duration + this.elapsed() - this.start);
  }

  /** Money of all sessions. */
  get spentUsd(): Usd {
    return (this.before.spent + cost(this.priceUsdPerHour, seconds(this.elapsed() - this.start))) as Usd;
  }

  /** Time and money since the last call: what the ledger still lacks, and what it adds up to with that. */
  book(): Booking {
    const now = this.elapsed() - this.start;
    const spent = cost(this.priceUsdPerHour, seconds(now)) - cost(this.priceUsdPerHour, seconds(this.booked));
    const duration = seconds(now - this.booked);
    this.booked = now;
    return {
      duration,
      spent: spent as Usd,
      wallSeconds: seconds(this.before.duration + now),
      spentMicroUsd: (this.before.spent + cost(this.priceUsdPerHour, seconds(now))) as Usd,
    };
  }

  /** Takes back the last booking, which could not be written: the next one covers it. */
  unbook({ duration }: Booking): void {
    this.booked -= duration;
  }
}
