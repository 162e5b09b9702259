/** @file Tokenizes examples: the rendered conversation, and which of its tokens contribute to the loss. */

import { countOf } from "@tunewise/core/quantity";
import {
  collectRowIssues,
  type EncodedRow,
  type Example,
  locationOf,
  messageText,
  type RowIssue,
} from "@tunewise/core/rows";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { inTime } from "@tunewise/engine/tokenize";
import { type Finding, findingOf, type ProblemCode, placesShown } from "../problem/index.ts";
import { encodeDocument } from "./encode-document.ts";
import { locateRefusal, type RefusedExample } from "./refused.ts";
import {
  cutAtTurn,
  type EncodedConversation,
  encodeConversation,
  type LossOptions,
  labelRow,
  type MessageUse,
} from "./row-encoding.ts";
import { type LengthStatistics, measureLengths } from "./statistics.ts";
import { ignoredTools, missingReasoning } from "./template-probes.ts";

/** How rows are truncated and labeled; named like the recipe's data section. */
export interface EncodeOptions extends LossOptions {
  /** Max. tokens of a row. */
  readonly maxLength: number;
  /** `truncate`: a conversation is cut after its last trained turn that fits, a test row at `maxLength`. */
  readonly overflow: "truncate" | "drop" | "error";
  /** Whether the model is asked for the last answer, as in test rows, so that the prompt must fit. Default: no. */
  readonly isAsked?: boolean;
  /** `skip`: rows that cannot be encoded are warnings, unless no row can be. Default: they are errors. */
  readonly badRows?: "error" | "skip";
}

/** Encoded rows and findings about them. */
export interface EncodedExamples {
  readonly rows: readonly EncodedRow[];
  readonly findings: readonly Finding[];
  readonly statistics: EncodeStatistics;
  /** The rows counted as `unusable`. */
  readonly refused: readonly RefusedExample[];
}

/** Row counts and token lengths. */
export interface EncodeStatistics {
  /** Tokens per row, before truncation; per block of a document. */
  readonly total: LengthStatistics;
  /** Tokens per answer including the end token, before truncation. */
  readonly answer: LengthStatistics;
  /** Rows, or blocks of documents. */
  readonly rows: number;
  /** Documents of the blocks; 0: the rows are conversations. */
  readonly documents: number;
  /** Rows that were truncated. */
  readonly truncated: number;
  /** Rows dropped because of their length, including `answerCut`. */
  readonly dropped: number;
  /** Rows dropped because truncation to `maxLength` would remove the encoded answer. */
  readonly answerCut: number;
  /** Rows that the chat template rejects or whose answer cannot be located. */
  readonly unusable: number;
  /** Tokens of the retained rows, and how many of them contribute to the loss. */
  readonly tokens: number;
  readonly labelledTokens: number;
  /** Tokens of the retained rows that are reasoning of trained turns, with or without loss. */
  readonly reasoningTokens: number;
  /** Turns of the assistant in the retained rows. */
  readonly turns: TurnCounts;
}

/** Turns of the assistant, by what training does with them. Turns without text are not counted. */
export interface TurnCounts {
  /** Turns with loss. */
  readonly trained: number;
  /** Without loss: their weight is 0. */
  readonly weightZero: number;
  /** Without loss: `trainOn` is `last`, and they precede the last turn. */
  readonly beforeLast: number;
  /** Without loss: the template renders them differently once later turns follow. */
  readonly changed: number;
}

/**
 * Encodes examples for training.
 *
 * The ids of a row equal those of `apply_chat_template` for the whole conversation. The loss of a turn starts at the
 * first token that covers text of the answer, located by text offset, so that a token that spans prompt and answer is
 * trained on. It ends with the last end token, so that the model learns to stop, but not to write the text that the
 * template appends. Documents become blocks in which every token has loss, see `encodeDocument`.
 *
 * Findings: `DATA_ROW_TRUNCATED`, `DATA_ROW_DROPPED`, `DATA_ROW_TOO_LONG`, `DATA_ANSWER_CUT`, `DATA_END_MISSING`,
 * `DATA_BOUNDARY_UNCLEAR`, `DATA_PROMPT_NOT_PREFIX`, `DATA_TEMPLATE_REFUSED`, `DATA_ANSWER_EMPTY`, `DATA_PAD_IS_END`,
 * `DATA_BOS_DOUBLED`, `DATA_TURN_CHANGED`, `DATA_CALLS_IGNORED`, `DATA_TOOLS_IGNORED`, `DATA_REASONING_MISSING`.
 *
 * @throws {TunewiseError} `TOKENIZER_TEMPLATE_MISSING`, `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`, `TOKENIZER_TOO_SLOW`
 */
