/**
 * @file What the scanner of code finds in labelled collections that no rule was developed on.
 *
 *     npx tsx bench/inspect/outside.mjs [--juliet REPO --part even|odd|all]
 *       [--language NAME ...] [--by-rule] [--list]
 *
 * Each REPO is a clone, with or without a work tree, read with `git show`; nothing of it is part of this repository.
 * arichardson/juliet-test-suite-c: weaknesses of an even number were developed on, those of an odd one were not.
 */
import { parseArgs } from "node:util";
import { openScanner } from "@tunewise/codescan";
import { julietTests } from "./outside-juliet.mjs";
import { openTally } from "./tally.mjs";

const { values } = parseArgs({
  options: {
    juliet: { type: "string" },
    part: { type: "string", default: "even" },
    language: { type: "string", multiple: true },
    list: { type: "boolean", default: false },
    "by-rule": { type: "boolean", default: false },
  },
});

function* tests() {
  if (values.juliet !== undefined) yield* julietTests(values.juliet, values.part);
}

const scanner = await openScanner();
const tally = openTally();
for (const test of tests()) {
  if (values.language !== undefined && !values.language.includes(test.language)) continue;
  const found = scanner.scanCode(test.text, test.language);
  tally.add(test, found, values.list);
}
tally.say(values["by-rule"]);
