/** @file What a command knows of the world it was called in. */
import { expect, test } from "vitest";
import { fakeWorld } from "../../../test/journey/fake-world.ts";
import type { Face } from "../face.ts";
import { hostOf } from "./surroundings.ts";

test("a command that runs inside another program is metered from its own start, not the program's", () => {
  const { world } = fakeWorld({ cwd: "/" });
  let nowMs = 0;
  const face = { world: { ...world, now: () => nowMs }, quiet: false, complain: () => undefined };
  const host = hostOf(face as unknown as Face);
  nowMs = 2_500;
  expect(host.elapsedSeconds()).toBe(2.5);
});
