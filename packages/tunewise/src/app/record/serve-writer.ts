/** @file The work of the process that masks and writes rows: takes calls over its channel and reports counts. */
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { callOfBodies } from "./body.ts";
import { openRecorder, type Recorder } from "./recorder.ts";
import { flushMs } from "./row-log.ts";
import type { WriterOrder, WriterReport } from "./writer-link.ts";

/** A channel to the process that passes calls. */
export interface WriterChannel {
  onOrder(take: (order: WriterOrder) => void): void;
  /** The other side has ended, perhaps killed. */
  onEnd(take: () => void): void;
  /** Resolves when the report was handed over, or cannot be. */
  report(report: WriterReport): Promise<void>;
}

/** Records calls until the other side ends or asks for the end; then everything is written. */
export async function serveWriter(
  channel: WriterChannel,
  runtimeIn: (cwd: string) => Runtime,
): Promise<void> {
  let recorder: Recorder | null = null;
  let given = 0;
  const report = async (): Promise<void> => {
    if (recorder === null) return;
    const handled = given - recorder.waiting;
    await channel.report({ kind: "counts", counts: recorder.counter.read(), handled });
  };
  const timer = setInterval(() => void report(), flushMs);
  await new Promise<void>((end) => {
    channel.onEnd(end);
    let turn: Promise<void> = Promise.resolve();
    const open = async (order: Extract<WriterOrder, { kind: "open" }>): Promise<void> => {
      try {
        recorder = await openRecorder(order.options, runtimeIn(order.cwd));
        await channel.report({ kind: "ready" });
      } catch (error) {
        if (!TunewiseError.is(error)) throw error;
        const params = Object.entries(error.params).map(([name, value]) => [name, String(value)] as const);
        await channel.report({ kind: "refused", code: error.code, params: Object.fromEntries(params) });
        end();
      }
    };
    const take = (order: WriterOrder): void => {
      if (order.kind === "close") end();
      else if (order.kind === "feedback") recorder?.addFeedback(order.feedback);
      else if (order.kind === "call") {
        given++;
        recorder?.add(callOfBodies(order.call));
      }
    };
    channel.onOrder((order) => {
      // calls that come while the file is opened wait for it
      if (order.kind === "open") turn = open(order);
      else if (recorder !== null) take(order);
      else turn = turn.then(() => take(order));
    });
  });
  clearInterval(timer);
  const open = recorder as Recorder | null;
  await open?.close();
  await report();
}
