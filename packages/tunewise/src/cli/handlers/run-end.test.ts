import { expect, test } from "vitest";
import { coverageOf } from "../../evaluate/index.ts";
import { besideScore, liveDocument, liveText, numberText } from "./run-end.ts";

test("beside a score stands how many rows it leaves out, and of a void one no verdict", () => {
  expect(besideScore("better", coverageOf(100, 0))).toBe("better");
  expect(besideScore("better", coverageOf(100, 2))).toBe("better, 2 of 102 rows not scored");
  expect(besideScore("", coverageOf(100, 2))).toBe("2 of 102 rows not scored");
  expect(besideScore("unclear", coverageOf(49, 71))).toBe("invalid: 71 of 120 rows not scored");
  expect([numberText(0.347), numberText(Number.NaN)]).toEqual(["0.3470", "-"]);
});

const run = "20261124-204512-tickets-7f3a";
const whole = {
  tracker: "mlflow",
  place: "https://mlflow.example",
  experiment: "tickets",
  entity: null,
} as const;

test("what a server lacks comes with the command that sends it, in the text and in the document", () => {
  expect(liveText(run, "", { ...whole, reason: null })).toBe("logged to https://mlflow.example");
  const mlflow = { ...whole, reason: "3 points were not sent" };
  const command = `tunewise store export mlflow ${run} -o https://mlflow.example --experiment tickets --store runs`;
  expect(liveText(run, " --store runs", mlflow)).toBe(
    `warning: https://mlflow.example does not have all of the run (3 points were not sent): ${command}`,
  );
  expect(liveDocument(run, " --store runs", mlflow)).toEqual({ ...mlflow, send_rest: command });
  expect(liveDocument(run, "", { ...whole, reason: null })).toMatchObject({ reason: null, send_rest: null });
});

test.each([
  ["https://api.wandb.ai", null, "wandb sync --project tickets"],
  [
    "https://wandb.example",
    "search",
    "WANDB_BASE_URL=https://wandb.example wandb sync --entity search --project tickets",
  ],
])("what W&B at %s lacks is exported and synced", (place, entity, sync) => {
  const end = { ...whole, tracker: "wandb", place, entity, reason: "its end was not sent" } as const;
  const folder = `wandb-${run}`;
  const command = `tunewise store export wandb ${run} -o ${folder} && ${sync} ${folder}/offline-run-*`;
  expect(liveDocument(run, "", end)).toMatchObject({ send_rest: command });
});
