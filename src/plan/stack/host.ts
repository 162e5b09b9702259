/**
 * @file Memory of the host: what is put there instead of a GPU, and what loading and saving hold for a while.
 */
import { type Bytes, bytes } from "../../quantity/index.ts";
import type { StackSetting } from "./setting.ts";
import { wholeStates } from "./states.ts";

/** Operating system, Python, libraries, data loaders: for each process, and once. */
const host = { perProcess: 4e9, once: 4e9 } as const;

/**
 * Bytes of host memory on one machine.
 *
 * Offloaded states; else the larger of loading (16-bit weights once, since shards are read one after another) and of
 * saving a sharded full fine-tuning, which gathers all weights on one process.
 *
 * @param devices GPUs of one machine
 * @source DeepSpeed's estimate for ZeRO with offload, P x max(4 G, 16) x 1.5, is of the same size; a 70B QLoRA start
 *   has filled 128 GB (planning reference, section 1.5)
 */
export function hostBytes(setting: StackSetting, devices: number): Bytes {
  const whole = wholeStates(setting);
  const share = setting.devices > devices ? devices / setting.devices : 1;
  const offloaded =
    setting.offload === "all"
      ? whole.weights + whole.gradients + whole.optimizer
      : setting.offload === "optimizer" || setting.optimizer === "paged-adamw-8bit"
        ? whole.optimizer + 2 * whole.trainedCount
        : 0;
  const loading = 2 * setting.model.parameters.total;
  const isGathered = setting.trained.kind === "full" && setting.sharding !== "none" && setting.devices > 1;
  const saving = isGathered ? whole.weights : 0;
  return bytes(host.once + devices * host.perProcess + Math.max(offloaded * share, loading, saving));
}
