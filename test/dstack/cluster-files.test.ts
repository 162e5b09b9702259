/** @file Validates our dstack cluster files with dstack's own parser. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const python = process.env["TUNEWISE_DSTACK_PYTHON"];
const textOf = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../examples/cluster", name), "utf8");

/** What `dstack apply` does with a file before it contacts the server. */
const program = `
import sys, yaml
from dstack._internal.core.models.configurations import parse_apply_configuration
print(parse_apply_configuration(yaml.safe_load(sys.stdin)).model_dump_json(exclude_none=True))
`;

describe.skipIf(!python)("files of dstack", () => {
  const read = (input: string) => spawnSync(python ?? "", ["-c", program], { input, encoding: "utf8" });

  test("the cluster has a price, a deadline, and an end where cards do nothing", () => {
    const { stdout, stderr } = read(textOf("cluster.dstack.yml"));
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      type: "task",
      nodes: 2,
      fleets: [{ name: "tune-cards" }],
      retry: false,
      max_price: 22,
      max_duration: 3 * 3600,
      stop_duration: 120,
      idle_duration: 0,
      utilization_policy: { min_gpu_utilization: 1, time_window: 1800 },
      stop_criteria: "master-done",
    });
  });

  test("its fleet has no machine until a run asks for one, and is no dearer", () => {
    const { stdout, stderr } = read(textOf("fleet.dstack.yml"));
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      type: "fleet",
      name: "tune-cards",
      nodes: { min: 0, max: 2 },
      max_price: 22,
      idle_duration: 0,
      spot_policy: "spot",
    });
  });

  test.each([
    ["max_duration: 3h", "max_durations: 3h"],
    ["time_window: 30m", "time_window: 1m"],
    ["max_price: 22", "max_price: 0"],
  ])("not %s but %s is refused", (from, to) => {
    const { status, stderr } = read(textOf("cluster.dstack.yml").replace(from, to));
    expect(status).not.toBe(0);
    expect(stderr).toContain("ConfigurationError");
  });
});
