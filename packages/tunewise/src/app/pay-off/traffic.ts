/** @file Traffic of a month: stated, or extrapolated from logs with the variation from day to day. */
import { studentQuantile } from "@tunewise/core/math";
import type { Range } from "@tunewise/core/quantity";
import type { Traffic } from "../../evaluate/index.ts";
import { type Finding, findingOf, problem } from "../../problem/index.ts";
import { momentsOf } from "./moments.ts";
import type { LoggedTraffic } from "./read-logs.ts";

/** Days of a mean month of the Gregorian calendar. */
export const daysPerMonth = 30.436875;
/** Complete days that are needed for a range from their variation: one of each weekday. */
const minDays = 7;
/** Factor in both directions if the log is shorter. */
const shortFactor = 3;

/** What the user states; the rest comes from logs. Tokens per call; cached: share of the input. */
export interface StatedTraffic {
  readonly calls: Range<number> | null;
  readonly inputTokens: Range<number> | null;
  readonly outputTokens: Range<number> | null;
  readonly cachedShare: Range<number> | null;
}

/** Traffic with its origin. */
export interface KnownTraffic {
  readonly traffic: Traffic;
  /** Origin of volume and tokens, in words. */
  readonly source: string;
  readonly findings: readonly Finding[];
}

/**
 * Combines stated values and a log; stated values win.
 *
 * @param sampled share of the calls that the log has
 * @throws {TunewiseError} `PAYOFF_VOLUME_UNKNOWN`, `PAYOFF_TOKENS_UNKNOWN`, `PAYOFF_LOG_EMPTY`
 */
export function trafficOf(
  model: string,
  stated: StatedTraffic,
  log: LoggedTraffic | null,
  sampled: number,
): KnownTraffic {
  const findings: Finding[] = [];
  if (log !== null) requireOwnCalls(model, stated, log);
  const volume = stated.calls ?? volumeIn(log, sampled, findings);
  if (log !== null && log.ownWithUsage < log.ownCalls) {
    const params = { without: log.ownCalls - log.ownWithUsage, calls: log.ownCalls };
    findings.push(findingOf("PAYOFF_LOG_PARTIAL", "warning", params, [], params.without));
  }
  const cachedMean =
    log === null || log.inputTokens.mean === 0 ? 0 : log.cachedTokens.mean / log.inputTokens.mean;
  const traffic = {
    callsPerMonth: volume,
    inputTokens: stated.inputTokens ?? meanRange(log?.inputTokens),
    outputTokens: stated.outputTokens ?? meanRange(log?.outputTokens),
    cachedShare: stated.cachedShare ?? { low: cachedMean, expected: cachedMean, high: cachedMean },
  };
  return { traffic, source: sourceOf(model, stated, log, sampled), findings };
}

function requireOwnCalls(model: string, stated: StatedTraffic, log: LoggedTraffic): void {
  const isComplete = stated.inputTokens !== null && stated.outputTokens !== null;
  if (log.ownCalls > 0 && (log.ownWithUsage > 0 || isComplete)) return;
  const found = log.models
    .slice(0, 5)
    .map(([name, calls]) => `${name === "" ? "no model named" : name} (${calls})`)
    .join(", ");
  const reason =
    log.ownCalls > 0
      ? `none of its ${log.ownCalls} calls states its tokens (usage)`
      : `it has ${log.calls} calls${found === "" ? "" : ` of other models: ${found}`}`;
  const other = log.models.find(([name]) => name !== "" && name !== "other")?.[0];
  const fix =
    log.ownCalls > 0 || other === undefined
      ? "--tokens-in 800 --tokens-out 150 --calls 20000"
      : `--from ${other}`;
  throw problem("PAYOFF_LOG_EMPTY", { model, reason, fix });
}

function volumeIn(log: LoggedTraffic | null, sampled: number, findings: Finding[]): Range<number> {
  if (log?.span == null || log.isReference) throw problem("PAYOFF_VOLUME_UNKNOWN", {});
  const { byDay, timed, ownCalls, span } = log;
  const scale = ownCalls / timed / sampled; // calls without a time are spread like the others
  const [firstDay, lastDay] = span.map((time) => Math.floor(time / 86_400_000)) as [number, number];
  const days = lastDay - firstDay - 1; // the first and the last day may be incomplete
  if (days >= minDays) {
    const counts = Array.from(
      { length: Math.min(days, 10_000) },
      (_, at) => byDay.get(lastDay - 1 - at) ?? 0,
    );
    return monthOf(counts, scale);
  }
  const covered = Math.max(1, (span[1] - span[0]) / 86_400_000);
  const params = {
    days: Number(((span[1] - span[0]) / 86_400_000).toFixed(1)),
    needed: minDays,
    factor: shortFactor,
  };
  findings.push(findingOf("PAYOFF_LOG_SHORT", "warning", params, [], 1));
  const expected = (timed / covered) * daysPerMonth * scale;
  return { low: expected / shortFactor, expected, high: expected * shortFactor };
}

/**
 * Prediction interval (90 %) of the calls of a month, from counts of days: variation of the month's own days, and
 * uncertainty of their mean.
 */
export function monthOf(counts: readonly number[], scale: number): Range<number> {
  const moments = momentsOf();
  for (const count of counts) moments.add(count);
  const { mean, variance } = moments;
  const spread = Math.sqrt(variance * (daysPerMonth + daysPerMonth ** 2 / counts.length));
  const wide = studentQuantile(0.95, counts.length - 1) * spread;
  const expected = Math.max(mean * daysPerMonth, 1);
  return {
    low: Math.max(expected - wide, expected / 20) * scale,
    expected: expected * scale,
    high: (expected + wide) * scale,
  };
}

/** The mean of a call with its 90 % interval, since a bill depends on the mean alone. */
function meanRange(moments: LoggedTraffic["inputTokens"] | undefined): Range<number> {
  if (moments === undefined || moments.count === 0) throw problem("PAYOFF_TOKENS_UNKNOWN", {});
  const { mean, variance, count } = moments;
  const wide = count > 1 ? studentQuantile(0.95, count - 1) * Math.sqrt(variance / count) : mean;
  return { low: Math.max(mean - wide, mean / 20), expected: mean, high: mean + wide };
}

function sourceOf(
  model: string,
  { calls, inputTokens, outputTokens }: StatedTraffic,
  log: LoggedTraffic | null,
  sampled: number,
): string {
  if (log === null) return "volume and tokens as stated";
  const others = log.calls - log.ownCalls;
  const parts = [
    `${log.ownCalls} calls of ${model} in the log`,
    ...(others > 0 ? [`${others} of other models not counted`] : []),
    ...(log.unreadable > 0 ? [`${log.unreadable} unreadable lines skipped`] : []),
    ...(sampled < 1 ? [`a sample of ${Number((100 * sampled).toFixed(2))} %`] : []),
    ...(calls === null ? [] : ["volume as stated"]),
    ...(inputTokens === null && outputTokens === null ? [] : ["tokens as stated"]),
  ];
  return parts.join(", ");
}
