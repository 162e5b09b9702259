/**
 * @file A safetensors file written by the reference implementation: every float type, special values, an unaligned
 * buffer.
 */
import { expect, it } from "vitest";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { golden, goldenPath, ownBytes } from "./golden-files.ts";

it("floats of every stored type are PyTorch's to the bit", async () => {
  const expected = golden<Record<string, string>>("types.json");
  const files = await openSafetensors(goldenPath("types.safetensors"));
  expect([...files.weights.keys()].sort()).toEqual(Object.keys(expected).sort());
  expect([...files.weights.values()].map(({ stored }) => stored).sort()).toEqual([
    "BF16",
    "F16",
    "F32",
    "F32",
  ]);
  for (const [name, values] of Object.entries(expected)) {
    const found = await files.read(name);
    expect([name, Buffer.from(found.buffer).toString("base64")]).toEqual([
      name,
      Buffer.from(ownBytes(values)).toString("base64"),
    ]);
  }
  await files.close();
});
