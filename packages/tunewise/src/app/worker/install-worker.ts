/** @file `tunewise worker install`: makes the Python environment of the worker on PyTorch in the cache. */
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bytes, bytesText } from "@tunewise/core/quantity";
import { readTextFile } from "@tunewise/core/untrusted";
import { takeLock, writeWholeFile } from "@tunewise/tracker";
import {
  type Cards,
  findCards,
  installationFile,
  pythonOf,
  workerEnvironment,
  workerLock,
} from "../../executors/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { findInstaller, findPython, type Installer, type Python } from "./find-python.ts";
import { lookUpWheels, type Wheels } from "./look-up-wheels.ts";
import { runProgram } from "./run-program.ts";

/** Builds of PyTorch. `default` is what the package index offers for this system. */
export type TorchBuild = "cpu" | "cuda" | "default";

/** What an installation will do. */
export interface InstallationPlan {
  readonly environment: string;
  readonly python: Python;
  readonly installer: Installer;
  readonly build: TorchBuild;
  /** Index of the build's packages beside the usual one; `null` for the usual one alone. */
  readonly torchIndex: string | null;
  /** Index with the build that fits, if it does not answer: the usual index's build is taken in its place. */
  readonly silentIndex: string | null;
  /** What the package indexes say about the packages; `null` if they could not be asked. */
  readonly wheels: Wheels | null;
  /** Free disk space that it needs. */
  readonly neededBytes: number;
  readonly cards: Cards;
  readonly isInstalled: boolean;
}

/** Options of an installation. */
export interface InstallOptions {
  /** A Python to base the environment on. */
  readonly python?: string;
  /** Address of the index with another build of PyTorch. */
  readonly torchIndex?: string;
  /** Whether to make an existing environment again. */
  readonly fresh?: boolean;
  /** File of the pinned packages. */
  readonly lock?: string;
  /** Module whose import shows that the environment works. */
  readonly probe?: string;
}

/** An environment that works. */
export interface InstalledWorker {
  readonly environment: string;
  readonly python: string;
  readonly torch: string | null;
}

/** Disk space of an environment with its downloads. @source measured on Linux x64, 28 November 2026 */
const neededBytes: Readonly<Record<TorchBuild, number>> = { cpu: 2.5e9, cuda: 9e9, default: 9e9 };

const maxInstallationBytes = 1 << 16;
/** How long a Python may take to say which packages it has. */
const versionSeconds = 30;

/** Packages that only PyTorch's build for CUDA needs; another build names its own. */
const cudaOnly = /^(nvidia-|cuda-|triton\b)/;

/** @source https://pytorch.org/get-started/locally/, the build without CUDA, 28 November 2026 */
const cpuIndex = "https://download.pytorch.org/whl/cpu";
/** Oldest major version of the driver that runs CUDA 13. @source NVIDIA CUDA 13.0 release notes, table 3 */
const oldestDriver = 580;

/**
 * Plans an installation: which Python, which build of PyTorch, how much space.
 *
 * @throws {TunewiseError} `WORKER_PYTHON_UNFIT`, `WORKER_DRIVER_UNFIT`, `WORKER_DISK_FULL`
 */
export async function planInstallation(
  runtime: Runtime,
  options: InstallOptions = {},
): Promise<InstallationPlan> {
  const environment = await workerEnvironment(runtime, options.lock);
  const isInstalled = options.fresh !== true && (await readInstallation(environment)) !== null;
  const cards = await findCards(runtime);
  const isLinux = (runtime.versions["platform"] ?? "").startsWith("linux");
  const build: TorchBuild =
    cards.kind === "none" && isLinux ? "cpu" : cards.kind === "cuda" ? "cuda" : "default";
  const wanted = options.torchIndex ?? (build === "cpu" ? cpuIndex : null);
  if (cards.kind === "cuda" && options.torchIndex === undefined) checkDriver(cards.driver);
  const python = await findPython(runtime, options.python);
  const lock = options.lock ?? workerLock();
  const wheels = isInstalled ? null : await lookUpWheels(python, lock, wanted, runtime);
  // pip goes on without an index that does not answer, and takes what the usual one has
  const isSilent = wanted !== null && wheels?.isTorchIndexReachable === false;
  const plan = {
    ...{ environment, python, cards, isInstalled, wheels },
    build: isSilent ? "default" : build,
    torchIndex: isSilent ? null : wanted,
    silentIndex: isSilent ? wanted : null,
  } as const;
  const needed = options.lock === undefined ? neededBytes[plan.build] : 0;
  if (!isInstalled) await demandSpace(environment, needed, runtime);
  return { ...plan, installer: await findInstaller(runtime), neededBytes: needed };
}

/**
 * Makes the environment, unless it is there. An installation that was interrupted is made again.
 *
 * @param onLine called with each line that the installer prints
 * @throws {TunewiseError} `WORKER_INSTALL_FAILED`, `RUN_LOCKED` if another process installs it
 */
