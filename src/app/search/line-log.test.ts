import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { openLineLog } from "./line-log.ts";

const folder = temporaryFolder();

test("what was added is there again, in order", async () => {
  const path = join(folder, "whole.jsonl");
  const log = await openLineLog(path);
  expect(log.known).toEqual([]);
  await log.add([{ trial: 1 }, { trial: 2, text: "zwölf\n" }]);
  await log.add([]);
  await log.add([3]);
  await log.close();
  const again = await openLineLog(path);
  expect(again.known).toEqual([{ trial: 1 }, { trial: 2, text: "zwölf\n" }, 3]);
  await again.close();
});

test("a line that a kill cut off is left out, also in the middle of a letter, and the next one is whole", async () => {
  const path = join(folder, "torn.jsonl");
  const whole = Buffer.from('{"a":"ö"}\n{"b":"ö"}\n');
  for (let end = 0; end < whole.length; end++) {
    writeFileSync(path, whole.subarray(0, end));
    const log = await openLineLog(path);
    expect(log.known).toEqual(end < 11 ? [] : [{ a: "ö" }]);
    await log.add([{ c: 1 }]);
    await log.close();
    expect(readFileSync(path, "utf8")).toBe(`${end < 11 ? "" : '{"a":"ö"}\n'}{"c":1}\n`);
  }
});

test("a damaged line in the middle is no line to guess at", async () => {
  const path = join(folder, "damaged.jsonl");
  writeFileSync(path, '{"a":1}\n{"b\n{"c":1}\n');
  await expect(openLineLog(path)).rejects.toMatchObject({ code: "RUN_FILE_UNREADABLE" });
});
