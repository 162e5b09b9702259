/** @file The table of metrics that computes those of `recipe/metrics.ts`. */

import type { RowLoss } from "@tunewise/core/run";
import type { MetricName } from "../recipe/index.ts";
import { matchesExactly, type TextRules } from "./exact-match.ts";
import { insideFence, isCompleteMatch, matchFields, readJson } from "./json-match.ts";
import { type LabelReader, macroF1, precisionRecall } from "./label.ts";
import { type RowOutcome, weightedMean } from "./score.ts";
import type { AssertionType } from "./scoring/assertion.ts";
import { scoreAssertions } from "./scoring/assertion-scores.ts";
import { type RowScorerName, rowScorers } from "./scoring/row-scorers.ts";
import type { AnswerFacts, EstablishedOutcomes, ScoringData } from "./scoring/scoring-data.ts";
import { rougeL } from "./scoring/text-similarity.ts";
import { scoreToolCalls } from "./tool-calls.ts";

/** Inputs available to a metric. */
export interface Evidence {
  readonly answers: readonly string[];
  readonly references: readonly string[];
  readonly losses: readonly RowLoss[];
  readonly text: TextRules;
  readonly stem: boolean;
  readonly readLabel: LabelReader;
  readonly scoring: ScoringData;
  readonly answerFacts: AnswerFacts;
  readonly established: EstablishedOutcomes;
}

/** Outcome per row, and figures that explain the value. */
interface Computed {
  readonly outcomes: readonly RowOutcome[];
  /** Rows of weight 0 that were not meant to be scored; other rows of weight 0 could not be scored. */
  readonly outside?: number;
  readonly facts?: Readonly<Record<string, number>>;
}

/** A row of the table. */
export interface MetricKind {
  readonly title: string;
  /** What must be computed first: generated answers, or the loss on the reference answers. */
  readonly needs: "answers" | "loss";
  readonly higherIsBetter: boolean;
  /** `share` ranges from 0 to 1, `perplexity` from 1 up, `bits` from 0 up. */
  readonly unit: "share" | "perplexity" | "bits";
  /** Whether each row is either right or wrong, which determines the statistics. */
  readonly isYesNo: boolean;
  /** Whether a program or another model establishes the outcome of each row before scoring. */
  readonly isEstablished?: true;
  /** Whether an answer that equals its reference is right by definition (a graded metric: 1). */
  readonly isReflexive: boolean;
  /** Whether any fixed text of the right form passes, so that trivial baselines are meaningless. */
  readonly judgesFormAlone: boolean;
  /** Whether the value is the share of right answers, so that it can be compared with random guessing of labels. */
  readonly isAccuracy: boolean;
  /** The score as text, such as `answers 9 % of 50 rows right`. */
  readonly phrase: (score: string, rows: string) => string;
  /** The closest assertion of promptfoo, which compares `equals` only as whole JSON values. */
  readonly assertion: (
    reference: string,
    scoring: ScoringData,
  ) => readonly [type: AssertionType, value: unknown];
  /** Whether rows have a pair of labels, which a table of labels needs. */
  readonly hasLabels: boolean;
  readonly compute: (evidence: Evidence) => Computed;
  /** The value over the drawn rows (`null`: each row once); NaN if none could be scored. */
  readonly aggregate: (outcomes: readonly RowOutcome[], rows: Int32Array | null) => number;
}

const equals: MetricKind["assertion"] = (reference) => ["equals", reference];
const answered = {
  needs: "answers",
  higherIsBetter: true,
  unit: "share",
  isReflexive: true,
  judgesFormAlone: false,
  isAccuracy: false,
  assertion: equals,
} as const;
const yesNo = { ...answered, isYesNo: true, hasLabels: false, aggregate: weightedMean } as const;
const graded = { ...answered, isYesNo: false, hasLabels: false, aggregate: weightedMean } as const;

