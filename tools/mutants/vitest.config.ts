/**
 * @file Configures the tests that run against mutants of a module: its own, and those of modules that depend on it.
 *   `tools/mutants.ts` sets the list.
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
