/**
 * @file Runs processes on a Ray cluster over the single port of its dashboard. An agent, which is a Ray job, starts
 * them. Their input travels as packages of the Jobs API, and their output as lines of the agent's log.
 */

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { PassThrough, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { shellWord, writeZip } from "@tunewise/core/format";
import { readTextFile } from "@tunewise/core/untrusted";
import { packageFile } from "../../catalog/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import { failedExitCode, type RemoteProcess } from "../remote/machine.ts";
import type { Dashboard, RayJob } from "./dashboard.ts";

/** Maximum bytes of frames sent as one package. @source Ray 2.60: at most 100 MiB a request */
const maxPackageBytes = 8 << 20;
/** Maximum characters of a line of the agent. */
const maxLineCharacters = 1 << 20;
/** Maximum time for a job to start. */
const startMs = 900_000;
/** Interval of checks that the agent is alive, and how long a check remains valid. */
const askEveryMs = 3_000;
/** Pauses before an unanswered request is retried: 13 seconds in all. */
const pausesMs = [200, 400, 800, 1600, 3200, 6400];
const maxProgramBytes = 1 << 20;
const ended: ReadonlySet<string> = new Set(["STOPPED", "SUCCEEDED", "FAILED"]);

/** Settings that a run's agent is started with. */
export interface AgentNeeds {
  readonly run: string;
  /** Python of the cluster's nodes. */
  readonly python: string;
  /** Folder shared by all nodes; if empty, the cache folder of the agent's node. */
  readonly storage: string;
  /** Random text of letters and digits. */
  readonly session: string;
  /** Monotonic clock. */
  readonly elapsedSeconds: () => number;
}

interface OpenProcess {
  /** Whether an agent may know of it. */
  isSent: boolean;
  readonly stdout: PassThrough;
  readonly end: (code: number, stderr: string) => void;
}

/** A message about a process, to be sent to the agent. */
interface Frame {
  readonly process: number;
  readonly bytes: Buffer;
  readonly sent: () => void;
}

/** The processes of one run. @throws {TunewiseError} `RAY_AGENT_FAILED` and errors of `Dashboard`, as `failure` */
export class RayChannel {
  readonly #dashboard: Dashboard;
  readonly #needs: AgentNeeds;
  readonly #open = new Map<number, OpenProcess>();
  /** The latest error that ended processes. */
  failure: Error | null = null;
  #count = 0;
  /** Frames to be sent, with their callbacks. */
  #waiting: Frame[] = [];
  #isSending = false;
  /** Identifies the packages sent to one agent and its output lines, which are numbered from 1. */
  #session = "";
  #sessions = 0;
  #packages = 0;
  /** Number of the last line read in this session. */
  #lines = 0;
  #agent: Promise<RayJob & { readonly submission_id: string }> | null = null;
  /** Id of the agent's job; empty once the agent is lost, so that the loss is handled once. */
  #job = "";
  #checked = 0;
  #isAsking = false;
  #following: { destroy(): void } | null = null;
  /** Aborted when the channel is closed. */
  readonly #closing = new AbortController();

  constructor(dashboard: Dashboard, needs: AgentNeeds) {
    this.#dashboard = dashboard;
    this.#needs = needs;
  }

  /** Starts a Python program on the cluster. */
  begin(program: string): RemoteProcess {
    const number = ++this.#count;
    const stdout = new PassThrough();
    let settle: (how: { code: number; stderr: string }) => void = () => undefined;
    const over = new Promise<{ code: number; stderr: string }>((resolve) => {
      settle = resolve;
    });
    const end = (code: number, stderr: string): void => {
      if (!this.#open.delete(number)) return;
      stdin.destroy();
      stdout.end();
      settle({ code, stderr });
      this.#rest();
    };
    const stdin = new Writable({
      highWaterMark: maxPackageBytes,
      write: (part: Buffer, _, done) => this.#send({ process: number, kind: "data" }, part, () => done()),
      final: (done) => this.#send({ process: number, kind: "end" }, Buffer.alloc(0), () => done()),
    });
    stdin.on("error", () => undefined); // the process has ended, which its exit code reports
    this.#open.set(number, { isSent: false, stdout, end });
    this.#send({ process: number, kind: "begin", program });
    return {
      stdin,
      stdout,
      ended: over,
      kill: () => {
        if (this.#open.get(number)?.isSent) this.#send({ process: number, kind: "kill" });
        else this.#waiting = this.#waiting.filter(({ process }) => process !== number);
        end(143, "");
      },
    };
  }

  /** Ends all processes and pending requests on this side. The agent ends by itself once it hears nothing. */
  close(): void {
    this.#closing.abort();
    this.#fail(
      problem("RAY_UNREACHABLE", {
        address: this.#dashboard.address,
        reason: "the connection was closed",
      }),
    );
  }

  #send(
    header: { readonly process: number; readonly kind: string; readonly program?: string },
    data: Buffer = Buffer.alloc(0),
    sent: () => void = () => undefined,
  ): void {
    const text = Buffer.from(JSON.stringify({ ...header, bytes: data.length }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    this.#waiting.push({ process: header.process, bytes: Buffer.concat([length, text, data]), sent });
    if (!this.#isSending) void this.#sendAll();
  }

  /** Sends the waiting frames, several per package. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    try {
      while (this.#waiting.length > 0) {
        await this.#requireAgent();
        if (this.#waiting.length === 0) break; // a kill has removed them meanwhile
        const taken = this.#takeWaiting();
        const name = `_ray_pkg_tunewise-${this.#needs.run}.${this.#session}.${++this.#packages}.zip`;
        const content = Buffer.concat(taken.map(({ bytes }) => bytes));
        await this.#persistently(() => this.#dashboard.upload(name, content));
        for (const { sent } of taken) sent();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isSending = false;
    }
  }

  /** Takes the frames for one package, at least one. */
  #takeWaiting(): Frame[] {
    let size = 0;
    let count = 0;
    for (const { process, bytes } of this.#waiting) {
      size += bytes.length;
      if (count > 0 && size > maxPackageBytes) break;
      count++;
      const open = this.#open.get(process);
      if (open) open.isSent = true;
    }
    return this.#waiting.splice(0, count);
  }

  /** Ensures that an agent is running and that its log is followed. */
  async #requireAgent(): Promise<void> {
    const { elapsedSeconds } = this.#needs;
    const isOld = elapsedSeconds() - this.#checked > askEveryMs / 1000;
    if (this.#agent !== null && isOld) {
      const { submission_id: id } = await this.#agent;
      const job = await this.#persistently(() => this.#dashboard.job(id));
      if (job === null || ended.has(job.status)) await this.#loseAgent(id, job);
    }
    if (this.#agent === null) {
      this.#session = `${this.#needs.session}-${++this.#sessions}`;
      [this.#packages, this.#lines] = [0, 0];
    }
    this.#agent ??= this.#start();
    const agent = await this.#agent;
    this.#job = agent.submission_id;
    this.#checked = elapsedSeconds();
    if (this.#following === null) this.#follow(agent);
  }

  /** Finds the run's agent or starts one. Its name derives from the run, so a lost response never starts a second. */
  async #start(): Promise<RayJob & { readonly submission_id: string }> {
    const { run, python, storage } = this.#needs;
    for (let number = 1; ; number++) {
      const id = `tunewise-${run}-${number}`;
      const found = await this.#persistently(() => this.#dashboard.job(id));
      if (found !== null && ended.has(found.status)) continue;
      if (found === null) {
        const files = await agentFiles();
        const name = `_ray_pkg_${createHash("sha1").update(files).digest("hex")}.zip`;
        await this.#persistently(() => this.#dashboard.upload(name, files));
        const words = [python, "-u", "ray_agent.py", run, storage].map(shellWord).join(" ");
        await this.#persistently(() =>
          this.#dashboard.submit({
            entrypoint: `exec ${words}`,
            submission_id: id,
            entrypoint_num_cpus: 0,
            runtime_env: { working_dir: `gcs://${name}` },
            metadata: { tunewise_run: run },
          }),
        );
      }
      return this.#untilRunning(id);
    }
  }

  async #untilRunning(id: string): Promise<RayJob & { readonly submission_id: string }> {
    for (let waited = 0; ; waited += 250) {
      const job = await this.#persistently(() => this.#dashboard.job(id));
      if (job?.status === "RUNNING" && job.driver_node_id) return { ...job, submission_id: id };
      if (waited > startMs || (job !== null && ended.has(job.status))) throw await this.#unstarted(id, job);
      await sleep(250, undefined, { signal: this.#closing.signal });
    }
  }

  /** Creates the error for an agent that does not start, with the cluster's message. */
  async #unstarted(id: string, job: RayJob | null): Promise<TunewiseError> {
    const log = job === null ? "" : await this.#persistently(() => this.#dashboard.logOf(id));
    const reason = [job?.message ?? "", log.trim()].filter((words) => words !== "").join("\n");
    const { address } = this.#dashboard;
    return problem("RAY_AGENT_FAILED", {
      address,
      job: id,
      reason: reason.slice(-1500) || "no reason was given",
    });
  }

  /** Reads the agent's log until it is no longer needed, and reconnects if the stream breaks. */
  #follow({ submission_id: id, driver_node_id: node }: RayJob & { readonly submission_id: string }): void {
    let isOver = false;
    let stream: IncomingMessage | null = null;
    this.#following = {
      destroy: () => {
        isOver = true;
        stream?.destroy();
      },
    };
    const read = async (): Promise<void> => {
      while (!isOver) {
        try {
          stream = await this.#dashboard.follow(id, node ?? "");
          const asking = setInterval(() => void this.#requireAlive(id), askEveryMs);
          await readLines(stream, (line) => this.#take(line)).finally(() => clearInterval(asking));
        } catch (error) {
          if (!isLost(error) && !isOver && !isCut(error)) this.#fail(error);
        }
        if (!isOver) await this.#requireAlive(id);
        if (!isOver) await sleep(300);
      }
    };
    void read();
  }

  /** Checks that the agent's job is running. If its node died, the log just falls silent. */
  async #requireAlive(id: string): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const job = await this.#persistently(() => this.#dashboard.job(id));
      if (job !== null && !ended.has(job.status)) return;
      await sleep(1000); // waits for its last lines
      await this.#loseAgent(id, job);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isAsking = false;
    }
  }

  /**
   * Ends the processes of an agent that has ended; unsent frames go to the next agent. Throws if the agent failed
   * before its first line, since the next one would fail too.
   */
  async #loseAgent(id: string, job: RayJob | null): Promise<void> {
    if (this.#job !== id) return;
    this.#job = "";
    if (job?.status === "FAILED" && this.#lines === 0) throw await this.#unstarted(id, job);
    this.#agent = null;
    this.#stopFollowing();
    const { address } = this.#dashboard;
    const why = job?.message?.trim().slice(0, 300) || `job ${id} is ${job?.status ?? "unknown"}`;
    this.failure = problem("RAY_UNREACHABLE", { address, reason: `the run's agent ended: ${why}` });
    for (const [process, { isSent, end }] of [...this.#open]) {
      if (!isSent) continue;
      this.#waiting = this.#waiting.filter((frame) => frame.process !== process);
      end(failedExitCode, this.failure.message);
    }
  }

  #take(line: string): void {
    const [, session, number, process, kind, encoded] =
      /^#tunewise ([a-z0-9-]+) (\d+) (\d+) (data|ended) ([A-Za-z0-9+/=]*) \.$/.exec(line) ?? [];
    if (session !== this.#session || Number(number) <= this.#lines) return;
    this.#lines = Number(number);
    const open = this.#open.get(Number(process));
    const data = Buffer.from(encoded ?? "", "base64");
    if (kind === "data") open?.stdout.write(data);
    else {
      const { code, stderr } = JSON.parse(data.toString("utf8")) as { code: number; stderr: string };
      open?.end(code, stderr);
    }
  }

  /** Ends all open processes with an error. */
  #fail(error: unknown): void {
    this.#agent = null;
    this.#waiting = [];
    const { address } = this.#dashboard;
    this.failure = TunewiseError.is(error)
      ? error
      : problem("RAY_UNREACHABLE", { address, reason: String(error) });
    for (const { end } of [...this.#open.values()]) end(failedExitCode, this.failure.message);
    this.#stopFollowing();
  }

  /** Retries a request that was not answered. */
  async #persistently<Result>(work: () => Promise<Result>): Promise<Result> {
    const { signal } = this.#closing;
    for (let attempt = 0; ; attempt++) {
      const pause = pausesMs[attempt];
      try {
        return await work();
      } catch (error) {
        if (!isLost(error) || pause === undefined || signal.aborted) throw error;
      }
      await sleep(pause, undefined, { signal });
    }
  }

  /** Closes the log stream if no process is open for a while, so that this program can exit. */
  #rest(): void {
    if (this.#open.size > 0) return;
    setTimeout(() => {
      if (this.#open.size === 0 && !this.#isSending) this.#stopFollowing();
    }, 500).unref();
  }

  #stopFollowing(): void {
    this.#following?.destroy();
    this.#following = null;
  }
}

/** Reads a stream line by line; drops lines that are too long. */
async function readLines(stream: AsyncIterable<Buffer>, take: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const part of stream) {
    const lines = (rest + part.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > maxLineCharacters) rest = "";
    for (const line of lines) take(line);
  }
}

/** Archive with the agent's programs, which becomes the working folder of its job. */
async function agentFiles(): Promise<Buffer> {
  const files = new Map<string, Buffer>();
  for (const name of ["ray_agent.py", "box.py"])
    files.set(
      name,
      Buffer.from(await readTextFile(packageFile(`worker/tunewise_worker/${name}`), maxProgramBytes)),
    );
  return writeZip(files);
}

function isLost(error: unknown): boolean {
  return TunewiseError.is(error) && error.code === "RAY_UNREACHABLE";
}

/** Whether a stream broke off or its reader closed it. */
function isCut(error: unknown): boolean {
  return !TunewiseError.is(error);
}
