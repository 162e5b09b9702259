/** @file Traces memory and work of training steps in the worker's Python, without weights and without a card. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTextFile } from "@tunewise/core/untrusted";
import { writeWholeFile } from "@tunewise/tracker";
import { z } from "zod";
import { packageFile } from "../../catalog/index.ts";
import { type TracedStep, type TraceRequest, traceKey } from "../../plan/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { workerPython } from "./python.ts";

/** Inputs of tracing steps of one model. */
export interface TraceNeeds {
  /** The model's `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly requests: readonly TraceRequest[];
  /** Time limit of tracing; answers received until then count. */
  readonly seconds: number;
  /** Called before the worker starts, with the number of steps that are not cached. */
  readonly onStart: (count: number) => void;
}

const maxAnswerBytes = 1 << 22;
const count = z.number().min(0).max(1e18);
const name = z.string().max(100);

const moment = z.object({ peakBytes: count, terms: z.record(name, count) });
const work = z.object({ calls: count, flops: z.number().min(0), bytes: count });
/** An answer: a traced step, or the reason for none. */
const answerSchema = z.union([
  z.object({ problem: z.object({ code: name, params: z.record(name, z.unknown()) }) }),
  z
    .object({
      peakAllocatedBytes: count,
      peakReservedBytes: count,
      batchesOfStep: z.int().min(1).max(2),
      moments: z.record(name, moment),
      shapes: z.array(z.object({ lengths: z.array(count).max(1e4), work: z.record(name, work) })).max(64),
    })
    .transform(
      ({ moments, ...rest }): TracedStep => ({
        ...rest,
        moments: Object.entries(moments).map(([name, { peakBytes, terms }]) => ({
          name,
          peakBytes,
          terms: Object.entries(terms).map(([name, bytes]) => ({ name, bytes })),
        })),
      }),
    ),
]);

type Answer = z.infer<typeof answerSchema>;

/**
 * Traces each step once: answers are cached by everything that determines them.
 *
 * @returns answers by the key of their request, without steps that the worker could not trace in time or at all
 * @throws {TunewiseError} `WORKER_NOT_INSTALLED`
 */
export async function traceSteps(needs: TraceNeeds, runtime: Runtime): Promise<Map<string, TracedStep>> {
  const python = await workerPython(runtime);
  const program = [python, await hashOfProgram()];
  const files = needs.requests.map((request) => {
    const asked = JSON.stringify({ ...request, model: { config: needs.config, dtype: request.dtype } });
    const hash = createHash("sha256")
      .update(JSON.stringify([program, asked]))
      .digest("hex");
    return { request, asked, file: join(runtime.sources.cacheFolder, "traces", `${hash}.json`) };
  });
  const answers = new Map<string, Answer>();
  for (const { asked, file } of files) {
    const answer = answerOf(await readTextFile(file, maxAnswerBytes).catch(() => ""));
    if (answer !== null) answers.set(asked, answer);
  }
  const missing = files.filter(({ asked }) => !answers.has(asked));
  if (missing.length > 0) {
    needs.onStart(missing.length);
    await mkdir(join(runtime.sources.cacheFolder, "traces"), { recursive: true });
    const lines = await ask(
      python,
      missing.map(({ asked }) => asked),
      needs.seconds,
      runtime,
    );
    for (const [at, { asked, file }] of missing.entries()) {
      const line = lines[at] ?? "";
      const answer = answerOf(line);
      if (answer === null) continue;
      answers.set(asked, answer);
      await writeWholeFile(file, line);
    }
  }
  return new Map(
    files.flatMap(({ request, asked }): [string, TracedStep][] => {
      const answer = answers.get(asked);
      return answer === undefined || "problem" in answer ? [] : [[traceKey(request), answer]];
    }),
  );
}

/** Starts the worker's program once for all requests. Returns its answers in order, possibly not all. */
async function ask(
  python: string,
  asked: readonly string[],
  seconds: number,
  { environment, signal }: Pick<Runtime, "environment" | "signal">,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-trace-"));
  try {
    const paths = asked.map((_, at) => join(folder, `${at}.json`));
    await Promise.all(asked.map((text, at) => writeFile(paths[at] ?? "", text)));
    const output = await new Promise<string>((resolve) => {
      const options = {
        cwd: folder,
        signal,
        timeout: Math.ceil(1000 * seconds),
        killSignal: "SIGKILL" as const,
        maxBuffer: asked.length * maxAnswerBytes,
        env: {
          ...environment,
          PYTHONPATH: packageFile("worker"),
          PYTHONDONTWRITEBYTECODE: "1",
          HF_HUB_OFFLINE: "1",
          CUDA_VISIBLE_DEVICES: "", // tracing must not touch a card that may be in use
        },
      };
      // answers written before a failure or the time limit are valid
      execFile(python, ["-m", "tunewise_worker.trace", ...paths], options, (_, stdout) => resolve(stdout));
    });
    signal.throwIfAborted();
    return output.split("\n").slice(0, -1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** SHA-256 of the worker's program, since another version may answer differently. */
async function hashOfProgram(): Promise<string> {
  const root = join(packageFile("worker"), "tunewise_worker");
  const hash = createHash("sha256");
  const names = (await readdir(root, { recursive: true })).filter((one) => one.endsWith(".py"));
  for (const one of names.toSorted())
    hash.update(one).update(await readTextFile(join(root, one), maxAnswerBytes));
  return hash.digest("hex");
}

/** Parses an answer; `null` if it is missing or invalid. */
function answerOf(text: string): Answer | null {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
