// Test tiers are named by what they need: `unit` needs nothing, `runtime` the native runtime, `python` a virtual environment.
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "test/smoke/**/*.test.ts", "test/tidy/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "runtime",
          include: ["src/**/*.runtime.ts", "test/conformance/**/*.test.ts", "test/journey/**/*.test.ts"],
          testTimeout: 60_000,
          pool: "forks",
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "python",
          include: ["test/python/**/*.test.ts"],
          testTimeout: 600_000,
          pool: "forks",
          maxWorkers: 1,
        },
      },
    ],
  },
});

export default config;
