/**
 * @file What an endpoint was found not to take. A question is put in full first; what is complained about is left out
 * from then on, or said in the other way there is.
 *
 * A refusal costs nothing, so that finding out is free.
 */
import type { Complaint } from "./failure.ts";

/** How to put questions to an endpoint. */
export interface Habits {
  /** Streams are asked for first: they show life while a long answer is written. */
  readonly stream: boolean;
  readonly limitKey: "max_tokens" | "max_completion_tokens";
  /** Keys that are left out. */
  readonly without: readonly string[];
}

/** Before anything is known. Not every endpoint heeds the newer key; the one that refuses the older one says so. */
export const firstHabits: Habits = { stream: true, limitKey: "max_tokens", without: [] };

/** Keys that may go, and what is then missing in the answer's making. */
const optional = [
  ...["temperature", "top_p", "seed", "stop", "stop_sequences", "response_format", "output_config"],
] as const;

/** A complaint about a key and not about its value says one of these. */
const refusing =
  /not support|unsupported|not permitted|not allowed|unrecognized|unknown|unexpected|extra|deprecated|does not|cannot|can't/i;

/**
 * The habits after a complaint; `null`: it is about nothing that could be left out.
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
  // Without a count in the stream, an answer in one piece is the better one: it brings its count.
  if (isStream && habits.stream) return { ...habits, stream: false };
  const key = optional.find((one) => named.has(one) && sent.has(one));
  return key === undefined ? null : { ...habits, without: [...habits.without, key] };
}

/** Names of what was left out, as far as a person asked for it. */
export function leftOutOf({ without }: Habits): string[] {
  return without.filter((key) => key !== "limit-swapped");
}

/** Keys that a complaint is about: the one it names, else the words of its text that look like keys. */
function namedKeys({ parameter, text }: Complaint): ReadonlySet<string> {
  const words = new Set(text.slice(0, 4000).split(/[^a-z_]+/));
  if (parameter !== null)
    return new Set([...words].filter((word) => word.includes("_")).concat(parameter.split(/[.[]/)));
  return refusing.test(text) ? words : new Set();
}
