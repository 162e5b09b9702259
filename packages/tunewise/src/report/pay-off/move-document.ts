/** @file The pay-off of a move to another model, as data. Money in micro-dollars. */
import type { Range, Usd } from "@tunewise/core/quantity";
import type { PayOff, Traffic, Turn } from "../../evaluate/index.ts";
import type { Finding } from "../../problem/index.ts";

/** A price with its origin. */
export interface StatedPrice {
  /** In words, such as `$0.30 in, $1.20 out per million tokens`. */
  readonly text: string;
  readonly source: string;
  /** `2026-08-05`, `read 2026-11-25`, `undated` or `as stated`. */
  readonly date: string;
}

/** Kinds of alternatives. The last three need the tuned model. */
export type AlternativeKind = "api" | "batch" | "hosted" | "rented-gpu" | "this-machine";

/** An alternative to staying, with its pay-off. */
export interface MoveAlternative extends PayOff {
  readonly kind: AlternativeKind;
  readonly name: string;
  readonly price: StatedPrice;
  readonly onceUsd: Range<Usd>;
  /** What this alternative rests on, as clauses. */
  readonly notes: readonly string[];
  /** Values at which the answer changes, nearest first. */
  readonly turns: readonly Turn[];
}

/** Pay-off of all alternatives over the same horizon. */
export interface MoveDocument {
  readonly formatVersion: 1;
  readonly from: string;
  readonly months: number;
  readonly traffic: Traffic;
  readonly trafficSource: string;
  readonly staying: {
    readonly price: StatedPrice;
    /** Bill of a month at today's price. */
    readonly usdPerMonth: Usd;
    /** `null`: no end is known. */
    readonly end: {
      readonly on: string;
      readonly source: string;
      readonly successor: string;
      readonly price: StatedPrice;
    } | null;
  };
  readonly costs: {
    readonly trainingUsd: Range<Usd>;
    readonly trainingSource: string;
    readonly evaluationUsd: Usd;
    readonly otherUsd: Usd;
    readonly hostingUsdPerMonth: Usd;
    readonly retrainEveryMonths: number | null;
  };
  /** The tuned model; `null`: only the cost of its training is known. */
  readonly model: { readonly name: string; readonly parameters: number; readonly run: string | null } | null;
  readonly alternatives: readonly MoveAlternative[];
  /** Alternatives without a price, with the reason and what would add them. */
  readonly unknown: readonly { readonly name: string; readonly reason: string; readonly fix: string }[];
  readonly findings: readonly Finding[];
}
