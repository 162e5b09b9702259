/** @file Why a request gave no answer, and what may have been paid for it. */

/** What is known of a failure. */
export interface FailureFacts {
  /** In few words, without secrets. */
  readonly reason: string;
  /** Whether the same request may succeed a little later. */
  readonly isPassing: boolean;
  /**
   * `none`: the endpoint refused before a model read anything. `assumed`: a model may have read and written all of it,
   * and been paid.
   */
  readonly paid: "none" | "assumed";
  /** HTTP status; 0 where none came. */
  readonly status?: number;
  /** How long the endpoint asks to wait. */
  readonly waitMs?: number | null;
  /** Key of the request that the endpoint complains about, and all it says; for adapting, not for showing. */
  readonly complaint?: Complaint | null;
}

/** What an endpoint says about a request that it does not take. */
export interface Complaint {
  readonly parameter: string | null;
  readonly code: string | null;
  readonly text: string;
}

/** A request without an answer. */
export class AttemptFailure extends Error {
  readonly facts: FailureFacts;

  constructor(facts: FailureFacts) {
    super(facts.reason);
    this.facts = facts;
  }
}

/** An answer that came, and is none. A model wrote it, so it is paid; the next one may be whole. */
export function brokenAnswer(reason: string): AttemptFailure {
  return new AttemptFailure({ reason, isPassing: true, paid: "assumed" });
}
