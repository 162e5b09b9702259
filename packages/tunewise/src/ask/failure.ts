/** @file Why a request failed, and whether it may have been billed. */

/** Facts about a failure. */
export interface FailureFacts {
  /** Short text without secrets. */
  readonly reason: string;
  /** Whether the same request may succeed shortly afterwards. */
  readonly isPassing: boolean;
  /**
   * `none`: the endpoint refused before a model processed anything. `assumed`: a model may have processed the whole
   * request and billed it.
   */
  readonly paid: "none" | "assumed";
  /** HTTP status; 0 without a response. */
  readonly status?: number;
  /** Wait that the endpoint requests. */
  readonly waitMs?: number | null;
  /** The refused key and the full text of the refusal, for adapting later requests. Not safe to show. */
  readonly complaint?: Complaint | null;
}

/** The reason that an endpoint gives for refusing a request. */
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

/** An invalid or incomplete answer. A model wrote it, so it may be billed; a retry may succeed. */
export function brokenAnswer(reason: string): AttemptFailure {
  return new AttemptFailure({ reason, isPassing: true, paid: "assumed" });
}
