/** @file Tests the comparison of calls: names, arguments as JSON, several calls, and calls that are not needed. */
import { answerText, type JsonObject } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { scoreToolCalls } from "./tool-calls.ts";

const calls = (...list: readonly (readonly [name: string, given: JsonObject])[]): string =>
  answerText({ content: "", toolCalls: list.map(([name, given]) => ({ name, arguments: given })) });

const value = (answer: string, reference: string): number =>
  scoreToolCalls([answer], [reference]).outcomes[0]?.value ?? Number.NaN;

test("names and arguments count as parts, whatever their order and spacing", () => {
  const reference = calls(["weather", { city: "Paris", days: 2 }]);
  expect(value(reference, reference)).toBe(1);
  expect(value(calls(["weather", { days: 2, city: "Paris" }]), reference)).toBe(1);
  expect(
    value('<tool_call>{ "name":"weather","arguments":{"city":"Paris","days":2.0}}</tool_call>', reference),
  ).toBe(1);
  // of three parts, the name and one argument are right
  expect(value(calls(["weather", { city: "Rome", days: 2 }]), reference)).toBeCloseTo(2 / 3);
  expect(value(calls(["news", { city: "Paris", days: 2 }]), reference)).toBe(0);
});

test("several calls are matched by tool and similarity, and extra calls cost precision", () => {
  const reference = calls(["weather", { city: "Paris" }], ["weather", { city: "Rome" }]);
  expect(value(calls(["weather", { city: "Rome" }], ["weather", { city: "Paris" }]), reference)).toBe(1);
  expect(value(calls(["weather", { city: "Rome" }]), reference)).toBeCloseTo(2 / 3);
  const extra = calls(["weather", { city: "Paris" }], ["weather", { city: "Rome" }], ["time", {}]);
  expect(value(extra, reference)).toBeCloseTo((2 * (4 / 5)) / (1 + 4 / 5));
});

test("calls without arguments compare by their name", () => {
  expect(value(calls(["time", {}]), calls(["time", {}]))).toBe(1);
  expect(value(calls(["time", { zone: "UTC" }]), calls(["time", {}]))).toBeCloseTo(2 / 3);
});

test("facts tell missed, unnecessary and malformed calls apart", () => {
  const reference = calls(["time", {}]);
  const { outcomes, facts } = scoreToolCalls(
    [reference, "It is noon.", reference, "Hello.", "<tool_call>{oops</tool_call>"],
    [reference, reference, "Hi!", "Hi!", reference],
  );
  expect(outcomes.map((one) => one.value)).toEqual([1, 0, 0, 1, 0]);
  expect(facts).toMatchObject({
    whole_equal: 1 / 3,
    names_equal: 1 / 3,
    missed_calls: 2 / 3,
    unnecessary_calls: 1 / 2,
    malformed_calls: 1 / 5,
  });
});
