/**
 * @file The protocol between a controller and the worker process of an execution: one JSON object per line, over a
 * socket. The worker sends an event and waits for `next`, so that a command takes effect at the step that prompted it.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import {
  type ExecutionEvent,
  type ExecutionFailure,
  executionEventSchema,
  executionFailureSchema,
  messageLine,
  type Numbered,
  type RunCommand,
  type RunResult,
  runCommandSchema,
  runResultSchema,
  type TrainingState,
  trainingStateSchema,
} from "@tunewise/core/run";
import { z } from "zod";

/** Messages to a worker. */
export type ToWorker =
  /** Send events after this number. */
  | { readonly kind: "attach"; readonly after: number }
  /** The last event was processed. */
  | { readonly kind: "next" }
  /** A command with a number already received is a duplicate. */
  | { readonly kind: "command"; readonly command: RunCommand; readonly number?: number }
  /** Continue without a controller. */
  | { readonly kind: "detach" }
  /** Save and end, since the controller leaves. Required on connections whose loss does not imply that. */
  | { readonly kind: "leave" }
  /** Heartbeat that renews the lease; the first message of a controller on another machine. */
  | { readonly kind: "renew"; readonly controller: string }
  /** Compute something during a pause, and reply. */
  | {
      readonly kind: "query";
      readonly id: number;
      readonly name: string;
      readonly params: Readonly<Record<string, unknown>>;
    }
  /** Cancel a query. */
  | { readonly kind: "cancel"; readonly id: number };

/** Schema of `ToWorker`. */
export const toWorkerSchema: z.ZodType<ToWorker> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("attach"), after: z.int().min(0) }),
  z.object({ kind: z.literal("next") }),
  z.object({
    kind: z.literal("command"),
    command: runCommandSchema,
    number: z.int().min(1).exactOptional(),
  }),
  z.object({ kind: z.literal("detach") }),
  z.object({ kind: z.literal("leave") }),
  z.object({ kind: z.literal("renew"), controller: z.string() }),
  z.object({
    kind: z.literal("query"),
    id: z.int().min(1),
    name: z.string(),
    params: z.record(z.string(), z.unknown()),
  }),
  z.object({ kind: z.literal("cancel"), id: z.int().min(1) }),
]);

/**
 * When a worker pauses for its controller: the importance of weights is estimated, training is about to start, a sample
 * of forgetting is due, or the training has ended.
 */
export type PauseReason = "importance" | "training-start" | "forgetting" | "result";

/** Messages from a worker. It ends after a `result` or a `failure`. */
export type FromWorker =
  | { readonly kind: "event"; readonly event: Numbered<ExecutionEvent> }
  /** The worker replies to queries until `next`. Only workers that leave measurements to the controller pause. */
  | {
      readonly kind: "pause";
      /** Number of the pause, which identifies one that is resent. */
      readonly number: number;
      readonly reason: PauseReason;
      readonly state: TrainingState;
    }
  | { readonly kind: "progress"; readonly id: number; readonly done: number }
  | {
      readonly kind: "reply";
      readonly id: number;
      readonly result: unknown;
      readonly failure: ExecutionFailure | null;
    }
  | { readonly kind: "result"; readonly result: RunResult }
  | { readonly kind: "failure"; readonly failure: ExecutionFailure };

/** Schema of `FromWorker`. */
export const fromWorkerSchema: z.ZodType<FromWorker> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("event"), event: executionEventSchema }),
  z.object({
    kind: z.literal("pause"),
    number: z.int().min(1),
    reason: z.enum(["importance", "training-start", "forgetting", "result"]),
    state: trainingStateSchema,
  }),
  z.object({ kind: z.literal("progress"), id: z.int().min(1), done: z.int().min(0) }),
  z.object({
    kind: z.literal("reply"),
    id: z.int().min(1),
    result: z.unknown(),
    failure: executionFailureSchema.nullable(),
  }),
  z.object({ kind: z.literal("result"), result: runResultSchema }),
  z.object({ kind: z.literal("failure"), failure: executionFailureSchema }),
]);

/** Address that a worker listens at, stored as `worker.json` in its folder. */
export interface WorkerAddress {
  readonly pid: number;
  readonly socket: string;
}

/** Schema of `WorkerAddress`. */
export const workerAddressSchema: z.ZodType<WorkerAddress> = z.object({
  pid: z.int().min(1),
  socket: z.string(),
});

/** Files of an execution, in a folder inside the run's folder. */
export interface ExecutionFolder {
  readonly path: string;
  readonly spec: string;
  readonly address: string;
  /** Every event except `phase`, as lines of `FromWorker`. */
  readonly events: string;
  /** The result or failure: one line of `FromWorker`. */
  readonly end: string;
  /** Standard error of the worker's process. */
  readonly log: string;
  /** Lock held by a running worker. */
  readonly lock: string;
  /** Touched at contact between a worker on another machine and its controller. */
  readonly contact: string;
}

/** The folder of a run's execution. */
export function executionFolder(run: string): ExecutionFolder {
  const path = join(run, "execution");
  const file = (name: string): string => join(path, name);
  return {
    path,
    spec: file("spec.json"),
    address: file("worker.json"),
    events: file("events.jsonl"),
    end: file("end.json"),
    log: file("worker.log"),
    lock: file("lock"),
    contact: file("contact"),
  };
}

/** Creates a socket address in a temporary folder that only this user may open. Socket paths must be short. */
export function socketAddress(isWindows: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-"));
  return isWindows ? `\\\\.\\pipe\\${folder.replaceAll(/[^a-z0-9-]/gi, "-")}` : join(folder, "worker.sock");
}

/** Version of the protocol between a controller and a worker in another language. */
export const protocolVersion = 1;

/** Maximum characters of a line: a result with all its answers. */
const maxLineChars = 512 * 1024 * 1024;

/** Sends a message. Returns `false` if the socket's buffer is full. */
export function sendMessage(socket: Writable, message: ToWorker | FromWorker): boolean {
  return socket.writable && socket.write(`${messageLine(message)}\n`);
}

/**
 * Calls `onMessage` with each message of a socket. A line that is too long or violates the schema closes the socket.
 */
export function readMessages<Message>(
  socket: Readable,
  schema: z.ZodType<Message>,
  onMessage: (message: Message) => void,
): void {
  let parts: string[] = [];
  let length = 0;
  socket.setEncoding("utf8");
  socket.on("data", (data: string) => {
    for (let rest = data; rest !== ""; ) {
      const end = rest.indexOf("\n");
      const part = end < 0 ? rest : rest.slice(0, end);
      parts.push(part);
      length += part.length;
      if (length > maxLineChars) return void socket.destroy(new Error("a message is too long"));
      if (end < 0) return;
      const message = parseMessage(parts.join(""), schema);
      if (message === null) return void socket.destroy(new Error("a message cannot be read"));
      [parts, length, rest] = [[], 0, rest.slice(end + 1)];
      onMessage(message);
    }
  });
}

/** Parses a message from its line; `null` if it violates the schema. */
export function parseMessage<Message>(line: string, schema: z.ZodType<Message>): Message | null {
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
