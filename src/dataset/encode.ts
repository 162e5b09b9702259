/**
 * @file Examples as token rows: the rendered conversation, and which of its tokens carry the loss.
 */
import { type Finding, findingOf, placesShown } from "../problem/index.ts";
import { type Complaint, collectComplaints, rowsText } from "./complaint.ts";
import type { EncodedRow, Example } from "./example.ts";
import { encodeWhole, labelRow, type WholeRow } from "./row-encoding.ts";
import { locationOf } from "./row-location.ts";
import { type LengthStatistics, measureLengths } from "./statistics.ts";
import { inTime } from "./tokenize/time-limit.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** How rows are cut and labelled; the names are those of the recipe's data section. */
export interface EncodeOptions {
  /** At most this many tokens of a row are kept. */
  readonly maxLength: number;
  readonly overflow: "truncate" | "drop" | "error";
  /** `completion` labels the last answer with its end token, `all` everything but position 0. */
  readonly loss: "completion" | "all";
}

/** Token rows with what there is to say about them. */
export interface EncodedExamples {
  readonly rows: readonly EncodedRow[];
  readonly findings: readonly Finding[];
  readonly statistics: EncodeStatistics;
}

/** Counts and lengths of an encoding. */
export interface EncodeStatistics {
  /** Tokens of whole rows, before cutting. */
  readonly total: LengthStatistics;
  /** Tokens of the answers, end token included, before cutting. */
  readonly answer: LengthStatistics;
  readonly rows: number;
  /** Rows kept without their end. */
  readonly truncated: number;
  /** Rows left out for their length, those of `answerCut` included. */
  readonly dropped: number;
  /** Rows left out since `maxLength` leaves nothing of their answer. */
  readonly answerCut: number;
  /** Rows the template refuses or whose answer cannot be found. */
  readonly unusable: number;
  /** Tokens of the kept rows, and how many of them carry loss. */
  readonly tokens: number;
  readonly labelledTokens: number;
}

/**
 * Encodes examples for training.
 *
 * The ids of a row are those of `apply_chat_template` for the whole conversation. The loss starts at the
 * first token that covers text of the answer, by place in the text, so that a token joined of prompt and
 * answer is trained on; it ends with the last end token, so that the model learns to stop and not what the
 * template writes behind.
 *
 * Findings: `DATA_ROW_TRUNCATED`, `DATA_ROW_DROPPED`, `DATA_ROW_TOO_LONG`, `DATA_ANSWER_CUT`,
 * `DATA_END_MISSING`, `DATA_BOUNDARY_UNCLEAR`, `DATA_PROMPT_NOT_PREFIX`, `DATA_TEMPLATE_REFUSED`,
 * `DATA_ANSWER_EMPTY`, `DATA_PAD_IS_END`, `DATA_BOS_DOUBLED`.
 *
 * @throws {TunewiseError} `TOKENIZER_TEMPLATE_MISSING`, `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`, `TOKENIZER_TOO_SLOW`
 */
export function encodeExamples(
  examples: readonly Example[],
  tokenizer: Tokenizer,
  options: EncodeOptions,
): EncodedExamples {
  const complaints = collectComplaints("error");
  const endIds = new Set(tokenizer.endIds);
  const rows: EncodedRow[] = [];
  const totals: number[] = [];
  const answers: number[] = [];
  const long: Example[] = [];
  const cut: Example[] = [];
  const encodeOne = (example: Example, index: number): void => {
    const place = locationOf(example);
    const whole = encodeWhole(example, tokenizer, endIds, options.loss);
    if ("code" in whole) {
      complaints.add(whole, place);
      return;
    }
    for (const remark of remarksOn(whole)) complaints.add(remark, place, "warning");
    totals.push(whole.ids.length);
    answers.push(whole.answerEnd - whole.promptLength);
    if (whole.ids.length > options.maxLength) {
      long.push(example);
      if (options.overflow !== "truncate") return;
      if (whole.from >= options.maxLength) {
        cut.push(example);
        return;
      }
    }
    rows.push(labelRow(whole, options.maxLength, index));
  };
  inBatches(examples, encodeOne);
  const total = measureLengths(totals);
  const truncated = options.overflow === "truncate" ? long.length - cut.length : 0;
  const statistics: EncodeStatistics = {
    total,
    answer: measureLengths(answers),
    rows: rows.length,
    truncated,
    dropped: long.length - truncated,
    answerCut: cut.length,
    unusable: examples.length - totals.length,
    tokens: rows.reduce((sum, { ids }) => sum + ids.length, 0),
    labelledTokens: rows.reduce((sum, { labelled }) => sum + countOnes(labelled), 0),
  };
  const findings = [
    ...complaints.findings(),
    ...lengthFindings(long, cut, options, total.max),
    ...paddingFindings(tokenizer, endIds),
  ];
  return { rows, findings, statistics };
}

