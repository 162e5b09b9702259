/** @file Request of a pay-off, as commands and the library state it. */
import type { Range, Usd } from "@tunewise/core/quantity";
import type { StatedTraffic } from "./traffic.ts";

/** Which models are compared, over which traffic, at which costs. */
export interface MoveRequest {
  /** Model in use, by the name of its API. */
  readonly from: string;
  /** Newer API model; the successor if the model in use ends. `null`: not compared. */
  readonly toApi: string | null;
  /** Hosted open model in the price lists; `null`: the cheapest of about the same size. */
  readonly toHosted: string | null;
  /** ISO date on which the model ends; `null`: as announced, if it is known. */
  readonly ends: string | null;
  /** A run by its reference, or a recipe by its path. `null`: neither. */
  readonly tuned: { readonly kind: "run" | "recipe"; readonly word: string } | null;
  readonly output: string | undefined;
  readonly traffic: StatedTraffic;
  /** Log of calls; `null`: none. */
  readonly logs: string | null;
  /** Share of the calls that the log has. */
  readonly sampled: number;
  /** Cost of one training; `null`: of the run or as planned. */
  readonly trainingUsd: Usd | null;
  readonly evaluationUsd: Usd;
  /** Other costs that arise once, such as work. */
  readonly otherUsd: Usd;
  /** Monthly cost besides answers. */
  readonly hostingUsd: Usd;
  /** `null`: as the recipe states, otherwise never. */
  readonly retrainEveryMonths: number | null;
  /** `null`: as the recipe states, otherwise 12. */
  readonly months: number | null;
  /** GPU to rent; `null`: the cheapest that fits. */
  readonly gpu: string | null;
  /** Measured output tokens per second; `null`: estimated for a GPU, from a try on this machine. */
  readonly gpuTokensPerSecond: Range<number> | null;
  readonly hereTokensPerSecond: Range<number> | null;
  /** Mean load over peak load; `null`: 0.2 to 0.7. */
  readonly utilization: Range<number> | null;
  /** Hours a month that machines are on. */
  readonly hoursPerMonth: number;
  /** Price file, relative to the working folder; `null`: the default. */
  readonly prices: string | null;
}
