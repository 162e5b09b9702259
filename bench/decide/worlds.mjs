/**
 * @file How often the decision is wrong or undecided, in simulations with a known truth.
 *
 * npx tsx bench/decide/worlds.mjs [--worlds 800] [--draws 1000] [--power 60]
 */
import { decide } from "../../packages/tunewise/src/evaluate/decide/decide.ts";
import { bornOut, grade, kinds, wishes, world } from "../../test/support/decision-worlds.ts";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const [count, draws] = [option("worlds", 800), option("draws", 1000)];
const percent = (part, whole) => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);

const graded = [];
for (let at = 0; at < count; at++) {
  const kind = kinds[at % kinds.length];
  const wish = wishes[Math.floor(at / kinds.length) % wishes.length];
  const simulated = world(1000 + at, kind, wish, { draws });
  const { tune, instead } = bornOut(simulated);
  graded.push({
    kind,
    wish,
    rows: simulated.input.arms[0].outcomes.length,
    isGrouped: simulated.input.groups !== null,
    result: grade(simulated, decide(simulated.input)),
    hasAnswer: tune || instead.length > 0,
  });
}

function line(name, list) {
  const of = (result) => list.filter((one) => one.result === result).length;
  const [right, wrong] = [of("right"), of("wrong")];
  const answerable = list.filter(({ hasAnswer }) => hasAnswer);
  const settled = answerable.filter(({ result }) => result !== "open").length;
  console.log(
    `${name.padEnd(26)}${String(list.length).padStart(6)} worlds  wrong ${percent(wrong, list.length).padStart(7)}` +
      `  of verdicts ${percent(wrong, right + wrong).padStart(7)}  undecided ${percent(of("open"), list.length).padStart(7)}` +
      `  settled where there is an answer ${percent(settled, answerable.length).padStart(7)}`,
  );
}

line("all", graded);
for (const kind of kinds)
  line(
    `tuning ${kind}`,
    graded.filter((one) => one.kind === kind),
  );
for (const wish of wishes)
  line(
    `wish: ${wish}`,
    graded.filter((one) => one.wish === wish),
  );
for (const [low, high] of [
  [50, 150],
  [150, 500],
  [500, 2001],
]) {
  line(
    `${low} to ${high - 1} rows`,
    graded.filter(({ rows }) => rows >= low && rows < high),
  );
}
line(
  "rows in groups",
  graded.filter(({ isGrouped }) => isGrouped),
);

console.log(
  "\nPower: 1,000 rows, tuning 8 points better and cheaper, or 8 points worse; target half-way;\n  a correct answer is worth thirty times the price of asking for one",
);
const power = { rows: 1000, gap: 0.08, isTargetMiddle: true, worth: 30, by: 0.02, plain: true, draws };
for (const kind of ["helps", "hurts"]) {
  for (const wish of wishes) {
    const results = Array.from({ length: option("power", 60) }, (_, at) => {
      const simulated = world(90_000 + at, kind, wish, power);
      return { ...bornOut(simulated), result: grade(simulated, decide(simulated.input)) };
    });
    const answerable = results.filter(({ tune, instead }) => tune || instead.length > 0);
    const settled = answerable.filter(({ result }) => result === "right").length;
    const wrong = results.filter(({ result }) => result === "wrong").length;
    console.log(
      `tuning ${kind}, ${wish}: ${percent(settled, answerable.length)} of ${answerable.length} that have an answer are rightly settled, ${wrong} of ${results.length} wrong`,
    );
  }
}
