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
  private before: { readonly spent: Usd; readonly duration: Seconds };
  private booked = 0;
  private stoodAt: number | null = null;

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
    return seconds(this.before.duration + this.session.duration);
  }

  /** Money of all sessions. */
  get spentUsd(): Usd {
    return (this.before.spent + this.session.spent) as Usd;
  }

  /** Time and money of this session. */
  get session(): { readonly duration: Seconds; readonly spent: Usd } {
    const now = this.stoodAt ?? this.elapsed() - this.start;
    return { duration: seconds(now), spent: cost(this.priceUsdPerHour, seconds(now)) };
  }

  /** Time and money since the last call: what the ledger still lacks, and what it adds up to with that. */
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

  /** Takes back the last booking, which could not be written: the next one covers it. */
  unbook({ duration }: Booking): void {
    this.booked -= duration;
  }

  /** Stands still from here on, so that report, ledger and every page name one sum. */
  standStill(): void {
    this.stoodAt ??= this.elapsed() - this.start;
  }

  /**
   * Takes in what others have charged the run for meanwhile.
   *
   * @param ledgerUsd all that the ledger holds, once everything is booked
   */
  agree(ledgerUsd: Usd): void {
    const charged = Math.max(0, ledgerUsd - this.spentUsd);
    this.before = { ...this.before, spent: (this.before.spent + charged) as Usd };
  }
}
