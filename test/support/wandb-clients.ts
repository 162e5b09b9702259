/** @file For tests: a server for W&B's clients, and programs that use them and tell what they saw. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { openTrackingContext, type TrackingContext } from "../../packages/tunewise/src/app/tracking/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/runtime.ts";
import { serveTracking, wandbProtocol } from "../../packages/tunewise/src/server/index.ts";
import { temporaryFolder } from "./track-disk.ts";

/** What a program saw, from a line of its own. */
export type Saw = Readonly<Record<string, unknown>>;

/** A server at work, its store, and the environment that leads clients to it. */
export interface Place {
  readonly context: TrackingContext;
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
}

/** Serves W&B's protocol until the test ends; nothing may have failed then. */
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

/** How a program ended, and what it said it saw. */
export interface Ended {
  readonly exitCode: number | null;
  readonly saw: readonly Saw[];
  readonly output: string;
}

/** Runs a program to its end; `onSaw` hears of each line that tells what it saw. */
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
