/** @file Traces as values. */
import type { Fact } from "../tracking/nouns.ts";

/** How a trace ended. */
export type TraceState = "STATE_UNSPECIFIED" | "OK" | "ERROR" | "IN_PROGRESS";

/** What a person or a scorer says about a trace: how good it was, or what was expected. */
export interface Assessment {
  readonly id: string;
  readonly name: string;
  readonly kind: AssessmentKind;
  /** The value as text, for searches; `null` where it is no single value. */
  readonly value: string | null;
  /** As its client wrote it: the fields of MLflow's `Assessment` but its ids and times, as JSON. */
  readonly document: string;
  readonly createdMs: number;
  readonly changedMs: number;
  /** Whether no later one replaces it. */
  readonly isValid: boolean;
}

/** What an assessment is. */
export type AssessmentKind = "feedback" | "expectation" | "issue";

/** What a program did to answer one request. Its spans are a file. */
export interface Trace {
  /** Its row in the store. */
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
  readonly tags: readonly Fact[];
  readonly metadata: readonly Fact[];
  readonly assessments: readonly Assessment[];
}
