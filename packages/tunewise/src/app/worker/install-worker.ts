/** @file `tunewise worker install`: creates the PyTorch worker's Python environment in the cache. */
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

/** Builds of PyTorch. `default` is the build that the package index offers for this system. */
export type TorchBuild = "cpu" | "cuda" | "default";

/** Plan of an installation. */
export interface InstallationPlan {
  readonly environment: string;
  readonly python: Python;
  readonly installer: Installer;
  readonly build: TorchBuild;
  /** Additional index for the build's packages; `null` if the default index has them all. */
  readonly torchIndex: string | null;
  /** Index of the matching build if it cannot be reached. The default index's build is installed instead. */
  readonly silentIndex: string | null;
  /** Download information from the package indexes; `null` if they could not be queried. */
  readonly wheels: Wheels | null;
  /** Required free disk space. */
  readonly neededBytes: number;
  readonly cards: Cards;
  readonly isInstalled: boolean;
}

/** Options of an installation. */
export interface InstallOptions {
  /** The Python to base the environment on. */
  readonly python?: string;
  /** Address of an index with another build of PyTorch. */
  readonly torchIndex?: string;
  /** Whether to recreate an existing environment. */
  readonly fresh?: boolean;
  /** File of the pinned packages. */
  readonly lock?: string;
  /** Module to import as a test that the environment works. */
  readonly probe?: string;
}

/** A working environment. */
export interface InstalledWorker {
  readonly environment: string;
  readonly python: string;
  readonly torch: string | null;
}

/** Disk space of an environment and its downloads. @source measured on Linux x64, 28 November 2026 */
const neededBytes: Readonly<Record<TorchBuild, number>> = { cpu: 2.5e9, cuda: 9e9, default: 9e9 };

const maxInstallationBytes = 1 << 16;
/** Timeout for reading the package versions of a Python. */
const versionSeconds = 30;

/** Packages that only the CUDA build of PyTorch needs. Other builds name their own. */
const cudaOnly = /^(nvidia-|cuda-|triton\b)/;

/**
 * Index of the build without CUDA. @source https://pytorch.org/get-started/locally/, the build without CUDA, 28
 * November 2026
 */
const cpuIndex = "https://download.pytorch.org/whl/cpu";
/** Minimum major driver version for CUDA 13. @source NVIDIA CUDA 13.0 release notes, table 3 */
const oldestDriver = 580;

/**
 * Plans an installation: the Python, the build of PyTorch and the disk space.
 *
 * @throws {TunewiseError} `WORKER_PYTHON_UNSUPPORTED`, `WORKER_DRIVER_UNSUPPORTED`, `WORKER_DISK_FULL`
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
  // pip ignores an index that it cannot reach, and installs from the default index
  const isSilent = wanted !== null && wheels?.isTorchIndexReachable === false;
  const plan = {
    environment,
    python,
    cards,
    isInstalled,
    wheels,
    build: isSilent ? "default" : build,
    torchIndex: isSilent ? null : wanted,
    silentIndex: isSilent ? wanted : null,
  } as const;
  const needed = options.lock === undefined ? neededBytes[plan.build] : 0;
  if (!isInstalled) await requireSpace(environment, needed, runtime);
  return { ...plan, installer: await findInstaller(runtime), neededBytes: needed };
}

/**
 * Creates the environment unless it exists. Repeats an interrupted installation.
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
          environment,
          step: command.slice(0, 4).join(" "),
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

/** Reads what was installed; `null` if there is no complete environment. */
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

/** Inspects what this machine can use for training in addition to the engine: GPUs and the worker. */
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

/** Reads the PyTorch version of a Python without loading PyTorch; `null` if it is not installed. */
async function torchVersion(python: string, { sources }: Pick<Runtime, "sources">): Promise<string | null> {
  const program = "import importlib.metadata as packages; print(packages.version('torch'))";
  const found = await sources.execute?.(python, ["-c", program], versionSeconds);
  return found?.code === 0 ? found.output.trim() : null;
}

function probeProgram(modules: string): string {
  return `import ${modules}, sys\nprint(sys.modules["torch"].__version__ if "torch" in sys.modules else "")`;
}

/** The pinned packages. With another build of PyTorch, excludes packages that only the CUDA build needs. */
async function requirementsOf(lock: string, hasOwnIndex: boolean): Promise<string> {
  const lines = (await readTextFile(lock)).split("\n");
  return lines.filter((line) => !(hasOwnIndex && cudaOnly.test(line))).join("\n");
}

/** The commands that create an environment, in order. */
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

/** Checks the GPU driver. @throws {TunewiseError} `WORKER_DRIVER_UNSUPPORTED` if it is too old for the default build */
export function checkDriver(driver: string): void {
  const major = Number.parseInt(driver, 10);
  if (Number.isFinite(major) && major < oldestDriver)
    throw problem("WORKER_DRIVER_UNSUPPORTED", { driver, needed: oldestDriver });
}

async function requireSpace(environment: string, needed: number, runtime: Runtime): Promise<void> {
  const folder = dirname(environment);
  await mkdir(folder, { recursive: true });
  const free = await runtime.freeDiskBytes(folder);
  if (free < needed)
    throw problem("WORKER_DISK_FULL", {
      needed: bytesText(bytes(needed)),
      free: bytesText(bytes(free)),
      folder,
    });
}
