/** @file Code that an answer shows as a warning has low severity; code that it proposes does not. */
import { expect, test } from "vitest";
import { openScanner } from "./scan.ts";

const fence = "```";
const evil = `${fence}python\nresult = eval(input("Expression: "))\n${fence}`;
const { scanText } = await openScanner();
const severities = (text: string): string[] => scanText(text).map(({ severity }) => severity);

test.each([
  ["the sentence before", `Never do this:\n\n${evil}\n\nUse \`ast.literal_eval\`.`],
  ["an adjective before", `This code is vulnerable:\n${evil}`],
  ["the sentence behind", `Look at this:\n\n${evil}\n\nThis is dangerous because anyone can run code.`],
  ["a comment", evil.replace("python\n", "python\n# BAD: runs whatever is typed\n")],
])("code that is warned of by %s teaches the warning", (_, text) => {
  expect(severities(text)).toEqual(["low"]);
});

test.each([
  ["proposed", `You can compute it like this:\n\n${evil}`],
  ["proposed as a repair", `To avoid unsafe parsing, use this instead:\n\n${evil}`],
  ["called better", `The old way was dangerous. A better way:\n\n${evil}`],
  ["followed by something else", `Try:\n\n${evil}\n\nThis prints the result.`],
])("code that is %s keeps its severity", (_, text) => {
  expect(severities(text)).toEqual(["high"]);
});
