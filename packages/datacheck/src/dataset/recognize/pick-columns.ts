/** @file Chooses the prompt and answer columns by weighing evidence from names and values. */
import { isLabelLike } from "./answer-kind.ts";
import { roleEvidence } from "./column-names.ts";
import type { ColumnValues } from "./column-values.ts";

/** The chosen columns, or the candidates if only the user can decide. */
export type PickedColumns =
  | {
      readonly kind: "pair";
      readonly prompt: string;
      readonly completion: string;
      /** Column of the reasoning in front of the answer; absent: none. */
      readonly reasoning?: string;
      /** Columns that add context to the prompt. */
      readonly contexts: readonly string[];
    }
  | { readonly kind: "text-only"; readonly text: string }
  | {
      readonly kind: "unclear";
      readonly prompts: readonly string[];
      readonly completions: readonly string[];
    };

/** Points per piece of evidence. A known name outweighs one property of the values, but not two. */
const points = {
  name: 6,
  textName: 5,
  labels: 3,
  text: 3,
  longest: 2,
  words: 1,
  afterReasoning: 5,
  barred: -6,
} as const;
/** Min. points of a choice, and min. lead over the next one. */
const minPoints = 3;
const minLead = 1.5;
/** Min. share of rows with a value. */
const minFilledShare = 0.5;
/** The same for a context column, which may be missing in most rows, as in Dolly. */
const minContextFilledShare = 0.05;

interface Rated {
  readonly column: ColumnValues;
  readonly asPrompt: number;
  readonly asCompletion: number;
}

/**
 * Chooses the columns.
 *
 * @param columns statistics of all columns over the sampled rows
 */
export function pickColumns(columns: readonly ColumnValues[]): PickedColumns {
  const useful = columns.filter((one) => one.filled > minFilledShare * one.of && one.turns === 0);
  const longest = Math.max(0, ...useful.map(({ meanLength }) => meanLength));
  const rated = useful.map((column) => rate(column, longest, useful));
  const prompts = best(rated, "asPrompt");
  for (const { column: prompt } of prompts.slice(0, 2)) {
    const completions = best(
      rated.filter(({ column }) => column !== prompt),
      "asCompletion",
    );
    const [first, second] = completions;
    if (first === undefined) continue;
    if (isClear(first, second, "asCompletion")) {
      const others = rated.filter(({ column }) => column !== first.column);
      const [one, two] = best(others, "asPrompt");
      if (one === undefined || !isClear(one, two, "asPrompt", contextOf)) break;
      const reasoning = reasoningOf(columns, first.column);
      return {
        kind: "pair",
        prompt: one.column.path,
        completion: first.column.path,
        ...(reasoning !== null && { reasoning }),
        contexts: contextsOf(columns, one.column, first.column),
      };
    }
    break;
  }
  const texts = rated.filter(({ column }) => isText(column) && roleEvidence(column.path).meta < 1);
  const answers = rated.filter(({ column }) => isAnswer(column) || isNamedAnswer(column));
  const [text] = texts;
  if (text !== undefined && texts.length === 1 && answers.every(({ column }) => column === text.column))
    return { kind: "text-only", text: text.column.path };
  const paths = (some: readonly Rated[]): string[] => some.slice(0, 8).map(({ column }) => column.path);
  return {
    kind: "unclear",
    prompts: paths(prompts),
    completions: paths(best(rated, "asCompletion")),
  };
}

function rate(column: ColumnValues, longest: number, all: readonly ColumnValues[]): Rated {
  const names = roleEvidence(column.path);
  const labels = isLabels(column);
  const text = isText(column);
  const barred = isConstant(column) || isCounter(column) ? points.barred * 2 : 0;
  const meta = names.meta * points.barred;
  const asPrompt =
    Math.max(names.prompt * points.name, names.text * points.textName) +
    (text ? points.text : 0) +
    (column.meanLength === longest && !labels ? points.longest : 0) +
    (column.meanWords >= 3 ? points.words : 0) +
    (labels || column.numbers > 0.9 ? points.barred : 0) +
    Math.max(names.completion, names.label) * -4;
  const isReasoned = followsReasoning(column, all);
  const asCompletion =
    Math.max(names.completion, isAnswered(all) ? names.label / 2 : names.label) * points.name +
    (isReasoned ? points.afterReasoning : 0) +
    (labels && !isAnswered(all) ? points.labels : text ? points.words : 0) +
    (labels && column.numbers < 0.5 && hasTwin(column, all) ? points.words : 0) +
    Math.max(names.prompt, isReasoned ? 0 : names.text) * -5 +
    (names.context > 0 && names.label === 0 && names.completion === 0 ? -names.context * 4 : 0) +
    (!labels && column.numbers > 0.9 && names.completion === 0 ? points.barred : 0);
  return { column, asPrompt: asPrompt + meta + barred, asCompletion: asCompletion + meta + barred };
}