export function encodeExamples(
  examples: readonly Example[],
  tokenizer: Tokenizer,
  options: EncodeOptions,
): EncodedExamples {
  const rows: EncodedRow[] = [];
  const summary = summarizeExamples(examples, tokenizer, options, (found) => {
    for (const row of found.rows) rows.push(row);
  });
  return { rows, ...summary };
}

/** An example as training uses it. */
export interface EncodedExample {
  /** The tokenized conversation before truncation. */
  readonly encoded: EncodedConversation;
  /** The row that is trained, or the blocks of a document; none if the row is dropped because of its length. */
  readonly rows: readonly EncodedRow[];
  /** Whether truncation would remove the answer. */
  readonly isAnswerCut: boolean;
}

/**
 * Encodes one example as `encodeExamples` does, or returns the issue that prevents it.
 *
 * @param index of the example
 * @throws {TunewiseError} `TOKENIZER_TEMPLATE_MISSING`, `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`, `TOKENIZER_TOO_SLOW`
 */
export function encodeExample(
  example: Example,
  index: number,
  tokenizer: Tokenizer,
  options: EncodeOptions,
): EncodedExample | RowIssue<ProblemCode> {
  const { maxLength, overflow } = options;
  if (example.isDocument === true) {
    const found = encodeDocument(example, index, tokenizer, maxLength);
    return "code" in found ? found : { encoded: found.encoded, rows: found.blocks, isAnswerCut: false };
  }
  const encoded = encodeConversation(example, tokenizer, new Set(tokenizer.endIds), options, maxLength);
  if ("code" in encoded) return encoded;
  if (encoded.ids.length <= maxLength)
    return { encoded, rows: [labelRow(encoded, maxLength, index)], isAnswerCut: false };
  if (overflow !== "truncate") return { encoded, rows: [], isAnswerCut: false };
  const needed = options.isAsked ? encoded.promptLength : (encoded.spans[0]?.from ?? 0);
  const isAnswerCut = needed >= maxLength;
  if (isAnswerCut) return { encoded, rows: [], isAnswerCut };
  if (options.isAsked) return { encoded, rows: [labelRow(encoded, maxLength, index)], isAnswerCut };
  const { uses, length } = cutAtTurn(encoded, maxLength);
  return { encoded: { ...encoded, uses }, rows: [labelRow(encoded, length, index)], isAnswerCut };
}

/**
 * Encodes examples one by one without keeping them: their findings and statistics, as of `encodeExamples`.
 *
 * @param visit called with each example that the chat template renders
 * @throws {TunewiseError} those of `encodeExample`
 */
export function summarizeExamples(
  examples: readonly Example[],
  tokenizer: Tokenizer,
  options: EncodeOptions,
  visit: (encoded: EncodedExample, example: Example) => void,
): Omit<EncodedExamples, "rows"> {
  const refused: RefusedExample[] = [];
  const issues = collectRowIssues("warning", findingOf);
  const totals: number[] = [];
  const answers: number[] = [];
  const long: Example[] = [];
  const cut: Example[] = [];
  const turns = { trained: 0, weightZero: 0, beforeLast: 0, changed: 0 };
  const kept = { rows: 0, documents: 0, tokens: 0, labelledTokens: 0, reasoningTokens: 0 };
  inBatches(examples, (example, index) => {
    const found = encodeExample(example, index, tokenizer, options);
    if ("code" in found) {
      refused.push({ ...locateRefusal(example, found, tokenizer), place: locationOf(example) });
      return;
    }
    const { encoded, rows, isAnswerCut } = found;
    for (const warning of warningsOf(encoded)) issues.add(warning, locationOf(example));
    visit(found, example);
    for (const row of rows) {
      kept.rows++;
      kept.tokens += row.ids.length;
      kept.labelledTokens += row.labelled.reduce((ones, label) => ones + label, 0);
      for (const { from, to } of encoded.reasoning)
        kept.reasoningTokens += Math.max(0, Math.min(to, row.ids.length) - from);
    }
    if (example.isDocument === true) {
      kept.documents++;
      for (const { ids } of rows) totals.push(ids.length);
      return;
    }
    totals.push(encoded.ids.length);
    answers.push(encoded.answerEnd - encoded.promptLength);
    if (encoded.ids.length > options.maxLength) long.push(example);
    if (isAnswerCut) cut.push(example);
    if (rows.length > 0) countTurns(encoded, example, turns);
  });
  const total = measureLengths(totals);
  const truncated = options.overflow === "truncate" ? long.length - cut.length : 0;
  const statistics: EncodeStatistics = {
    total,
    answer: measureLengths(answers),
    ...kept,
    truncated,
    dropped: long.length - truncated,
    answerCut: cut.length,
    unusable: refused.length,
    turns,
  };
  const isSkipped = options.badRows === "skip" && refused.length < examples.length;
  for (const { place, ...issue } of refused) issues.add(issue, place, isSkipped ? "warning" : "error");
  const findings = [
    ...ignoredTools(examples, tokenizer),
    ...missingReasoning(
      examples.filter(({ isDocument }) => isDocument !== true),
      tokenizer,
    ),
    ...issues.findings(),
    ...lengthFindings(long, cut, options, total.max),
    ...paddingFindings(tokenizer),
  ];
  return { findings, statistics, refused };
}

