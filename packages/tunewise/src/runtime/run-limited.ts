/**
 * @file Runs a third-party program to completion within limits of time, memory and output. Its environment holds no
 * secrets, no shell interprets its arguments, and it has no network if this machine can withhold it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { access, constants as modes, stat } from "node:fs/promises";
import { constants } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import type { Runtime } from "./runtime.ts";

/** Limits of a program. */
export interface ProgramLimits {
  readonly seconds: number;
  /** Resident memory of the program and its children, in MiB; enforced where the system lists processes. */
  readonly megabytes: number;
  /** Size limit of its output, and of the file that it writes. */
  readonly bytes: number;
}

/** A program with its arguments and limits. */
export interface LimitedProgram {
  /** The program, then its arguments. */
  readonly words: readonly string[];
  readonly cwd: string;
  /** Folder for its temporary files; removed with its contents if this process dies first. */
  readonly temporaryFolder: string;
  /** The file that it writes its result to, if any. */
  readonly outputFile: string | null;
  readonly limits: ProgramLimits;
}

/** How a program ended. */
export type ProgramEnd =
  | { readonly kind: "end"; readonly code: number; readonly output: string; readonly lastError: string }
  | { readonly kind: "missing" }
  | { readonly kind: "time" | "memory" | "output"; readonly lastError: string }
  | { readonly kind: "signal"; readonly signal: string; readonly lastError: string };

/** The part of the runtime environment that running a program needs. */
export type ProgramWorld = Pick<Runtime, "environment" | "processes" | "signal" | "sources" | "versions">;

/**
 * Runs the program.
 *
 * @throws the reason of `signal` if the user interrupts
 */
export async function runLimited(
  { words: [program = "", ...words], ...limited }: LimitedProgram,
  world: ProgramWorld,
): Promise<ProgramEnd> {
  world.signal.throwIfAborted();
  const path = await findProgram(program, limited.cwd, world.environment);
  if (path === null) return { kind: "missing" };
  const ending = world.versions["platform"]?.startsWith("win")
    ? []
    : ["sh", "-c", endsWithInput, limited.temporaryFolder];
  const cutter = (await networkCutter(world)) ?? [];
  const [first = path, ...rest] = [...ending, ...cutter, path, ...words];
  const child = spawn(first, rest, {
    cwd: limited.cwd,
    env: programEnvironment(world.environment, limited.temporaryFolder),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true, // a process group of its own, so that its children end with it
    windowsHide: true,
  });
  return attend(child, limited, world);
}

/**
 * Shell script that ends the program and its children when standard input closes, which happens however this process
 * ends; it then removes the folder `$0`. The arguments are passed as `"$@"`, so the shell does not interpret them.
 */
const endsWithInput =
  'exec 3<&0; (trap "" TERM; read -r _ <&3; kill -TERM 0; sleep 1; rm -rf "$0"; kill -KILL 0) >/dev/null 2>&1 & ' +
  'q=$!; "$@" </dev/null 3<&-; c=$?; kill -HUP "$q" 2>/dev/null; exit "$c"';

/** Variables that programs need to start or to find their files. None of them holds a secret. */
const kept =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|XDG_\w+_(HOME|DIRS?)|VIRTUAL_ENV|PYTHON(PATH|HOME)|JAVA_HOME|NODE_PATH|GO(PATH|ROOT|CACHE|MODCACHE)|SYSTEMROOT|WINDIR|PATHEXT|COMSPEC|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAMDATA|PROGRAMFILES)$/i;

/** The reduced environment of a program: the variables it needs to start, and settings that disable telemetry. */
export function programEnvironment(
  environment: Runtime["environment"],
  temporaryFolder: string,
): Record<string, string> {
  const reduced: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && kept.test(name)) reduced[name] = value;
  }
  for (const name of ["TMPDIR", "TEMP", "TMP"]) reduced[name] = temporaryFolder;
  return {
    ...reduced,
    NO_COLOR: "1",
    DO_NOT_TRACK: "1",
    PYTHONUTF8: "1",
    SEMGREP_SEND_METRICS: "off",
    SEMGREP_ENABLE_VERSION_CHECK: "0",
  };
}

