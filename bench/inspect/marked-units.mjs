/**
 * @file Judges findings by the marks of rule authors in their own test files.
 *
 * The unit is the marked statement. A mark that is alone in its function (or in its block of lines outside functions)
 * refers to the whole function, because a missing protection has no line of its own. A bad unit counts as found if a
 * finding of the rule's weakness, or of a related one, begins in it. Good units are statements marked as good and, in
 * files whose authors marked every bad line, functions without a mark. In such files, each line with a finding outside
 * the marked statements of a function with several marks also counts as a false positive. A snippet with a verdict but
 * without lines is one unit; some collections define their own units.
 */
import { statementsOf, unitsOf } from "./code-units.mjs";
import { related } from "./weaknesses.mjs";

/**
 * Judges one file or code snippet by the marks of one rule.
 *
 * @param {{ text: string, language: string, cwes: number[], verdict?: boolean, isAll?: boolean,
 *   units?: { unit: number[], isBad: boolean }[],
 *   marks: { line: number, isBad?: boolean, isCause?: boolean }[] }} test `isBad` of a mark is undefined if the author
 *   was in doubt; `isCause` is set for a line that belongs to another mark
 * @param findings findings of the scanner or of another tool, `{ cwe, line }`
 * @returns `{ line, kind }` of each unit: `right`, `missed`, `wrong`, `silent`
 */
export function judge(test, findings) {
  const lines = new Set(
    findings.filter((one) => test.cwes.some((cwe) => related(one.cwe, cwe))).map(({ line }) => line),
  );
  const isFlagged = (unit) => unit.some((line) => lines.has(line));
  const { units, beside } = unitsOfTest(test);
  return [
    ...units.map(({ unit, isBad }) => ({
      line: unit[0] ?? 1,
      kind: isBad ? (isFlagged(unit) ? "right" : "missed") : isFlagged(unit) ? "wrong" : "silent",
    })),
    ...beside.filter((line) => lines.has(line)).map((line) => ({ line, kind: "wrong" })),
  ];
}

function unitsOfTest({ text, language, marks, verdict, isAll, units: stated }) {
  if (stated !== undefined) return { units: stated, beside: [] };
  const count = text.split("\n").length;
  if (verdict !== undefined) {
    return {
      units: [{ unit: linesFrom(1, count), isBad: verdict }],
      beside: [],
    };
  }
  const statementOf = statementsOf(text, language);
  const functions = linesByUnit(unitsOf(text, language));
  const units = [];
  const beside = [];
  for (const unit of functions) {
    const inUnit = marks.filter(({ line }) => unit.includes(line));
    const causes = inUnit.filter(({ isCause }) => isCause).map(({ line }) => line);
    const here = unitedMarks(
      inUnit.filter(({ isCause }) => !isCause),
      statementOf,
    );
    if (here.length === 1 && here[0].isBad !== undefined) units.push({ unit, isBad: here[0].isBad });
    if (here.length === 0 && isAll) units.push({ unit, isBad: false });
    if (here.length < 2) continue;
    for (const { span, isBad } of here) {
      const inside = unit.filter((line) => line >= span.first && line <= span.last);
      if (isBad !== undefined) units.push({ unit: inside, isBad });
    }
    const isMarked = (line) =>
      causes.includes(line) || here.some(({ span }) => line >= span.first && line <= span.last);
    if (isAll) beside.push(...unit.filter((line) => !isMarked(line)));
  }
  return { units, beside };
}

/** Line numbers of a range, including both ends. */
export const linesFrom = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** Lines of each unit, in order. */
export function linesByUnit(unitOf) {
  const found = new Map();
  for (const [line, unit] of unitOf.entries()) {
    if (unit !== undefined) found.set(unit, [...(found.get(unit) ?? []), line]);
  }
  return [...found.values()];
}

/** One mark per statement; bad takes precedence over doubtful, and doubtful over good. */
function unitedMarks(marks, statementOf) {
  const found = new Map();
  for (const { line, isBad } of marks) {
    const span = statementOf[line];
    const key = `${span.first}-${span.last}`;
    const before = found.get(key);
    const isWorse = before === undefined || isBad === true || (before.isBad === false && isBad === undefined);
    if (isWorse) found.set(key, { span, isBad });
  }
  return [...found.values()];
}
