/**
 * @file Records of a `.wandb` file, written: the counterpart of `record.ts`.
 *
 * @source wandb/wandb wandb/proto/wandb_internal.proto
 */
import { looseJson } from "../wandb/loose-json.ts";
import { type FieldBytes, message, messageField, textField, wholeField } from "./write-message.ts";

/** A key and its value; NaN and the infinities may stand in it. */
export type KeyValue = readonly [key: string, value: unknown];

/** A run as a record. */
export interface WrittenRun {
  readonly runId: string;
  readonly entity: string;
  readonly project: string;
  readonly displayName: string;
  readonly group: string;
  readonly jobType: string;
  readonly notes: string;
  readonly tags: readonly string[];
  readonly host: string;
  readonly startedMs: number;
  readonly gitRemote: string;
  readonly gitCommit: string;
  readonly config: readonly KeyValue[];
}

/** Makes records, numbered in their order. */
export class RecordWriter {
  private count = 0;

  /** The oldest client that this layout is for is the one that introduced it. */
  header(producer: string): Uint8Array {
    return this.record(21, message(messageField(1, message(textField(1, producer), textField(2, "0.10.0")))));
  }

  run(run: WrittenRun): Uint8Array {
    const { gitRemote, gitCommit } = run;
    const hasGit = gitRemote !== "" || gitCommit !== "";
    return this.record(
      17,
      message(
        textField(1, run.runId),
        textField(2, run.entity),
        textField(3, run.project),
        messageField(4, message(...run.config.map((item) => keyed(1, item)))),
        textField(6, run.group),
        textField(7, run.jobType),
        textField(8, run.displayName),
        textField(9, run.notes),
        ...run.tags.map((tag) => textField(10, tag)),
        textField(13, run.host),
        messageField(17, timestamp(run.startedMs)),
        ...(hasGit ? [messageField(21, message(textField(1, gitRemote), textField(2, gitCommit)))] : []),
      ),
    );
  }

  /** A row of history. */
  history(step: number, items: readonly KeyValue[]): Uint8Array {
    const fields = items.map((item) => keyed(1, item));
    return this.record(2, message(...fields, messageField(2, message(wholeField(1, step)))));
  }

  /** A row of the system's figures, by their names without `system.`. */
  stats(ms: number, items: readonly KeyValue[]): Uint8Array {
    return this.record(7, message(messageField(2, timestamp(ms)), ...items.map((item) => keyed(3, item))));
  }

  /** A metric's x axis; `null`: it is one itself. */
  metric(name: string, stepMetric: string | null): Uint8Array {
    const options = message(wholeField(1, stepMetric === null ? 0 : 1), wholeField(3, 1));
    return this.record(
      12,
      message(textField(1, name), textField(4, stepMetric ?? ""), messageField(6, options)),
    );
  }

  summary(items: readonly KeyValue[]): Uint8Array {
    return this.record(3, message(...items.map((item) => keyed(1, item))));
  }

  /** What was written to the console. */
  output(ms: number, isError: boolean, text: string): Uint8Array {
    return this.record(
      13,
      message(wholeField(1, isError ? 0 : 1), messageField(2, timestamp(ms)), textField(3, text)),
    );
  }

  exit(exitCode: number, runtimeSeconds: number): Uint8Array {
    return this.record(18, message(wholeField(1, exitCode), wholeField(2, runtimeSeconds)));
  }

  private record(field: number, inner: Uint8Array): Uint8Array {
    return message(wholeField(1, ++this.count), messageField(field, inner));
  }
}

function keyed(field: number, [key, value]: KeyValue): FieldBytes {
  return messageField(field, message(textField(1, key), textField(16, looseJson(value))));
}

function timestamp(ms: number): Uint8Array {
  const seconds = Math.floor(ms / 1000);
  return message(wholeField(1, seconds), wholeField(2, (ms - seconds * 1000) * 1_000_000));
}
