/** @file Validates our file for Ray's cluster launcher with Ray's own parser. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const python = process.env["TUNEWISE_RAY_PYTHON"];
const text = readFileSync(join(import.meta.dirname, "../../examples/cluster/ray-up.yaml"), "utf8");

/** What `ray up` does with a file before it contacts a cloud. */
const program = `
import json, sys, yaml
from ray.autoscaler._private.util import prepare_config, validate_config
config = prepare_config(yaml.safe_load(sys.stdin))
validate_config(config)
print(json.dumps(config))
`;

describe.skipIf(python === undefined)("ray-up.yaml", () => {
  const read = (input: string) => spawnSync(python ?? "", ["-c", program], { input, encoding: "utf8" });

  test("Ray takes it, with no more machines than it says", () => {
    const { stdout, stderr } = read(text);
    expect(stderr).not.toContain("Error");
    const config = JSON.parse(stdout);
    expect(config.max_workers).toBe(2);
    expect(config.available_node_types.cards).toMatchObject({ min_workers: 0, max_workers: 2 });
    expect(config.head_setup_commands).toHaveLength(1); // without Ray's default, which would install another version
    expect(config.setup_commands).toEqual([]);
  });

  test.each([
    ["a key that Ray does not know", "idle_timeout_minutes:", "idle_timeout_minute:", "ValidationError"],
    ["a head that is none of the types", "head_node_type: head", "head_node_type: tete", "Error"],
  ])("%s is refused", (_, from, to, error) => {
    const { status, stderr } = read(text.replace(from, to));
    expect(status).not.toBe(0);
    expect(stderr).toContain(error);
  });
});