/** Rows of one deadline, and the characters that end a batch before: a deadline costs a tenth of a millisecond. */
const batchRows = 512;
const batchCharacters = 64_000;

/** Does something to each example, some of them under one deadline. */
function inBatches(examples: readonly Example[], act: (example: Example, index: number) => void): void {
  for (let from = 0; from < examples.length; ) {
    let [to, characters] = [from, 0];
    while (to < examples.length && to - from < batchRows && characters < batchCharacters) {
      for (const { content } of (examples[to] as Example).messages) characters += content.length;
      to++;
    }
    const [start, end] = [from, to];
    // The template and the tokenizer each go over the text, and over the prompt once more.
    inTime(4 * characters, () => {
      for (let at = start; at < end; at++) act(examples[at] as Example, at);
    });
    from = to;
  }
}

function remarksOn(whole: WholeRow): Complaint[] {
  const remarks: Complaint[] = [];
  if (!whole.endsProperly)
    remarks.push({ code: "DATA_END_MISSING", reason: "no end token behind the answer" });
  if (!whole.promptIsPrefix) {
    const reason = `token ${whole.promptLength} joins prompt and answer, or the prompt changes before it`;
    remarks.push({ code: "DATA_PROMPT_NOT_PREFIX", reason });
  }
  if (whole.beginsTwice)
    remarks.push({ code: "DATA_BOS_DOUBLED", reason: "the first two tokens are the same" });
  return remarks;
}

function lengthFindings(
  long: readonly Example[],
  cut: readonly Example[],
  { maxLength, overflow }: EncodeOptions,
  longest: number,
): Finding[] {
  const findings: Finding[] = [];
  const say = (
    code: "DATA_ROW_TRUNCATED" | "DATA_ROW_DROPPED" | "DATA_ROW_TOO_LONG" | "DATA_ANSWER_CUT",
    severity: "error" | "warning",
    rows: readonly Example[],
  ): void => {
    if (rows.length === 0) return;
    const where = rows.slice(0, placesShown).map(locationOf);
    const about = { rows: rowsText(rows.length), maxLength, longest, suggested: longest };
    findings.push(findingOf(code, severity, about, where, rows.length));
  };
  if (overflow === "drop") say("DATA_ROW_DROPPED", "warning", long);
  if (overflow === "error") say("DATA_ROW_TOO_LONG", "error", long);
  if (overflow === "truncate") {
    const lost = new Set(cut);
    const kept = long.filter((example) => !lost.has(example));
    say("DATA_ROW_TRUNCATED", "warning", kept);
    say("DATA_ANSWER_CUT", "warning", cut);
  }
  return findings;
}

function paddingFindings({ padId }: Tokenizer, endIds: ReadonlySet<number>): Finding[] {
  if (padId === null || !endIds.has(padId)) return [];
  return [findingOf("DATA_PAD_IS_END", "note", { id: padId }, [], 1)];
}

function countOnes(labelled: Uint8Array): number {
  let count = 0;
  for (const label of labelled) count += label;
  return count;
}
