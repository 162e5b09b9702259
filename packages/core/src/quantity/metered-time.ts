/** @file Time metered at an hourly price. Metered time is converted to money only here. */
import { type Seconds, seconds, type Usd } from "./quantity.ts";

/** A ledger entry: a part of the metered time, and its cost. */
export interface MeteredPart {
  readonly duration: Seconds;
  readonly spent: Usd;
}

/**
 * The time metered so far at an hourly price. Immutable.
 *
 * The cost is computed from the total and rounded once to a micro-dollar. A ledger entry is the difference of two
 * totals, so entries of any length add up to the cost of the total.
 */
export class MeteredTime {
  readonly usdPerHour: Usd;
  readonly #count: number;
  readonly #perSecond: number;

  /**
   * @param count time in units of the clock that metered it
   * @param perSecond units per second, so that integer milliseconds stay integers until the only division
   */
  private constructor(usdPerHour: Usd, count: number, perSecond: number) {
    this.usdPerHour = usdPerHour;
    this.#count = count;
    this.#perSecond = perSecond;
  }

  /** Metered time in seconds. */
  static ofSeconds(usdPerHour: Usd, time: number): MeteredTime {
    return new MeteredTime(usdPerHour, seconds(time), 1);
  }

  /** Metered time in milliseconds. */
  static ofMs(usdPerHour: Usd, ms: number): MeteredTime {
    return new MeteredTime(usdPerHour, ms, 1000);
  }

  get duration(): Seconds {
    return seconds(this.#count / this.#perSecond);
  }

  /** Cost of the total. */
  get spent(): Usd {
    return Math.round((this.usdPerHour * this.#count) / (3600 * this.#perSecond)) as Usd;
  }

  /** The total after additional time, in seconds. */
  plus(time: number): MeteredTime {
    return new MeteredTime(this.usdPerHour, this.#count + time * this.#perSecond, this.#perSecond);
  }

  /** The ledger entry from an earlier total of the same meter to this one. */
  since(earlier: MeteredTime): MeteredPart {
    const duration = seconds((this.#count - earlier.#count) / this.#perSecond);
    return { duration, spent: (this.spent - earlier.spent) as Usd };
  }
}