export async function installWorker(
  plan: InstallationPlan,
  runtime: Runtime,
  onLine: (line: string) => void,
  { lock = workerLock(), probe = "torch, transformers, peft, safetensors" }: InstallOptions = {},
): Promise<InstalledWorker> {
  const { environment } = plan;
  const known = await readInstallation(environment);
  if (plan.isInstalled && known) return known;
  await mkdir(dirname(environment), { recursive: true });
  const held = await takeLock(
    `${environment}.lock`,
    runtime.processes,
    runtime.now(),
    `install-${runtime.random()}`,
  );
  try {
    await rm(environment, { recursive: true, force: true });
    const run = (command: readonly string[]): Promise<string> =>
      runProgram(command, runtime, onLine).catch((error: unknown) => {
        throw problem("WORKER_INSTALL_FAILED", {
          ...{ environment, step: command.slice(0, 4).join(" ") },
          reason: error instanceof Error ? error.message : String(error),
        });
      });
    const requirements = join(dirname(environment), `${plan.build}-requirements.txt`);
    await writeWholeFile(requirements, await requirementsOf(lock, plan.torchIndex !== null));
    for (const command of commandsOf(plan, requirements)) await run(command);
    const python = pythonOf(environment);
    const version = (await run([python, "-c", probeProgram(probe)])).trim().split("\n").at(-1) ?? "";
    const installed = { environment, python, torch: version === "" ? null : version };
    await writeWholeFile(installationFile(environment), `${JSON.stringify(installed)}\n`);
    return installed;
  } finally {
    await held.release();
  }
}

/** What was installed; `null` if there is no complete environment. */
export async function readInstallation(environment: string): Promise<InstalledWorker | null> {
  try {
    const { python, torch } = JSON.parse(
      await readTextFile(installationFile(environment), maxInstallationBytes),
    );
    return { environment, python: String(python), torch: torch === null ? null : String(torch) };
  } catch {
    return null;
  }
}

/** What computes on this machine beside the engine. */
export async function inspectWorker(
  runtime: Runtime,
): Promise<{ readonly cards: Cards; readonly worker: InstalledWorker | null }> {
  const cards = await findCards(runtime);
  const named = runtime.environment["TUNEWISE_PYTHON"];
  if (named !== undefined) {
    const torch = await torchVersion(named, runtime);
    return { cards, worker: { environment: named, python: named, torch } };
  }
  return { cards, worker: await readInstallation(await workerEnvironment(runtime)) };
}

/** The version of PyTorch that a Python has, without loading it; `null` if it has none. */
async function torchVersion(python: string, { sources }: Pick<Runtime, "sources">): Promise<string | null> {
  const program = "import importlib.metadata as packages; print(packages.version('torch'))";
  const found = await sources.execute?.(python, ["-c", program], versionSeconds);
  return found?.code === 0 ? found.output.trim() : null;
}

function probeProgram(modules: string): string {
  return `import ${modules}, sys\nprint(sys.modules["torch"].__version__ if "torch" in sys.modules else "")`;
}

/** The pinned packages; of another build of PyTorch without those that only the usual one needs. */
async function requirementsOf(lock: string, hasOwnIndex: boolean): Promise<string> {
  const lines = (await readTextFile(lock)).split("\n");
  return lines.filter((line) => !(hasOwnIndex && cudaOnly.test(line))).join("\n");
}

/** The commands that make an environment, in order. */
function commandsOf(
  { environment, python, installer, torchIndex }: InstallationPlan,
  requirements: string,
): string[][] {
  const extra = torchIndex === null ? [] : ["--extra-index-url", torchIndex];
  if (installer.kind === "uv") {
    const strategy = torchIndex === null ? [] : ["--index-strategy", "unsafe-best-match"];
    return [
      [installer.path, "venv", "--python", python.path, environment],
      [
        installer.path,
        "pip",
        "install",
        "--python",
        pythonOf(environment),
        "-r",
        requirements,
        ...extra,
        ...strategy,
      ],
    ];
  }
  const quick = [
    "--disable-pip-version-check",
    "--no-input",
    "--retries",
    "2",
    "--timeout",
    "20",
    "--progress-bar",
    "off",
  ];
  return [
    [python.path, "-m", "venv", environment],
    [pythonOf(environment), "-m", "pip", "install", ...quick, "-r", requirements, ...extra],
  ];
}

/** @throws {TunewiseError} `WORKER_DRIVER_UNFIT` if the driver does not run the usual build */
export function checkDriver(driver: string): void {
  const major = Number.parseInt(driver, 10);
  if (Number.isFinite(major) && major < oldestDriver)
    throw problem("WORKER_DRIVER_UNFIT", { driver, needed: oldestDriver });
}

async function demandSpace(environment: string, needed: number, runtime: Runtime): Promise<void> {
  const folder = dirname(environment);
  await mkdir(folder, { recursive: true });
  const free = await runtime.freeDiskBytes(folder);
  if (free < needed)
    throw problem("WORKER_DISK_FULL", {
      ...{ needed: bytesText(bytes(needed)), free: bytesText(bytes(free)), folder },
    });
}