/** Whether columns named question and answer exist. A label beside them then describes the row's topic. */
function isAnswered(columns: readonly ColumnValues[]): boolean {
  const isCalled = (role: "prompt" | "completion"): boolean =>
    columns.some((column) => roleEvidence(column.path)[role] === 1 && isText(column));
  return (
    (isCalled("prompt") && isCalled("completion")) ||
    columns.some((column) => followsReasoning(column, columns))
  );
}

/** Whether a column of texts is the next one after a column of reasoning: its answer, whatever its name. */
function followsReasoning(column: ColumnValues, all: readonly ColumnValues[]): boolean {
  return isText(column) && isReasoning(all[all.indexOf(column) - 1]);
}

function best(rated: readonly Rated[], by: "asPrompt" | "asCompletion"): Rated[] {
  return rated.filter((one) => one[by] >= minPoints).sort((a, b) => b[by] - a[by]);
}

/** Whether the first candidate leads by enough. Redundant columns do not compete. */
function isClear(
  first: Rated,
  second: Rated | undefined,
  by: "asPrompt" | "asCompletion",
  isExempt: (column: ColumnValues) => boolean = () => false,
): boolean {
  if (second === undefined || first[by] - second[by] >= minLead) return true;
  return isTwin(first.column, second.column) || isExempt(second.column);
}

/** Whether two columns encode the same labels, such as a number and its name. */
function isTwin(a: ColumnValues, b: ColumnValues): boolean {
  return isLabels(a) && isLabels(b) && a.distinct === b.distinct && patternOf(a) === patternOf(b);
}

function hasTwin(column: ColumnValues, all: readonly ColumnValues[]): boolean {
  return all.some((other) => other !== column && isTwin(column, other));
}

/** Equality pattern of the first values, such as `0 1 0 2`. */
function patternOf({ samples }: ColumnValues): string {
  return samples.map((sample) => samples.indexOf(sample)).join(" ");
}

function contextOf({ path }: ColumnValues): boolean {
  return roleEvidence(path).context > 0;
}

/** The only column of texts that is named after reasoning. */
function reasoningOf(columns: readonly ColumnValues[], completion: ColumnValues): string | null {
  const found = columns.filter(
    (one) => one !== completion && isText(one) && one.filled > minFilledShare * one.of && isReasoning(one),
  );
  return found.length === 1 ? (found[0]?.path ?? null) : null;
}

function isReasoning(column: ColumnValues | undefined): boolean {
  if (column === undefined) return false;
  const names = roleEvidence(column.path);
  return names.reasoning >= 0.5 && Math.max(names.meta, names.label) < names.reasoning;
}

/** Columns that add context to the prompt, by name. */
function contextsOf(
  columns: readonly ColumnValues[],
  prompt: ColumnValues,
  completion: ColumnValues,
): string[] {
  return columns
    .filter((one) => one !== prompt && one !== completion && one.filled > minContextFilledShare * one.of)
    .filter((one) => one.turns === 0 && !isConstant(one) && !isLabels(one) && one.numbers < 0.5)
    .filter((one) => {
      const names = roleEvidence(one.path);
      return names.context >= 0.8 && names.meta < 0.8;
    })
    .map(({ path }) => path);
}

/** Whether the column has few values, each of them frequent: classes, grades, yes and no. */
function isLabels(column: ColumnValues): boolean {
  const { distinct, filled, maxLength, samples } = column;
  if (distinct < 2 || maxLength > 120 || !samples.every(isLabelLike)) return false;
  const repeats = roleEvidence(column.path).label >= 0.8 ? 1.5 : 3;
  return distinct <= 300 && distinct * repeats <= Math.max(filled, 4);
}

function isText({ distinct, filled, meanLength, numbers, booleans }: ColumnValues): boolean {
  return meanLength >= 8 && numbers < 0.5 && booleans < 0.5 && distinct > 0.3 * filled;
}

/** Whether the column could be an answer: it has labels, or a name that says so. */
function isAnswer(column: ColumnValues): boolean {
  const names = roleEvidence(column.path);
  return isLabels(column) || (Math.max(names.completion, names.label) >= 0.5 && !isConstant(column));
}

/** Whether the name alone says answer or label: then the rows are not documents, even if all have the same label. */
function isNamedAnswer({ path }: ColumnValues): boolean {
  const { completion, label, meta } = roleEvidence(path);
  return Math.max(completion, label) === 1 && meta < 1;
}

function isConstant({ distinct, filled }: ColumnValues): boolean {
  return distinct === 1 && filled > 3;
}

/** Whether the values are unique numbers: an index, an id. */
function isCounter({ distinct, filled, numbers }: ColumnValues): boolean {
  return numbers > 0.99 && filled > 3 && distinct === filled;
}
