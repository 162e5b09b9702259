/** @file For tests: a server for W&B's clients, and programs that use the clients and report what they read. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { openTrackingContext, type TrackingContext } from "@tunewise/tracker";
import { serveTracking, wandbProtocol } from "@tunewise/tracker/server";
import { expect, onTestFinished } from "vitest";
import { createRuntime } from "../../packages/tunewise/src/runtime/runtime.ts";
import { temporaryFolder } from "./track-disk.ts";

/** A JSON line that a program printed. */
export type Saw = Readonly<Record<string, unknown>>;

/** A running server, its store, and the environment that directs clients to it. */
export interface Place {
  readonly context: TrackingContext;
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
}

/** Serves W&B's protocol until the test ends; the test fails if the server had errors. */
export async function place(): Promise<Place> {
  const folder = await temporaryFolder();
  const runtime = createRuntime(folder, new AbortController().signal, "0.0.0");
  const context = await openTrackingContext(
    { store: join(folder, "tunewise.db"), artifacts: join(folder, "artifacts") },
    runtime,
  );
  const failures: unknown[] = [];
  const server = await serveTracking({
    host: "127.0.0.1",
    port: 0,
    protocols: [wandbProtocol(context)],
    identify: null,
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(async () => {
    await server.close(1);
    await context.close();
    expect(failures).toEqual([]);
  });
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    WANDB_BASE_URL: server.url,
    WANDB_API_KEY: "a".repeat(40),
    WANDB_ERROR_REPORTING: "false",
    WANDB_DIR: folder,
    WANDB_CACHE_DIR: join(folder, "cache"),
    WANDB_CONFIG_DIR: join(folder, "config"),
    WANDB_DATA_DIR: join(folder, "data"),
  };
  return { context, env, folder };
}

/** Exit code and output of a program. */
export interface Ended {
  readonly exitCode: number | null;
  readonly saw: readonly Saw[];
  readonly output: string;
}

/** Runs a program to its end; calls `onSaw` for each line that it reports. */
export async function runProgram(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onSaw: (saw: Saw) => void = () => {},
): Promise<Ended> {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"], cwd: env["HOME"] });
  const saw: Saw[] = [];
  let output = "";
  let line = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
    const lines = (line + chunk).split("\n");
    line = lines.pop() ?? "";
    for (const found of lines.filter((candidate) => candidate.startsWith("SAW "))) {
      const fact = JSON.parse(found.slice(4)) as Saw;
      saw.push(fact);
      onSaw(fact);
    }
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const exitCode = await new Promise<number | null>((ended) => child.on("close", ended));
  return { exitCode, saw, output };
}
