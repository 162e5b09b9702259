import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { openPositionedFile } from "./positioned-file.ts";

const folder = temporaryFolder();

it("opens again for a read after it was closed", async () => {
  const path = join(folder, "weights");
  writeFileSync(path, "0123456789");
  const file = await openPositionedFile(path);
  await file.close();
  await file.close();
  expect(Buffer.from(await file.read(3, 4)).toString()).toBe("3456");
  await file.close();
});

it("refuses a file that was replaced while it was closed", async () => {
  const path = join(folder, "replaced");
  writeFileSync(path, "0123456789");
  const file = await openPositionedFile(path);
  await file.close();
  writeFileSync(path, "another 10");
  const changed = { code: "MODEL_FILE_DAMAGED", params: { detail: "it was changed while it was in use" } };
  await expect(file.read(0, 4)).rejects.toMatchObject(changed);
});