/** Finds a program's file as a shell does; a name with a slash is resolved against `folder`. */
export async function findProgram(
  name: string,
  folder: string,
  environment: Runtime["environment"],
): Promise<string | null> {
  if (name === "") return null;
  const endings = ["", ...(environment["PATHEXT"] ?? "").split(";").filter(Boolean)];
  const isPath = isAbsolute(name) || /[/\\]/.test(name);
  const folders = isPath ? [folder] : (environment["PATH"] ?? environment["Path"] ?? "").split(delimiter);
  for (const one of folders.filter(Boolean)) {
    for (const ending of endings) {
      const path = isPath ? resolve(one, name + ending) : join(one, name + ending);
      if (await isProgram(path)) return path;
    }
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, modes.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/**
 * Returns the command prefix that starts a program without network: Linux namespaces for user and network. Returns
 * `null` if this machine does not permit them.
 *
 * @source unshare(1): --map-root-user, --net
 */
export async function networkCutter({
  versions,
  sources,
}: Pick<Runtime, "versions" | "sources">): Promise<readonly string[] | null> {
  if (sources.execute === null || !versions["platform"]?.startsWith("linux")) return null;
  const cutter = ["unshare", "--map-root-user", "--net", "--"] as const;
  const { code } = await sources.execute(cutter[0], [...cutter.slice(1), "true"], secondsToCut);
  return code === 0 ? cutter : null;
}
const secondsToCut = 20;

/** Maximum characters of standard error that are retained, from its end. */
const errorChars = 4_000;
const watchMs = 1_000;
/** Wait after the program's exit for its output to close, since a child left behind may hold it open. */
const closeMs = 2_000;

function attend(
  child: ChildProcess,
  { limits, outputFile }: Pick<LimitedProgram, "limits" | "outputFile">,
  { processes, signal, sources }: ProgramWorld,
): Promise<ProgramEnd> {
  const chunks: Buffer[] = [];
  let [size, error, stopped]: [number, string, "time" | "memory" | "output" | null] = [0, "", null];
  const { pid } = child;
  const end = (): void => {
    if (pid !== undefined) processes.endGroup(pid);
  };
  const stop = (why: "time" | "memory" | "output"): void => {
    stopped ??= why;
    end();
  };
  child.stdin?.on("error", () => undefined); // the program has exited
  child.stdout?.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > limits.bytes) stop("output");
    else chunks.push(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    error = `${error}${chunk.toString("utf8")}`.slice(-errorChars);
  });
  signal.addEventListener("abort", end);
  const clock = setTimeout(() => stop("time"), 1_000 * limits.seconds);
  const watch = setInterval(async () => {
    if (outputFile !== null && (await sizeOf(outputFile)) > limits.bytes) stop("output");
    if (pid !== undefined && (await groupMegabytes(pid, sources)) > limits.megabytes) stop("memory");
  }, watchMs);
  let late: NodeJS.Timeout | undefined;
  return new Promise<ProgramEnd>((settle, reject) => {
    child.on("error", () => settle({ kind: "missing" }));
    child.on("exit", () => {
      late = setTimeout(end, closeMs);
    });
    child.on("close", (code, by) => {
      const lastError = lastLine(error);
      if (signal.aborted) reject(signal.reason);
      else if (stopped !== null) settle({ kind: stopped, lastError });
      else settle(endOf(code, by, Buffer.concat(chunks).toString("utf8"), lastError));
    });
  }).finally(() => {
    for (const timer of [clock, watch, late]) clearTimeout(timer);
    signal.removeEventListener("abort", end);
  });
}

/** Behind a shell, a program that a signal ended has an exit code above 128. */
function endOf(code: number | null, by: string | null, output: string, lastError: string): ProgramEnd {
  const named = Object.entries(constants.signals).find(([, number]) => number === (code ?? 0) - 128)?.[0];
  if (code !== null && named === undefined) return { kind: "end", code, output, lastError };
  return { kind: "signal", signal: by ?? named ?? "a signal", lastError };
}

function lastLine(text: string): string {
  return (
    text
      .trimEnd()
      .split(/[\r\n]/)
      .at(-1)
      ?.trim()
      .slice(0, 300) ?? ""
  );
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Resident memory of a process group in MiB; 0 if unknown. */
async function groupMegabytes(group: number, sources: Runtime["sources"]): Promise<number> {
  const listed = await sources.execute?.("ps", ["-A", "-o", "pgid=,rss="], 10);
  const { code, output } = listed ?? { code: 1, output: "" };
  if (code !== 0) return 0;
  const kilobytes = output.split("\n").reduce((sum, line) => {
    const [id, rss] = line.trim().split(/\s+/).map(Number);
    return id === group ? sum + (rss ?? 0) : sum;
  }, 0);
  return kilobytes / 1024;
}
