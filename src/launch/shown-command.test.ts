import { expect, it } from "vitest";
import { shownCommand } from "./shown-command.ts";

it.each<[words: string[], shown: string]>([
  [["python", "train.py", "--lr", "1e-4"], "python train.py --lr 1e-4"],
  [["train", "--hub_token", "hf_abcdefghijkl"], "train --hub_token ***"],
  [["train", "--api-key=abc", "x"], "train --api-key=*** x"],
  [["train", "hf_abcdefghijkl"], "train ***"],
  [["train", "key=sk-abcdefghijkl"], "train key=***"],
  [["train", "https://me:word@host/x"], "train ***"],
  [["train", "--push_to_hub_token", "--verbose"], "train --push_to_hub_token --verbose"],
  [["echo", "two words"], 'echo "two words"'],
])("%j is shown as %s", (words, shown) => {
  expect(shownCommand(words)).toBe(shown);
});

it("is cut", () => {
  expect(shownCommand(["x".repeat(2000)]).length).toBe(501);
});
