import { join } from "node:path";
import { expect, it } from "vitest";
import { failingDisk, temporaryFolder } from "../../test/support/track-disk.ts";
import { writeWholeFile } from "./run-folder.ts";

it("words a folder that is missing and a disk that is full", async () => {
  const folder = await temporaryFolder();
  await expect(writeWholeFile(join(folder, "no", "a.txt"), "x")).rejects.toThrow(
    /Could not write .*a\.txt: no such file or folder\. What was there before is unchanged\./,
  );
  await expect(writeWholeFile(join(folder, "a.txt"), "x", failingDisk(1, "full"))).rejects.toThrow(
    /no space left on the disk/,
  );
});