function paddingFindings({ padId, endIds }: Tokenizer): Finding[] {
  if (padId === null || !endIds.includes(padId)) return [];
  return [findingOf("DATA_PAD_IS_END", "note", { id: padId }, [], 1)];
}

function countTurns(
  { uses }: EncodedConversation,
  { messages, turnsBehind = 0 }: Example,
  counts: { -readonly [Kind in keyof TurnCounts]: number },
): void {
  counts.weightZero += turnsBehind;
  for (const [at, use] of uses.entries()) {
    const count = messages[at]?.role === "assistant" ? countedUses[use] : undefined;
    if (count !== undefined) counts[count]++;
  }
}

const countedUses: Readonly<Partial<Record<MessageUse, keyof TurnCounts>>> = {
  trained: "trained",
  weight_zero: "weightZero",
  before_last: "beforeLast",
  changed: "changed",
};

/** Max. rows and characters under one deadline; batched because setting a deadline takes 0.1 ms. */
const batchRows = 512;
const batchCharacters = 64_000;

/** Calls `visit` for each example, with one deadline per batch. */
function inBatches(examples: readonly Example[], visit: (example: Example, index: number) => void): void {
  for (let from = 0; from < examples.length; ) {
    let [to, characters] = [from, 0];
    while (to < examples.length && to - from < batchRows && characters < batchCharacters) {
      characters += charactersOf(examples[to] as Example);
      to++;
    }
    const [start, end] = [from, to];
    // The template and the tokenizer each process the text, and each process the prompt a second time.
    inTime(4 * characters, () => {
      for (let at = start; at < end; at++) visit(examples[at] as Example, at);
    });
    from = to;
  }
}

/** Characters to process: the conversation is rendered once for each turn of the assistant. */
function charactersOf({ messages, tools }: Example): number {
  const definitions = tools === undefined ? 0 : JSON.stringify(tools).length;
  const length = messages.reduce((sum, turn) => sum + messageText(turn).length, definitions);
  return length * messages.filter(({ role }) => role === "assistant").length;
}

/** Warnings about an encoded conversation. */
export function warningsOf(encoded: EncodedConversation): RowIssue<ProblemCode>[] {
  const warnings: RowIssue<ProblemCode>[] = [];
  if (!encoded.endsProperly)
    warnings.push({ code: "DATA_END_MISSING", reason: "no end token after the answer" });
  if (!encoded.promptIsPrefix) {
    const reason = `token ${encoded.promptLength} joins prompt and answer, or the prompt changes before it`;
    warnings.push({ code: "DATA_PROMPT_NOT_PREFIX", reason });
  }
  const changed = encoded.uses.indexOf("changed");
  if (changed >= 0) {
    const reason = `the template changes turn ${changed + 1} once later turns follow`;
    warnings.push({ code: "DATA_TURN_CHANGED", reason });
  }
  if (encoded.beginsTwice)
    warnings.push({ code: "DATA_BOS_DOUBLED", reason: "the first two tokens are the same" });
  return warnings;
}

function lengthFindings(
  long: readonly Example[],
  cut: readonly Example[],
  { maxLength, overflow }: EncodeOptions,
  longest: number,
): Finding[] {
  const findings: Finding[] = [];
  const report = (
    code: "DATA_ROW_TRUNCATED" | "DATA_ROW_DROPPED" | "DATA_ROW_TOO_LONG" | "DATA_ANSWER_CUT",
    severity: "error" | "warning",
    rows: readonly Example[],
  ): void => {
    if (rows.length === 0) return;
    const where = rows.slice(0, placesShown).map(locationOf);
    const params = { rows: countOf(rows.length, "row"), maxLength, longest, suggested: longest };
    findings.push(findingOf(code, severity, params, where, rows.length));
  };
  if (overflow === "drop") report("DATA_ROW_DROPPED", "warning", long);
  if (overflow === "error") report("DATA_ROW_TOO_LONG", "error", long);
  if (overflow === "truncate") {
    const lost = new Set(cut);
    const retained = long.filter((example) => !lost.has(example));
    report("DATA_ROW_TRUNCATED", "warning", retained);
    report("DATA_ANSWER_CUT", "warning", cut);
  }
  return findings;
}
