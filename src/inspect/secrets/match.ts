/** @file What a scan tells of a place in a text. Never the value itself. */
import type { Severity } from "../../problem/index.ts";
import type { Kind } from "./rule.ts";

/** A secret or a piece of personal data in a text: the value is `text.slice(start, end)`, and stands nowhere here. */
export interface SecretMatch {
  /** Id of the rule. */
  readonly rule: string;
  /** What it is, for people. */
  readonly title: string;
  readonly kind: Kind;
  /** Personal data rather than a secret. */
  readonly personal: boolean;
  readonly start: number;
  readonly end: number;
  readonly severity: Severity;
  /** What may be shown of the value. */
  readonly masked: string;
}

/** A match among others that it may have to give way to: the lower rank stays. */
export interface Found extends SecretMatch {
  readonly rank: number;
}
