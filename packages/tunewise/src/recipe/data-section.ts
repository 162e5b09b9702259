/** @file The `data` section of a recipe: where the rows are, and how they become tokens. */
import type { RowColumns } from "./row-columns.ts";

/** Shape of a row. */
export type DataFormat =
  | "auto"
  | "chat"
  | "prompt-completion"
  | "instruction"
  | "table"
  | "preference"
  | "text";

/** A source of training rows among several. */
export interface MixSource {
  /** File, folder or pattern, or a data set `hub:owner/name`. */
  readonly file: string;
  /** Relative frequency of its rows in an epoch; `null` for all sources: each row once. */
  readonly weight: number | null;
  /** Max. rows, chosen by a shuffle seeded with `split.seed`; `null`: all. */
  readonly rows: number | null;
}

/** Training, validation and test rows. */
export interface DataSection {
  /**
   * File, folder or pattern of rows, such as `train.jsonl`, relative to the recipe, or a data set `hub:owner/name`;
   * `null` if `mix` names the training rows.
   */
  readonly train: string | null;
  /** Several sources of training rows; `null` if `train` names one. */
  readonly mix: readonly MixSource[] | null;
  readonly validation: string | null;
  readonly test: string | null;
  /** Shares of `train` used for validation and test if no file is given; 0: none. */
  readonly split: {
    readonly validation: number;
    readonly test: number;
    readonly seed: number;
    /** Unit that is never divided: a row, the rows of a group, or near-duplicate rows; `time`: the latest are tested. */
    readonly by: "rows" | "group" | "similarity" | "time";
  };
  readonly format: DataFormat;
  /** Columns of prompt and completion, for `table`. */
  readonly columns: RowColumns | null;
  /** Column of the documents, for `text`; `null`: `text`, otherwise the only column with text. */
  readonly textColumn: string | null;
  /** What a text file contains, for `text`. */
  readonly sampleBy: "document" | "paragraph" | "line";
  /** `chosen`: preference rows are trained on their chosen answers; `null`: they are refused. */
  readonly answers: "chosen" | null;
  /** Column that defines groups of rows; `null`: none. */
  readonly group: string | null;
  /** Column with the timestamp of a row; `null`: none. */
  readonly time: string | null;
  /** System message for rows that have none; `null`: the chat template decides. */
  readonly system: string | null;
  /** Prompt template with `{prompt}` and any `{column}`. */
  readonly promptTemplate: string;
  /** Max. tokens of a row. */
  readonly maxLength: number;
  /** How to handle longer rows. */
  readonly overflow: "truncate" | "drop" | "error";
  /** Which tokens contribute to the loss. */
  readonly loss: "completion" | "all";
  /** Which answers of a conversation are trained on; messages of weight 0 never are. */
  readonly trainOn: "last" | "all";
  /** Reasoning in front of answers: trained like them, rendered without loss, or removed from the rows. */
  readonly reasoning: "train" | "mask" | "strip";
  /** Max. rows of each split, taken after a shuffle seeded with `split.seed`; `null`: all. */
  readonly rows: {
    readonly train: number | null;
    readonly validation: number | null;
    readonly test: number | null;
  };
  /** `error`: unusable rows block the run; `skip`: they are skipped and reported. */
  readonly badRows: "error" | "skip";
}
