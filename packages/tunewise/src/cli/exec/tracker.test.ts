/** @file Tests the error for a server that cannot start, which quotes the server's output. */
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { startOwnServer } from "./tracker.ts";

test("a store that cannot be made", async () => {
  const cwd = await temporaryFolder();
  const started = startOwnServer({ store: "/dev/null/store", meterFolder: cwd, cwd, env: process.env });
  await expect(started).rejects.toMatchObject({ code: "EXEC_SERVER_FAILED" });
});
