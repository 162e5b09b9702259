/** @file The worker on a Ray cluster: a real one, whose dashboard `TUNEWISE_TEST_RAY` names. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { embeddedExecutor, torchExecutor } from "../../src/executors/index.ts";
import type { RemoteHost, TorchPlacement } from "../../src/run/index.ts";
import {
  type ContractProject,
  comparable,
  contractProject,
  resultOf,
  runToEnd,
} from "../conformance/contract/contract-run.ts";
import { executorSuite, type Reference } from "../conformance/contract/executor-suite.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const address = process.env["TUNEWISE_TEST_RAY"] ?? "";
const root = temporaryFolder();
let project: ContractProject;
let reference: Reference;
let placement: TorchPlacement;

describe.skipIf(address === "")("on a Ray cluster", () => {
  beforeAll(async () => {
    const { runtime, prepared, spec } = await contractProject(root);
    const host: RemoteHost = {
      ...{ address, storage: join(root, "storage"), leaseSeconds: 120, onLeaseEnd: null, eventsAhead: 0 },
    };
    placement = {
      ...{ kind: "torch", device: "cpu", dtype: "float32", recompute: "none", processes: 1, host },
    };
    project = { runtime, prepared, spec: (name, change) => spec(name, { placement, ...change }) };
    const first = spec("reference");
    const { events, result } = await runToEnd(embeddedExecutor(runtime, prepared), first);
    reference = {
      ...{ spec: first, events: comparable(events, first.folder), result: comparable(result, first.folder) },
      files: resultOf(first),
    };
  }, 300_000);

  executorSuite(
    "ray",
    ({ runtime }) => torchExecutor(runtime),
    () => ({ project, reference }),
    { isExact: false, timeout: 300_000 },
  );
});
