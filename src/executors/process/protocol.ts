/**
 * @file The protocol between a controller and the worker process of an execution: one JSON object per line, over a
 * socket. The worker sends an event and waits for `next`, so that a command acts where it was decided.
 */
import { mkdtempSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
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
} from "../../run/index.ts";

/** Messages to a worker. */
export type ToWorker =
  /** Send events after this number. */
  | { readonly kind: "attach"; readonly after: number }
  /** The last event was processed. */
  | { readonly kind: "next" }
  | { readonly kind: "command"; readonly command: RunCommand }
  /** Continue without a controller. */
  | { readonly kind: "detach" };

/** Schema of `ToWorker`. */
export const toWorkerSchema: z.ZodType<ToWorker> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("attach"), after: z.int().min(0) }),
  z.object({ kind: z.literal("next") }),
  z.object({ kind: z.literal("command"), command: runCommandSchema }),
  z.object({ kind: z.literal("detach") }),
]);

/** Messages from a worker. After a `result` or a `failure` it ends. */
export type FromWorker =
  | { readonly kind: "event"; readonly event: Numbered<ExecutionEvent> }
  | { readonly kind: "result"; readonly result: RunResult }
  | { readonly kind: "failure"; readonly failure: ExecutionFailure };

/** Schema of `FromWorker`. */
export const fromWorkerSchema: z.ZodType<FromWorker> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("event"), event: executionEventSchema }),
  z.object({ kind: z.literal("result"), result: runResultSchema }),
  z.object({ kind: z.literal("failure"), failure: executionFailureSchema }),
]);

/** Where a worker listens, in `worker.json` of its folder. */
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
  /** Every event but `phase`, as lines of `FromWorker`. */
  readonly events: string;
  /** How it ended: one line of `FromWorker`. */
  readonly end: string;
  /** What the worker's process wrote to standard error. */
  readonly log: string;
  /** Held by a living worker. */
  readonly lock: string;
}

/** The folder of a run's execution. */
export function executionFolder(run: string): ExecutionFolder {
  const path = join(run, "execution");
  const file = (name: string): string => join(path, name);
  return {
    ...{ path, spec: file("spec.json"), address: file("worker.json"), events: file("events.jsonl") },
    ...{ end: file("end.json"), log: file("worker.log"), lock: file("lock") },
  };
}

/** A new address for a socket, in a folder that only this user may enter: paths of sockets must be short. */
export function socketAddress(isWindows: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-"));
  return isWindows ? `\\\\.\\pipe\\${folder.replaceAll(/[^a-z0-9-]/gi, "-")}` : join(folder, "worker.sock");
}

/** Longest line that is accepted, in characters: a result with all its answers. */
const maxLineChars = 512 * 1024 * 1024;

/** Sends a message. Returns `false` if the socket's buffer is full. */
export function sendMessage(socket: Socket, message: ToWorker | FromWorker): boolean {
  return socket.writable && socket.write(`${messageLine(message)}\n`);
}

/**
 * Calls `onMessage` with each message of a socket. A line that does not fit the schema, or is too long, closes the
 * socket.
 */
export function readMessages<Message>(
  socket: Socket,
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

/** A message from its line, or `null` if it does not fit the schema. */
export function parseMessage<Message>(line: string, schema: z.ZodType<Message>): Message | null {
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
