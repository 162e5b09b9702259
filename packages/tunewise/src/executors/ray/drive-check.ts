/** @file Checks rows on a Ray cluster. A Python program there drives the check; this machine only receives results. */
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { readTextFile } from "@tunewise/core/untrusted";
import { z } from "zod";
import { packageFile } from "../../catalog/index.ts";
import { type ProblemArguments, type ProblemCode, problem, problemKind } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { parseMessage } from "../process/protocol.ts";
import { rayMachine } from "./machine.ts";

const maxProgramBytes = 1 << 20;
/** Heartbeat interval to the driver, which ends with its tasks after two minutes without one. */
const signOfLifeMs = 15_000;

const messageSchema: z.ZodType<DriverMessage> = z.union([
  z.strictObject({ step: z.string(), tasks: z.number(), done: z.number() }),
  z.strictObject({ result: z.unknown(), folder: z.string() }),
  z.strictObject({ rows: z.array(z.unknown()) }),
  z.strictObject({
    problem: z.strictObject({
      code: z.string(),
      params: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  }),
]);

/** Messages of the driver: progress of a step, the result, rows of findings, or the problem that ended the check. */
export type DriverMessage =
  | { readonly step: string; readonly tasks: number; readonly done: number }
  | { readonly result: unknown; readonly folder: string }
  | { readonly rows: readonly unknown[] }
  | { readonly problem: { readonly code: string; readonly params: ProblemArguments } };

/** Inputs of a check. */
export interface DrivenCheck {
  readonly address: string;
  /** Folder shared by all nodes. */
  readonly storage: string;
  /** Input of the driver. */
  readonly job: object;
  /** The Node program that executes the tasks. */
  readonly program: Uint8Array;
  /** Code of the findings whose rows are returned too: `*` for all, `null` for none. */
  readonly show: string | null;
  /** Heap limit of a task. */
  readonly megabytes: number;
}

/**
 * Starts a check and yields its driver's messages until it ends. Returning early also ends the tasks. The next check of
 * the same files reuses the tasks that completed.
 *
 * @throws {TunewiseError} `CHECK_BLOCK_FAILED`, `RAY_UNREACHABLE`, `RAY_DENIED`, `RAY_AGENT_FAILED`, and the problems
 *   of the tasks
 */
export async function* driveCheck(
  check: DrivenCheck,
  runtime: Runtime,
): AsyncGenerator<Exclude<DriverMessage, { problem: unknown }>, void, void> {
  const { address, storage, program, ...request } = check;
  const name = `check-${createHash("sha256")
    .update(JSON.stringify([request.job, storage]))
    .digest("hex")
    .slice(0, 16)}`;
  const machine = await rayMachine(address, name, storage, runtime);
  const process = machine.begin("");
  const stop = (): void => process.kill();
  runtime.signal.addEventListener("abort", stop);
  const driver = Buffer.from(
    await readTextFile(packageFile("worker/tunewise_worker/ray_check.py"), maxProgramBytes),
  );
  const node = runtime.environment["TUNEWISE_REMOTE_NODE"] ?? "node";
  const told = JSON.stringify({ ...request, node, bytes: program.byteLength });
  process.stdin.write(Buffer.concat([Buffer.from(`${driver.length}\n`), driver, Buffer.from(`${told}\n`)]));
  process.stdin.write(program);
  const living = setInterval(() => process.stdin.write("\n"), signOfLifeMs);
  let isOver = false;
  try {
    for await (const line of createInterface({ input: process.stdout })) {
      const message = parseMessage(line, messageSchema);
      if (message === null) continue;
      if ("problem" in message) throw problemOf(message.problem, address);
      isOver ||= "result" in message;
      yield message;
    }
    const { code, stderr } = await process.ended;
    runtime.signal.throwIfAborted();
    machine.requireReached(code, stderr);
    if (!isOver || code !== 0) {
      const reason = stderr.trim().slice(-1500) || `it exited with code ${code}`;
      throw problem("CHECK_BLOCK_FAILED", { address, task: "the driver", reason });
    }
  } finally {
    clearInterval(living);
    runtime.signal.removeEventListener("abort", stop);
    process.kill();
  }
}

/** Converts a problem reported by the driver; an unknown code, such as one of another version, is quoted. */
function problemOf({ code, params }: { code: string; params: ProblemArguments }, address: string): Error {
  if (problemKind(code) !== undefined) return problem(code as ProblemCode, { address, ...params });
  return problem("CHECK_BLOCK_FAILED", { address, task: "a task", reason: code });
}
