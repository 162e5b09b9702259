/** @file Checks of the machine: Node, packages, memory, GPU, credentials. */

import { type Bytes, bytesText, countOf, usd, usdText } from "@tunewise/core/quantity";
import { cardsText } from "../../app/worker/index.ts";
import { precisionLine } from "../render/plan/lines.ts";
import { type Check, type Environment, fail, ok, warn } from "./check.ts";

/** Minimum Node version, as `engines` in package.json. */
const NODE_FLOOR = [20, 20] as const;
/** Minimum memory for training even the smallest model. */
const MEMORY_LEAST = 1e9;
/** Memory that SmolLM2-135M needs at 512 tokens, with some margin. */
const MEMORY_COMFORT = 2.5e9;

/** Checks the version of Node. */
export function checkNode({ nodeVersion, platform, architecture, cores }: Environment): Check {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, "").split(".").map(Number);
  const seen = `${nodeVersion} on ${platform} ${architecture}, ${countOf(cores, "core")}`;
  const recent = major > NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor >= NODE_FLOOR[1]);
  return recent ? ok("node", seen) : fail("node", seen, `install Node ${NODE_FLOOR.join(".")} or newer`);
}

/** Minimum load per core that is reported; below it, a run has most of the machine. */
const LOAD_QUIET = 0.5;

/**
 * Checks for the load of other programs, which share the processors with measurements and runs.
 *
 * @returns nothing if the load is unknown
 */
export function checkLoad({ cores, load }: Environment): Check[] {
  if (load === null) return [];
  const seen = `${countOf(cores, "core")}, load ${load.toFixed(load < 10 ? 1 : 0)}`;
  if (load <= LOAD_QUIET * cores) return [ok("load", seen)];
  // a run with one thread per core gets a proportional share of the processors
  const slower = (load + cores) / cores;
  const detail = `${seen}: times measured now are about ${slower.toPrecision(2)} times as long as on a quiet machine`;
  return [warn("load", detail, "plan and run once other programs are done")];
}

/** Checks the native runtime for training. */
export async function checkRuntime(around: Environment): Promise<Check> {
  const missing = await around.whyNotImport("koffi");
  if (missing !== null) return fail("runtime", `koffi does not import: ${missing}`, "npm install koffi");
  const reason = await around.whyNotBf16().catch(() => undefined);
  if (reason === undefined) return fail("runtime", "ONNX Runtime does not start", "npm ci");
  const both = "float32 and bfloat16 (AVX512-BF16), tested";
  const seen = reason === null ? both : `float32: ${reason}`;
  return ok("runtime", `ONNX Runtime starts, products in ${seen}`);
}

/** Reports the faster precision if this machine has two. */
export async function checkPrecision(around: Environment): Promise<Check[]> {
  const found = await around.precision().catch(() => null);
  const line = found === null ? "" : precisionLine({ precision: found });
  return line === "" ? [] : [ok("precision", `${found?.model}: auto takes ${line}`)];
}

/** Checks the SQLite driver: Node's own, or the package that replaces it. */
export async function checkDatabase(around: Environment): Promise<Check> {
  if ((await around.whyNotImport("node:sqlite")) === null) return ok("database", "node:sqlite");
  const reason = await around.whyNotImport("@photostructure/sqlite");
  if (reason === null) return ok("database", "@photostructure/sqlite");
  return fail(
    "database",
    `no SQLite: ${reason}`,
    "npm install @photostructure/sqlite, or use Node 22.13 or newer",
  );
}

/** Checks the memory that is currently free. */
export function checkMemory({ memoryBytesFree, memoryBytesTotal }: Environment): Check {
  const free = bytesText(memoryBytesFree as Bytes);
  const seen = `${free} free of ${bytesText(memoryBytesTotal as Bytes)}`;
  if (memoryBytesFree < MEMORY_LEAST)
    return fail("memory", seen, "close other programs, or use a larger machine");
  if (memoryBytesFree >= MEMORY_COMFORT) return ok("memory", seen);
  return warn(
    "memory",
    seen,
    "take a small model, and write `gradient_checkpointing: layer` below `training:`",
  );
}

/** Reports the graphics cards, and how much of their memory is in use. */
export function checkGpu({ cards }: Environment): Check {
  const detail = cardsText(cards);
  return cards.kind === "unknown" ? warn("gpu", detail, "nvidia-smi") : ok("gpu", detail);
}

/** Reports the PyTorch worker, which a machine with a card should have. */
export function checkWorker({ worker, cards }: Environment): Check {
  if (worker !== null)
    return ok("worker", `PyTorch ${worker.torch ?? "of an unknown version"} in ${worker.environment}`);
  const detail = "not installed; runs are computed by the engine";
  return cards.kind === "none" ? ok("worker", detail) : warn("worker", detail, "tunewise worker install");
}

/** Reports code scanners besides the built-in one, and the recipe entries for them. */
export function checkScanners({ scanners: { found, isCutOff } }: Environment): Check {
  if (found.length === 0)
    return ok("scanners", "the built-in one; no other scanner of code that is known by name");
  const named = found.map(({ program, version }) => `${program} ${version}`).join(", ");
  const entries = found.map(({ sarif }) => `{ sarif: "${sarif}" }`).join(", ");
  const network = isCutOff ? "" : "; they run with the network in reach";
  return ok("scanners", `${named}${network}; in a recipe: safety: { scanners: [builtin, ${entries}] }`);
}

/** Checks whether credentials are set, without showing their values. */
export function checkCredentials({ env }: Environment): Check {
  const hub = env.HF_ENDPOINT ? `hub at ${hostOf(env.HF_ENDPOINT)}` : "hub at its usual address";
  if (env.HF_TOKEN) return ok("credentials", `HF_TOKEN is set; ${hub}`);
  return ok("credentials", `HF_TOKEN is not set: public models only; ${hub}`);
}

/** Returns only the host, since an address may contain a user and a password. */
function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return "an address that is not valid (HF_ENDPOINT)";
  }
}

/** Reports the hourly price for recipes that have none. */
export function checkMachinePrice({ machinePrice }: Environment): Check {
  const change = "tunewise doctor --rate 2.49/h";
  if (machinePrice === null)
    return ok("rate", `not said yet: time is shown in place of money; ${change} sets it`);
  const { usdPerHour, saidOn } = machinePrice;
  const price = usdPerHour === 0 ? "nothing" : usdText(usd(usdPerHour));
  return ok("rate", `${price} an hour, as said on ${saidOn}; ${change} changes it`);
}

/** Maximum age of prices without a warning, as in the catalog. */
const staleAfterDays = 30;

/** Reports prices older than a month or never fetched; plans still work with them. */
export function checkPrices({ priceAgeDays }: Environment): Check {
  if (priceAgeDays === null) {
    return warn(
      "prices",
      "never fetched: a plan uses the shipped ones, most of which state only the day they were read",
      "tunewise prices update",
    );
  }
  const seen = `fetched ${countOf(Math.floor(priceAgeDays), "day")} ago`;
  return priceAgeDays > staleAfterDays ? warn("prices", seen, "tunewise prices update") : ok("prices", seen);
}
