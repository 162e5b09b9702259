/** @file `tunewise worker install` and `show`: announces and installs the PyTorch worker, and shows it. */

import { bytes, bytesText } from "@tunewise/core/quantity";
import {
  cardsText,
  type InstallationPlan,
  inspectWorker,
  installWorker,
  planInstallation,
} from "../../app/worker/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { plain } from "../render/terminal.ts";
import { askYes, progressPrinter, runtimeOf } from "./context.ts";

/** Installs the worker. */
export async function handleInstall(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const [python, torchIndex] = [textFlag(call, "python"), textFlag(call, "torch-index")];
  const plan = await planInstallation(runtime, {
    ...(python === null ? {} : { python }),
    ...(torchIndex === null ? {} : { torchIndex }),
    fresh: isOn(call, "fresh"),
  });
  if (!plan.isInstalled) console.info(planText(plan));
  if (!plan.isInstalled && !(await isWanted(plan, isOn(call, "yes"), console))) return DONE;
  const print = progressPrinter(console, 2_000, Number.NEGATIVE_INFINITY);
  const installed = await installWorker(plan, runtime, (line) => print(plain(line.slice(0, 120))));
  console.output({ ...installed, cards: plan.cards }, () => {
    const torch = installed.torch === null ? "" : `, PyTorch ${installed.torch}`;
    return `worker ${plan.isInstalled ? "is installed" : "installed"} in ${installed.environment}${torch}`;
  });
  console.info("\nnext: tunewise run --worker torch");
  return DONE;
}

/**
 * Whether to install what was announced. A build that does not match this machine requires confirmation.
 *
 * @throws {TunewiseError} `WORKER_BUILD_UNASKED` without a terminal and without `--yes`
 */
async function isWanted(plan: InstallationPlan, isYes: boolean, console: Console): Promise<boolean> {
  if (isYes || plan.silentIndex === null) return true;
  if (console.canAsk) return askYes(`Install ${downloadText(plan)}?`, "worker install");
  throw problem("WORKER_BUILD_UNASKED", { index: plan.silentIndex, instead: downloadText(plan) });
}

/** Text on the download: PyTorch's wheel and the total size. */
function downloadText({ wheels }: Pick<InstallationPlan, "wheels">): string {
  if (wheels === null) return "packages of an unknown size";
  const more = wheels.unknown === 0 ? "" : `, and ${wheels.unknown} packages of an unknown size`;
  return `${bytesText(bytes(wheels.bytes))} with ${plain(wheels.torch ?? "PyTorch")}${more}`;
}

/** Shows the worker of this machine. */
export async function handleShow(_: Call, console: Console): Promise<number> {
  const { worker, cards } = await inspectWorker(runtimeOf(console));
  console.output({ worker, cards }, () =>
    [
      worker === null
        ? "worker  not installed"
        : `worker  ${worker.environment}, PyTorch ${worker.torch ?? "of an unknown version"}`,
      `cards   ${plain(cardsText(cards))}`,
    ].join("\n"),
  );
  console.info(`\nnext: ${worker === null ? "tunewise worker install" : "tunewise run --worker torch"}`);
  return DONE;
}

/** Announcement of the installation. */
function planText({
  python,
  installer,
  build,
  torchIndex,
  silentIndex,
  wheels,
  environment,
  neededBytes,
  cards,
}: InstallationPlan): string {
  const names = cards.kind === "cuda" ? cards.cards.map(({ name }) => name).join(", ") : null;
  const builds = {
    cpu: "for processors",
    cuda: `for CUDA (${names}, driver ${cards.kind === "cuda" ? cards.driver : ""})`,
    default: silentIndex === null ? "of the package index" : "of the package index, which brings CUDA",
  };
  return [
    `environment  ${environment}`,
    `python       ${python.path} ${python.version}, packages by ${installer.kind}`,
    `PyTorch      the build ${builds[build]}${torchIndex === null ? "" : `, from ${torchIndex}`}`,
    ...(silentIndex === null
      ? []
      : [`             the build for processors cannot be had: ${silentIndex} does not answer`]),
    `download     ${downloadText({ wheels })}`,
    `disk         up to ${bytesText(bytes(neededBytes))} while installing`,
    "instead      TUNEWISE_PYTHON=PATH names the Python of an environment that has the packages",
  ].join("\n");
}
