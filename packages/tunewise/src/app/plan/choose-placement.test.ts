/** Which program computes a run on this machine, and the sentence that explains the choice. */

import { seconds } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import { choosePlace, type PlaceFacts } from "./choose-placement.ts";

const facts: PlaceFacts = {
  unknownFamily: null,
  workerKeys: [],
  isStructured: false,
  isWorkerInstalled: true,
  card: null,
  misfit: null,
  engineSeconds: seconds(600),
  workerSeconds: null,
};
const card = { text: "NVIDIA L4, 0 B of 24 GB in use; driver 580.1", isUsable: true };
const plan = "the engine's plan says 10 min";

test.each<[string, Partial<PlaceFacts>, string, string]>([
  ["no worker", { isWorkerInstalled: false }, "this-machine", "the worker on PyTorch is not installed"],
  [
    "no worker, and a card",
    { isWorkerInstalled: false, card },
    "this-machine",
    `the worker on PyTorch is not installed; to use ${card.text}: tunewise worker install`,
  ],
  [
    "another family, and no worker: refused as not installed",
    { isWorkerInstalled: false, unknownFamily: "falcon" },
    "torch",
    "the engine does not compute the family falcon",
  ],
  [
    "another family",
    { unknownFamily: "falcon", card },
    "torch",
    "the engine does not compute the family falcon",
  ],
  [
    "settings that the engine lacks",
    { workerKeys: ["method.dora"] },
    "torch",
    "the engine does not compute method.dora",
  ],
  [
    "structured output, and a card",
    { isStructured: true, card },
    "this-machine",
    "the worker on PyTorch has no structured output",
  ],
  ["a card", { card }, "torch", `a card is there: ${card.text}`],
  [
    "a card, and a slow worker",
    { card, workerSeconds: seconds(9e3) },
    "torch",
    `a card is there: ${card.text}`,
  ],
  ["a card that is too small", { card, misfit: "a step takes 30 GB" }, "this-machine", "a step takes 30 GB"],
  [
    "nothing measured",
    {},
    "this-machine",
    `${plan}, and the worker's speed on this processor is not known before a run of this model and method`,
  ],
  [
    "the worker was quicker",
    { workerSeconds: seconds(300) },
    "torch",
    `${plan}, and the worker needs 5 min by its finished runs`,
  ],
  [
    "the worker was slower",
    { workerSeconds: seconds(1200) },
    "this-machine",
    `${plan}, and the worker needs 20 min by its finished runs`,
  ],
  [
    "a card without a driver that answers",
    {
      card: { text: "a device of NVIDIA whose driver does not answer", isUsable: false },
      workerSeconds: seconds(60),
    },
    "torch",
    `a device of NVIDIA whose driver does not answer; ${plan}, and the worker needs 1 min by its finished runs`,
  ],
])("%s", (_, change, by, reason) => {
  expect(choosePlace({ ...facts, ...change })).toEqual({ by, reason });
});
