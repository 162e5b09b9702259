/**
 * @file Adapts requests to an endpoint. The first request is complete; a key that the endpoint refuses is omitted or
 * replaced from then on.
 *
 * A refusal costs nothing, so trying is free.
 */
import type { Complaint } from "./failure.ts";

/** Form of requests to an endpoint. */
export interface Habits {
  /** Streams are tried first, since they show progress during a long answer. */
  readonly stream: boolean;
  readonly limitKey: "max_tokens" | "max_completion_tokens";
  /** Omitted keys. */
  readonly without: readonly string[];
}

/** Initial habits. Some endpoints ignore `max_completion_tokens`; those that refuse `max_tokens` report it. */
export const firstHabits: Habits = { stream: true, limitKey: "max_tokens", without: [] };

/** Keys that may be omitted. */
const optional = [
  ...["temperature", "top_p", "seed", "stop", "stop_sequences", "response_format", "output_config"],
  "logprobs",
] as const;

/** Words of a complaint about a key itself, as opposed to its value. */
const refusing =
  /not support|unsupported|not permitted|not allowed|unrecognized|unknown|unexpected|extra|deprecated|does not|cannot|can't/i;

/**
 * Returns the habits after a complaint; `null` if it concerns nothing that can be omitted.
 *
 * @param sent keys of the request
 */
export function adapt(habits: Habits, complaint: Complaint, sent: ReadonlySet<string>): Habits | null {
  const named = namedKeys(complaint);
  const other = habits.limitKey === "max_tokens" ? "max_completion_tokens" : "max_tokens";
  const isLimit = named.has(habits.limitKey) && (named.has(other) || refusing.test(complaint.text));
  if (isLimit && sent.has(habits.limitKey) && !habits.without.includes("limit-swapped")) {
    return { ...habits, limitKey: other, without: [...habits.without, "limit-swapped"] };
  }
  const isStream = named.has("stream") || named.has("stream_options") || named.has("include_usage");
  // A stream without token counts is worse than an answer in one piece, which has them.
  if (isStream && habits.stream) return { ...habits, stream: false };
  const key = optional.find((one) => named.has(one) && sent.has(one));
  return key === undefined ? null : { ...habits, without: [...habits.without, key] };
}

/** Omitted keys that the user had set. */
export function leftOutOf({ without }: Habits): string[] {
  return without.filter((key) => key !== "limit-swapped");
}

/** Keys that a complaint mentions: its parameter and the words of its text that look like keys. */
function namedKeys({ parameter, text }: Complaint): ReadonlySet<string> {
  const words = new Set(text.slice(0, 4000).split(/[^a-z_]+/));
  if (parameter !== null)
    return new Set([...words].filter((word) => word.includes("_")).concat(parameter.split(/[.[]/)));
  return refusing.test(text) ? words : new Set();
}
