import { expect, test } from "vitest";
import { checkDriver } from "./install-worker.ts";

test("drivers before CUDA 13 are refused with the build that they run", () => {
  expect(() => checkDriver("580.65.06")).not.toThrow();
  expect(() => checkDriver("570.124.06")).toThrow(
    expect.objectContaining({ code: "WORKER_DRIVER_UNFIT", fix: expect.stringContaining("--torch-index") }),
  );
});
