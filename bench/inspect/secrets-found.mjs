/**
 * @file Recall of the secret scan on planted secrets, and false positives on similar texts without secrets.
 *
 *     node --import tsx bench/inspect/secrets-found.mjs [--part developed|kept] [--show]
 *
 * A hash of the names divides kinds of secrets, their contexts and decoys into halves: rules were developed on one
 * half, and the other was scored once.
 */
import { parseArgs } from "node:util";
import { mulberry32 } from "@tunewise/core/math";
import { scanText } from "../../packages/datacheck/src/secrets/scan.ts";
import { checkedPart, isInPart } from "./part.mjs";
import { decoys } from "./secret-decoys.mjs";
import { kinds, plant } from "./secret-kinds.mjs";
import { randomPassword } from "./secret-values.mjs";

const { values } = parseArgs({
  options: {
    part: { type: "string", default: "developed" },
    show: { type: "boolean", default: false },
    draws: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
  },
});

const part = checkedPart(values.part);
const isWanted = (name) => isInPart(part, name);
const secretsOf = (text) => scanText(text).filter(({ personal }) => !personal);

/** Whether a match covers at least 80 % of a value. */
const covers = (text, { start, end }) =>
  secretsOf(text).some((one) => Math.min(one.end, end) - Math.max(one.start, start) >= 0.8 * (end - start));

function passwords() {
  const draw = mulberry32(Number(values.seed) + (part === "kept" ? 1000 : 0));
  const frames = [
    'password = "\0"\n',
    "const dbPassword = '\0';\n",
    '{"password": "\0"}\n',
    "    password='\0',\n",
  ];
  let found = 0;
  const count = 2000;
  for (let i = 0; i < count; i++) {
    const planted = plant(frames[i % frames.length], randomPassword(draw));
    if (covers(planted.text, planted)) found++;
    else if (values.show && i < 600) console.log(`  missed ${planted.text.trim()}`);
  }
  console.log(`random passwords of 8 to 20 characters in quotes: ${found} of ${count} found`);
}

function planted() {
  const draw = mulberry32(Number(values.seed));
  let [right, missed, wrong, silent] = [0, 0, 0, 0];
  const perKind = [];
  for (const { id, value, places } of kinds) {
    const tally = [0, 0];
    for (let round = 0; round < Number(values.draws); round++) {
      for (const [name, place] of Object.entries(places(draw))) {
        const one = plant(place, value(draw));
        if (!isWanted(`${id} ${name}`)) continue;
        const isFound = covers(one.text, one);
        tally[isFound ? 0 : 1]++;
        if (values.show && !isFound) console.log(`  missed ${id} ${name}: ${one.text.trim().slice(0, 200)}`);
      }
    }
    right += tally[0];
    missed += tally[1];
    if (tally[1] > 0) perKind.push(`${id} ${tally[0]}/${tally[0] + tally[1]}`);
  }
  // the name of a decoy is its text without random parts, so that a new decoy does not move others to a different half
  const names = decoys(() => 0);
  for (let round = 0; round < Number(values.draws); round++) {
    for (const [index, text] of decoys(draw).entries()) {
      if (!isWanted(`decoy ${names[index]}`)) continue;
      const found = secretsOf(text);
      if (found.length > 0) wrong++;
      else silent++;
      if (values.show && found.length > 0 && round === 0)
        console.log(`  wrong ${found[0].rule}: ${text.trim().slice(0, 200)}`);
    }
  }
  const f1 = (2 * right) / (2 * right + missed + wrong);
  console.log(
    `${kinds.length} kinds (${part}): F1 ${f1.toFixed(3)} (${right} found, ${missed} missed; of ${wrong + silent} decoys ${wrong} reported)`,
  );
  if (perKind.length > 0) console.log(`  not all of: ${perKind.join(", ")}`);
}

passwords();
planted();
