/** @file The PyTorch worker on this machine: whether it is installed, and its devices. */

import type { TorchPlacement } from "@tunewise/core/run";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { cardsText, findCards } from "./cards.ts";
import { torchPlacement, workerPython } from "./python.ts";

/** The PyTorch worker on this machine. */
export interface WorkerHere {
  readonly isInstalled: boolean;
  readonly device: TorchPlacement["device"];
  /** Text on the cards; `null` if there are none. */
  readonly cards: string | null;
}

/** Looks for the worker's environment and the cards, without starting Python. */
export async function workerHere(runtime: Pick<Runtime, "sources" | "environment">): Promise<WorkerHere> {
  const cards = await findCards(runtime);
  return {
    isInstalled: await isInstalled(runtime),
    device: (await torchPlacement({ recompute: "none", sharding: "none" }, runtime)).device,
    cards: cards.kind === "none" ? null : cardsText(cards),
  };
}

async function isInstalled(runtime: Pick<Runtime, "sources" | "environment">): Promise<boolean> {
  try {
    await workerPython(runtime);
    return true;
  } catch (error) {
    if (TunewiseError.is(error) && error.code === "WORKER_NOT_INSTALLED") return false;
    throw error;
  }
}
