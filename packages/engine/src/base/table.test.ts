import { expect, test } from "vitest";
import { narrowToBFloat16, type WeightFiles } from "../weights/index.ts";
import { copyRows, readTable, tableFormat, tableValues } from "./table.ts";

const values = Float32Array.from([1, -2, 0.5, 3.140625, -1e-20, 1e20]);

test("rows of both formats are copied as float32, in the order they are asked for", () => {
  const narrow = narrowToBFloat16(values);
  for (const [table, exact] of [
    [values, values],
    [narrow, tableValues(narrow)],
  ] as const) {
    const into = new Float32Array(8).fill(7);
    copyRows(table, Int32Array.of(2, 0), 2, into.subarray(2, 6));
    expect([...into]).toEqual([7, 7, exact[4], exact[5], exact[0], exact[1], 7, 7]);
  }
  expect([...tableValues(narrow).subarray(0, 4)]).toEqual([1, -2, 0.5, 3.140625]);
});

test.each(["F32", "BF16"] as const)(
  "tables of %s are read in the format that is asked for",
  async (stored) => {
    const read: string[] = [];
    const files = {
      weights: new Map([["e", { stored }]]),
      read: async () => {
        read.push("as float32");
        return values;
      },
      readStored: async () => {
        read.push("as stored");
        return { stored, bits: narrowToBFloat16(values) };
      },
    } as unknown as WeightFiles;
    expect(await readTable(files, "e", "float32")).toBe(values);
    const narrow = await readTable(files, "e", "bfloat16");
    expect([tableFormat(narrow), [...narrow]]).toEqual(["bfloat16", [...narrowToBFloat16(values)]]);
    expect(read).toEqual(["as float32", stored === "BF16" ? "as stored" : "as float32"]);
  },
);
