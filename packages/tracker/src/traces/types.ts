/** @file Traces as values. */
import type { KeyValue } from "../tracking/types.ts";

/** How a trace ended. */
export type TraceState = "STATE_UNSPECIFIED" | "OK" | "ERROR" | "IN_PROGRESS";

/** A person's or a scorer's judgement of a trace: how good it was, or what was expected. */
export interface Assessment {
  readonly id: string;
  readonly name: string;
  readonly kind: AssessmentKind;
  /** The value as text, for searches; `null` if it is not a single value. */
  readonly value: string | null;
  /** As the client wrote it, as JSON: the fields of MLflow's `Assessment` without its ids and times. */
  readonly document: string;
  readonly createdMs: number;
  readonly changedMs: number;
  /** Whether no later assessment replaces it. */
  readonly isValid: boolean;
}

/** Kind of assessment. */
export type AssessmentKind = "feedback" | "expectation" | "issue";

/** What a program did to answer one request. Its spans are stored in a file. */
export interface Trace {
  /** Number of its row in the store. */
  readonly number: number;
  readonly id: string;
  /** Number of the project. */
  readonly project: number;
  readonly requestedMs: number;
  readonly durationMs: number | null;
  readonly state: TraceState;
  readonly clientRequestId: string | null;
  readonly requestPreview: string | null;
  readonly responsePreview: string | null;
  readonly tags: readonly KeyValue[];
  readonly metadata: readonly KeyValue[];
  readonly assessments: readonly Assessment[];
}
