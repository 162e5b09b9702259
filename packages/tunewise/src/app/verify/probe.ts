/** @file What a runtime is asked to do with the test conversations, and what it returns: plain values, sent as JSON. */
import type { TemplateVariables } from "@tunewise/engine/tokenize";

/** Ids whose log probabilities are compared, from index `from` on. */
export interface ScoredRow {
  readonly ids: readonly number[];
  readonly from: number;
}

/** A job for a runtime. */
export interface ProbeJob {
  /** Absolute path of the exported file or folder. */
  readonly path: string;
  /** Folder of the base model, for exports that hold only an adapter; `null` if they name it themselves. */
  readonly base: string | null;
  /** Folder whose `node_modules` contains the runtime's package. */
  readonly packages: string;
  readonly threads: number;
  /** As chat templates and OpenAI's API read them. */
  readonly conversations: readonly TemplateVariables[];
  /** Texts to tokenize without added tokens; special tokens in them are recognized. */
  readonly texts: readonly string[];
  readonly rows: readonly ScoredRow[];
  /** Ids that must end an answer. */
  readonly endIds: readonly number[];
  /** Maximum tokens of a greedy answer. */
  readonly answerTokens: number;
}

/** The prompt that a runtime makes of a conversation. A value is `null` if the runtime does not show it. */
export interface RuntimePrompt {
  readonly text: string | null;
  readonly ids: readonly number[] | null;
  /** Number of tokens, where only that is known. */
  readonly count?: number;
  /** Why the runtime made none. */
  readonly error?: string;
}

/** A greedy answer: its ids without the end token, or the text of a runtime that shows no ids. */
export type RuntimeAnswer =
  | { readonly ids: readonly number[] }
  | { readonly text: string; readonly isEnded: boolean };

/** The results of a job, in its order. `null`: the runtime cannot do it. */
export interface ProbeReply {
  /** Name and version: `transformers 5.24.0`. */
  readonly runtime: string;
  readonly prompts: readonly RuntimePrompt[];
  readonly texts: readonly (readonly number[])[] | null;
  /** Natural logarithms of the probabilities of each row's ids; `null` for one that the runtime did not report. */
  readonly scores: readonly (readonly (number | null)[])[] | null;
  /** Whether each of the job's end ids ends an answer; `null` if unknown. */
  readonly ends: readonly (boolean | null)[] | null;
  readonly answers: readonly (RuntimeAnswer | null)[] | null;
}
