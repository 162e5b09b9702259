/**
 * @file The tests that mutants of a room have to meet: the room's own, and those of the rooms that rest on it. Set by
 *   `tools/mutants.ts`.
 */
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: (process.env["TUNEWISE_MUTANTS_TESTS"] ?? "").split(" "),
    exclude: ["**/*.buckets.test.ts", "packages/tracker/src/kill.test.ts"],
    env: { TUNEWISE_TEST_STORE: "memory" },
    isolate: false,
    maxWorkers: 1,
    testTimeout: 30_000,
  },
});

export default config;
