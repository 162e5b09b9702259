/** @file `tunewise data show`: reads a recipe's rows and encodes them with the functions of training. */
import type { Example } from "@tunewise/core/rows";
import { issueFindings, type RowIssue } from "@tunewise/core/rows";
import {
  documentsIn,
  type ReadCounts,
  readExamples,
  readFileRows,
  type SampleBy,
  sourceName,
} from "@tunewise/datacheck/dataset";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { type EncodeOptions, encodeExample, summarizeExamples } from "../../encode/index.ts";
import { findTokenizer, type LoadedRecipe, type OnDownload, readUnchecked } from "../../prepare/index.ts";
import { findingOf, type ProblemCode, placeText, problem } from "../../problem/index.ts";
import type { RefusedRow, RowsView, ShownRow, SplitSummary } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { numberOfRecord, placeOfRecord } from "./record-number.ts";
import { refusedRow, shownRow } from "./show-row.ts";

type SplitName = RowsView["split"];
type ReadData = Awaited<ReturnType<typeof readUnchecked>>;

/** What to show. */
export interface ShowRequest {
  readonly split: SplitName;
  /** Number of the record in the split's file; `null`: a summary and the first row. */
  readonly row: number | null;
}

/** Longest rows that are listed. */
const longestListed = 5;

/**
 * Shows a split or one row of it.
 *
 * @throws {TunewiseError} `DATA_ROW_UNKNOWN`, and those of reading, of `findTokenizer` and of `encodeExample`
 */
export async function showData(
  loaded: LoadedRecipe,
  { split, row }: ShowRequest,
  runtime: Runtime,
  onDownload?: OnDownload,
): Promise<RowsView> {
  const { data, model } = loaded.recipe;
  const file = sourceName(split, data);
  const read = await readUnchecked(loaded, runtime, onDownload);
  const examples = read.splits[split];
  const place = placeOfRecord(countsOf(read, split), row ?? 1);
  const isRow = (one: Example): boolean => one.row === place?.row && one.file === place.file.shown;
  const at = row === null ? 0 : examples.findIndex(isRow);
  const example = examples[at];
  const tokenizer = await findTokenizer(loaded, runtime, onDownload);
  const options = { ...data, isAsked: split === "test" };
  const shown =
    example === undefined
      ? await unusedRow(loaded, { file, split, row: row ?? 1 }, read)
      : rowOf(example, at, tokenizer, options);
  const summary = row === null ? summaryOf(read, split, tokenizer, options) : null;
  return { file, model: model.source, split, maxLength: data.maxLength, summary, row: shown };
}

/** What was read for a split: its own source, or that of the training rows. */
function countsOf({ read }: ReadData, split: SplitName): ReadCounts {
  return read[split].rows > 0 ? read[split] : read.train;
}

function rowOf(
  example: Example,
  index: number,
  tokenizer: Tokenizer,
  options: EncodeOptions,
): ShownRow | RefusedRow {
  const found = encodeExample(example, index, tokenizer, options);
  return "code" in found
    ? refusedRow(example, found, tokenizer)
    : shownRow(example, found, tokenizer, options);
}

/** A row that training does not use: its issue, or the split that it is in. */
async function unusedRow(
  { recipe }: LoadedRecipe,
  {
    file: source,
    split,
    row: number,
  }: { readonly file: string; readonly split: SplitName; readonly row: number },
  read: ReadData,
): Promise<RefusedRow> {
  const names = ["train", "validation", "test"] as const;
  const counts = countsOf(read, split);
  const params = { row: number, file: source, split };
  const found = placeOfRecord(counts, number);
  if (found === null) {
    const why = `the file has the rows 1 to ${counts.rows}`;
    throw problem("DATA_ROW_UNKNOWN", { ...params, why, fix: `--row ${Math.max(1, counts.rows)}` });
  }
  const {
    file: { path, shown: file },
    row,
  } = found;
  const other = names.find((name) => read.splits[name].some((one) => one.row === row && one.file === file));
  if (other !== undefined)
    throw problem("DATA_ROW_UNKNOWN", {
      ...params,
      why: `it is in the split ${other}`,
      fix: `--split ${other}`,
    });
  const { unusable } = await readExamples(path, file, { ...recipe.data, badRows: "skip" });
  const issue = unusable.get(row) ?? (await unreadable(path, file, row, documentsIn(recipe.data)));
  if (issue === undefined) {
    if (recipe.data.mix !== null && split === "train") {
      const why = "the weight or the limit of its source leaves it out";
      throw problem("DATA_ROW_UNKNOWN", { ...params, why, fix: "--set data.mix=null --set data.train=FILE" });
    }
    const why = `it exceeds data.rows.${split}`;
    throw problem("DATA_ROW_UNKNOWN", { ...params, why, fix: `--set data.rows.${split}=null` });
  }
  const place = { file, row };
  const [finding] = issueFindings([[{ ...issue, severity: "error", count: 1, places: [place] }]], findingOf);
  return {
    place: placeText(place),
    row,
    code: issue.code,
    message: null,
    error: issue.reason,
    fix: finding?.fix ?? "",
  };
}

/** The issue of a record that cannot be read at all. */
async function unreadable(
  path: string,
  file: string,
  row: number,
  documents: SampleBy | null,
): Promise<RowIssue<ProblemCode> | undefined> {
  for await (const record of readFileRows(path, file, null, documents)) {
    if (record.at.row === row) return "issue" in record ? record.issue : undefined;
  }
  return undefined;
}

/** Encodes every row of a split without keeping it. */
function summaryOf(
  read: ReadData,
  split: SplitName,
  tokenizer: Tokenizer,
  options: EncodeOptions,
): SplitSummary {
  const examples = read.splits[split];
  const source = countsOf(read, split);
  let longest: { row: number; tokens: number }[] = [];
  let untrained = 0;
  const { findings, statistics } = summarizeExamples(
    examples,
    tokenizer,
    options,
    ({ encoded, rows }, example) => {
      if (rows.some(({ labelled }) => !labelled.includes(1))) untrained++;
      const tokens = encoded.ids.length;
      if (longest.length === longestListed && tokens <= (longest.at(-1)?.tokens ?? 0)) return;
      longest = [...longest, { row: numberOfRecord(source, example), tokens }]
        .sort((a, b) => b.tokens - a.tokens)
        .slice(0, longestListed);
    },
  );
  return {
    read: source.rows,
    unusable: source.rows - source.usable,
    elsewhere: source.usable - examples.length,
    statistics,
    untrained,
    longest,
    findings: [...read.findings, ...findings].filter(({ severity }) => severity !== "note"),
  };
}
