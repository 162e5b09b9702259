/**
 * @file Finding the newest checkpoint that is whole.
 */
import { basename } from "node:path";
import { type Finding, problem } from "../problem/index.ts";
import { listCheckpoints } from "./checkpoint-list.ts";
import { verifyCheckpoint } from "./checkpoint-manifest.ts";

/** A checkpoint whose every file was found whole. */
export interface WholeCheckpoint {
  readonly step: number;
  /** Folder with the files its writer made. */
  readonly path: string;
  /** JSON given on saving; not checked any further. */
  readonly info: unknown;
  /** One `CHECKPOINT_PASSED_OVER` per newer checkpoint that was not whole. */
  readonly findings: readonly Finding[];
}

/**
 * The newest whole checkpoint, or the one of a step.
 *
 * A broken one is passed over for the one before it, with a finding that says so.
 *
 * @param folder the `checkpoints` folder
 * @param step take this one or, when it is broken, the next older one
 * @returns `null` when there is no checkpoint (up to that step)
 * @throws {TunewiseError} `CHECKPOINT_BROKEN` if there are some and none is whole, `RUN_FILE_UNREADABLE`
 */
export async function findCheckpoint(
  folder: string,
  step: number = Number.POSITIVE_INFINITY,
): Promise<WholeCheckpoint | null> {
  const entries = (await listCheckpoints(folder)).filter((entry) => entry.step <= step);
  const findings: Finding[] = [];
  let newestReason = "";
  for (const entry of entries) {
    const manifest = await verifyCheckpoint(entry.path);
    if (!("reason" in manifest) && manifest.step === entry.step) {
      return { step: entry.step, path: entry.path, info: manifest.info, findings };
    }
    const reason = "reason" in manifest ? manifest.reason : `its manifest says step ${manifest.step}`;
    newestReason ||= reason;
    findings.push(passedOver(entry.path, reason));
  }
  if (entries.length === 0) return null;
  throw problem("CHECKPOINT_BROKEN", { count: entries.length, path: folder, reason: newestReason });
}

function passedOver(path: string, reason: string): Finding {
  return {
    code: "CHECKPOINT_PASSED_OVER",
    severity: "warning",
    title: "A checkpoint is not whole",
    detail: `Checkpoint ${basename(path)} is not whole (${reason}); the one before it is taken.`,
    where: [{ file: path }],
    count: 1,
    fix: "nothing to do: the steps in between are trained again",
  };
}
