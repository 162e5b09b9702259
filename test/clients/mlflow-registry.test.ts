/** @file MLflow's own client against this server: logged models and the model registry. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { addModelMetrics, findTrackedRun } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { addRun, trackingServer } from "../support/tracking-server.ts";

const python = process.env["TUNEWISE_MLFLOW3_PYTHON"] ?? "";

test.skipIf(python === "")("models are logged, registered, found and loaded back", async () => {
  const { context, server } = await trackingServer();
  await addRun(context, "a".repeat(32));
  const script = async (part: string, ...more: string[]): Promise<string> => {
    const path = join(import.meta.dirname, "mlflow_registry.py");
    const { stdout } = await promisify(execFile)(python, [path, server.url, part, ...more]);
    return stdout.trim().split("\n").at(-1) ?? "";
  };
  const id = await script("log");
  expect(id).toMatch(/^m-[0-9a-f]{32}$/);
  const { number } = await findTrackedRun(context.database, "a".repeat(32));
  await context.write((transaction) =>
    addModelMetrics(transaction, number, [
      {
        modelId: id,
        key: "acc",
        step: 1,
        ms: 5,
        value: 0.75,
        datasetName: "squad",
        datasetDigest: "d1",
      },
      { modelId: id, key: "loss", step: 1, ms: 5, value: Number.NaN, datasetName: "", datasetDigest: "" },
    ]),
  );
  await context.artifacts.put(`0/models/${id}/artifacts/sub/a.txt`, Readable.from([Buffer.from("hello")]));
  expect(await script("check", id)).toBe("ok");
  expect(await script("registry", id)).toBe("ok");
  expect(await script("prompts")).toBe("ok");
});