/** Every metric by its name in the recipe. */
export const metricKinds: Readonly<Record<MetricName, MetricKind>> = {
  exact_match: {
    ...yesNo,
    title: "exact match",
    isAccuracy: true,
    phrase: shareRight,
    compute: ({ answers, references, text }) => ({
      outcomes: references.map((reference, row) => hit(matchesExactly(answers[row] ?? "", reference, text))),
    }),
  },
  accuracy: {
    ...yesNo,
    title: "accuracy",
    isAccuracy: true,
    hasLabels: true,
    phrase: shareRight,
    compute: computeLabels,
  },
  macro_f1: {
    ...graded,
    title: "macro-F1",
    phrase: (score, rows) => `reaches ${score} macro-F1 on ${rows}`,
    hasLabels: true,
    compute: computeLabels,
    aggregate: macroF1,
  },
  json_valid: {
    ...yesNo,
    title: "valid JSON",
    isReflexive: false,
    judgesFormAlone: true,
    phrase: (score, rows) => `gives valid JSON for ${score} of ${rows}`,
    assertion: () => ["is-json", null],
    compute: computeJsonValid,
  },
  json_match: {
    ...graded,
    title: "JSON fields, F1",
    phrase: (score, rows) => `gets ${score} of the JSON fields right (F1) on ${rows}`,
    assertion: (reference) => ["equals", jsonIn(reference)],
    compute: computeJsonMatch,
  },
  tool_calls: {
    ...graded,
    title: "tool calls, F1",
    phrase: (score, rows) => `gets ${score} of the calls right (F1 of names and arguments) on ${rows}`,
    compute: ({ answers, references }) => scoreToolCalls(answers, references),
  },
  rouge_l: {
    ...graded,
    title: "ROUGE-L",
    phrase: (score, rows) => `reaches ${score} ROUGE-L on ${rows}`,
    assertion: (reference) => ["rouge-n", reference],
    compute: ({ answers, references, stem }) => ({
      outcomes: references.map((reference, row) => ({
        value: rougeL(answers[row] ?? "", reference, { stem }),
        weight: 1,
      })),
    }),
  },
  contains: {
    ...byRow("contains"),
    title: "holds the reference",
    phrase: (score, rows) => `holds the reference in ${score} of ${rows}`,
    assertion: (reference) => ["contains", reference],
  },
  regex: {
    ...byRow("regex"),
    title: "matches the pattern",
    isReflexive: false,
    judgesFormAlone: true,
    phrase: (score, rows) => `matches the pattern in ${score} of ${rows}`,
    assertion: (_, { pattern }) => ["regex", pattern],
  },
  json_schema: {
    ...byRow("json_schema"),
    title: "fits the schema",
    isReflexive: false,
    judgesFormAlone: true,
    phrase: (score, rows) => `fits the schema in ${score} of ${rows}`,
    assertion: (_, { schema }) => ["is-json", schema],
  },
  sql_match: {
    ...byRow("sql_match"),
    title: "same SQL",
    phrase: (score, rows) => `writes the same SQL for ${score} of ${rows}`,
  },
  sql_execution: {
    ...yesNo,
    title: "same result of SQL",
    phrase: (score, rows) => `writes SQL with the same result for ${score} of ${rows}`,
    isEstablished: true,
    compute: establishedAs("sql_execution"),
  },
  assertions: {
    ...yesNo,
    title: "assertions hold",
    isReflexive: false,
    judgesFormAlone: true,
    phrase: (score, rows) => `passes the assertions in ${score} of ${rows}`,
    compute: ({ answers, answerFacts, scoring }) => scoreAssertions(answers, answerFacts, scoring),
  },
  perplexity: {
    title: "perplexity",
    needs: "loss",
    higherIsBetter: false,
    unit: "perplexity",
    isYesNo: false,
    isReflexive: false,
    judgesFormAlone: false,
    isAccuracy: false,
    hasLabels: false,
    phrase: (score, rows) => `has a perplexity of ${score} on ${rows} (lower is better)`,
    assertion: equals,
    compute: ({ losses }) => ({
      outcomes: losses.map(({ nll, labelledTokens }) => ({ value: nll, weight: labelledTokens })),
      // a row without labelled tokens has nothing to predict
      outside: losses.filter(({ labelledTokens }) => labelledTokens === 0).length,
    }),
    aggregate: perplexityOf,
  },
  bits_per_byte: {
    title: "bits per byte",
    needs: "loss",
    higherIsBetter: false,
    unit: "bits",
    isYesNo: false,
    isReflexive: false,
    judgesFormAlone: false,
    isAccuracy: false,
    hasLabels: false,
    phrase: (score, rows) => `needs ${score} bits per byte of ${rows} (lower is better)`,
    assertion: equals,
    compute: ({ losses, references }) => ({
      outcomes: losses.map(({ nll, labelledTokens }, row) => ({
        value: nll,
        weight: labelledTokens === 0 ? 0 : Buffer.byteLength(references[row] ?? "", "utf8"),
      })),
      outside: losses.filter(({ labelledTokens }) => labelledTokens === 0).length,
    }),
    aggregate: bitsPerByte,
  },
};

