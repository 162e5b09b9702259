/** @file A recorder inside an application: opened with the first call, and never in the way of one. */
import type { Runtime } from "../../runtime/index.ts";
import { CallCounter, type RecordCounts } from "./counts.ts";
import type { Feedback } from "./feedback.ts";
import { type CapturedCall, openRecorder, type Recorder, type RecorderOptions } from "./recorder.ts";
import { isSampled } from "./row-of-call.ts";

/** A recorder inside an application. */
export interface LazyRecorder {
  /** Takes a call if it is sampled. Never throws and never waits. */
  add(request: string, call: CapturedCall): void;
  /** Counts a call that failed. */
  fail(): void;
  addFeedback(feedback: Feedback): void;
  counts(): RecordCounts;
  /** Writes everything. Never rejects. */
  close(): Promise<RecordCounts>;
}

/**
 * Creates a recorder.
 *
 * @param sample share of the calls, from 0 to 1
 * @param onProblem called once if the file cannot be opened; then every call is counted as dropped
 */
export function lazyRecorder(
  options: RecorderOptions & { readonly sample: number },
  runtime: Runtime,
  onProblem: (error: unknown) => void,
): LazyRecorder {
  const own = new CallCounter();
  let opened: Promise<Recorder | null> | null = null;
  let recorder: Recorder | null = null;
  const open = (): Promise<Recorder | null> => {
    opened ??= openRecorder(options, runtime).then(
      (one) => {
        recorder = one;
        return one;
      },
      (error: unknown) => {
        onProblem(error);
        return null;
      },
    );
    return opened;
  };
  const counts = (): RecordCounts => {
    const all = new CallCounter();
    all.add(own.read());
    if (recorder !== null) all.add(recorder.counter.read());
    return all.read();
  };
  return {
    add: (request, call) => {
      own.calls++;
      if (!isSampled(request, options.sample)) own.unsampled++;
      else
        void open().then((one) => {
          if (one === null) own.drop("disk");
          else one.add(call);
        });
    },
    fail: () => {
      own.calls++;
      own.drop("failed");
    },
    addFeedback: (feedback) => void open().then((one) => one?.addFeedback(feedback)),
    counts,
    close: async () => {
      const one = await opened;
      await one?.close();
      return counts();
    },
  };
}
