/** @file Losses of the worker on two raylets against the engine's; runs only if `WORKER_FIGURES` is set. */
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import "../support/ray-cluster.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { figures, losses, model, type Setting } from "../support/worker-losses.ts";

const cluster = inject("ray");
const root = temporaryFolder();

test.skipIf(cluster === null || figures === undefined || model === "")(
  "two processes on Ray",
  async () => {
    const { address = "", token = "", python = "" } = cluster ?? {};
    const setting: Setting = {
      method: "{ kind: lora, rank: 8 }",
      processes: 2,
      host: { address, storage: join(root, "storage"), leaseSeconds: 600, onLeaseEnd: null, eventsAhead: 8 },
      environment: { RAY_AUTH_TOKEN: token, TUNEWISE_REMOTE_PYTHON: python },
    };
    const found = await losses("lora-ray-2-processes", setting);
    expect(Math.max(...found.loss)).toBeLessThan(2e-3);
    expect(Math.max(...found.validation)).toBeLessThan(2e-3);
    await losses("lora-ray-2-processes-model-there", setting); // measures the start with the model already there
  },
  2_400_000,
);