/**
 * Negative log likelihood in bits, over the bytes of the text in UTF-8: what a compressor with this model would need.
 * It does not depend on how a tokenizer divides the text, so that models with different tokenizers are comparable.
 *
 * @source Gao et al. 2020, "The Pile" (arXiv 2101.00027), section 3.1: bits per UTF-8 encoded byte
 */
function bitsPerByte(outcomes: readonly RowOutcome[], rows: Int32Array | null): number {
  return weightedMean(outcomes, rows) / Math.LN2;
}

/**
 * Perplexity: exp of the mean negative log likelihood per labelled token, over all tokens of the rows.
 *
 * @source Jelinek et al. 1977, "Perplexity: a measure of the difficulty of speech recognition tasks"
 */
function perplexityOf(outcomes: readonly RowOutcome[], rows: Int32Array | null): number {
  return Math.exp(weightedMean(outcomes, rows));
}

function shareRight(score: string, rows: string): string {
  return `answers ${score} of ${rows} right`;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function byRow(name: RowScorerName): Omit<MetricKind, "title" | "phrase"> {
  const compute = ({ answers, references, scoring }: Evidence): Computed => ({
    outcomes: references.map((reference, row) => rowScorers[name](answers[row] ?? "", reference, scoring)),
  });
  return { ...yesNo, compute };
}

/** Uses outcomes that a program or another model established, and counts the rows that could not be scored. */
function establishedAs(metric: MetricName): (evidence: Evidence) => Computed {
  return ({ established, references }) => {
    const outcomes = established[metric];
    if (outcomes?.length !== references.length) {
      throw new RangeError(
        `Internal: ${metric} needs ${references.length} outcomes, got ${outcomes?.length ?? "none"}`,
      );
    }
    return { outcomes, facts: { not_judged: outcomes.filter(({ weight }) => weight === 0).length } };
  };
}

function computeLabels({ answers, references, readLabel }: Evidence): Computed {
  let unknown = 0;
  const outcomes = references.map((reference, row): RowOutcome => {
    const pair = [readLabel(reference), readLabel(answers[row] ?? "")] as const;
    if (pair[1] < 0) unknown++;
    return { ...hit(pair[0] === pair[1]), pair };
  });
  return { outcomes, facts: { unknown_answers: unknown } };
}

function computeJsonValid({ answers, references }: Evidence): Computed {
  let fenced = 0;
  const outcomes = references.map((_, row) => {
    const answer = answers[row] ?? "";
    const isValid = readJson(answer) !== null;
    const inside = isValid ? null : insideFence(answer);
    if (inside !== null && readJson(inside) !== null) fenced++;
    return hit(isValid);
  });
  return { outcomes, facts: { valid_only_inside_a_fence: fenced } };
}

/** Field-level F1 per row; rows whose reference is not JSON cannot be scored and do not count. */
function computeJsonMatch({ answers, references }: Evidence): Computed {
  let [right, given, expected, whole, unusable] = [0, 0, 0, 0, 0];
  const outcomes = references.map((text, row): RowOutcome => {
    const reference = readJson(text);
    if (!reference) {
      unusable++;
      return { value: 0, weight: 0 };
    }
    const answer = readJson(answers[row] ?? "");
    const match = answer
      ? matchFields(answer.value, reference.value)
      : { right: 0, answered: 0, expected: matchFields(null, reference.value).expected };
    right += match.right;
    given += match.answered;
    expected += match.expected;
    if (answer && isCompleteMatch(match)) whole++;
    return { value: precisionRecall(match.right, match.answered, match.expected).f1, weight: 1 };
  });
  const fields = precisionRecall(right, given, expected);
  const rows = references.length - unusable;
  return {
    outcomes,
    facts: {
      whole_equal: rows ? whole / rows : 0,
      field_precision: fields.precision,
      field_recall: fields.recall,
      field_f1: fields.f1,
      references_not_json: unusable,
    },
  };
}

function hit(isRight: boolean): RowOutcome {
  return { value: isRight ? 1 : 0, weight: 1 };
}
