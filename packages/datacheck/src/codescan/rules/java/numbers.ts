/** @file Java rules: untrusted numbers as indexes, lengths and operands; infinite loops. */
import { carries, cleanOfAll, dangers, hole, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { calls, operates, reaches } from "../matches.ts";

/** An untrusted number without a bounds check. */
function isOpenNumber(value: Value | undefined, least = 2): boolean {
  return (
    value !== undefined && carries(value, "size") >= least && (value.clean | dangers.size) === cleanOfAll
  );
}

/** Text or a number of a wide type, by the call that read it. */
const wide =
  /^(Long|Double|Float|BigInteger|BigDecimal|NumberUtils)\.|\.(nextLong|nextDouble|longValue|doubleValue)\(\)/;

/** Rules on numbers. */
export const javaNumberRules: readonly Rule[] = [
  {
    id: "java/index-from-outside",
    cwe: 129,
    title: "Array index from untrusted input",
    severity: "medium",
    why: "An index out of bounds throws an exception and ends the request.",
    fix: "Check the bounds first: if (index < 0 || index >= array.length) throw ...",
    literals: ["["],
    match: [
      calls("!index", ({ args: [index], here, start }) => {
        const source = here.text.slice(here.inside?.start ?? 0, here.inside?.end ?? 0);
        const isCaught = /catch\s{0,3}\([^)]{0,80}(IndexOutOfBounds|\bException|RuntimeException)/.test(
          here.text.slice(start, start + 600),
        );
        return isOpenNumber(index, 1) && !isCaught && !/Objects\.checkIndex\(/.test(source);
      }),
    ],
  },
  {
    id: "java/length-from-outside",
    cwe: 789,
    title: "Allocation size from untrusted input",
    severity: "medium",
    why: "A large number exhausts memory and ends the program.",
    fix: "Check the size first: if (length < 0 || length > MAX) throw ...",
    literals: ["new ", "allocate"],
    match: [
      calls(
        "!length ByteBuffer.allocate ByteBuffer.allocateDirect ArrayList HashMap StringBuilder",
        ({ args: [length] }) => isOpenNumber(length),
      ),
    ],
  },
  {
    id: "java/sum-from-outside",
    cwe: 190,
    title: "Integer overflow: arithmetic on untrusted input",
    severity: "low",
    why: "The result can overflow and become another number.",
    fix: "Use Math.addExact(a, b) or Math.multiplyExact(a, b), or check the range first",
    literals: ["parse", "valueOf", "nextInt", "nextLong"],
    match: [
      operates(
        "+ * -",
        ({ operands }) =>
          operands.length === 2 &&
          operands.some((one) => isOpenNumber(one)) &&
          operands.every(({ shape = hole }) => shape === hole),
      ),
    ],
  },
  {
    id: "java/cut-off",
    cwe: 681,
    title: "Untrusted number truncated by a cast",
    severity: "medium",
    why: "A value out of range silently becomes another number.",
    fix: "Use Math.toIntExact(value), or check the range first",
    literals: ["(int)", "(short)", "(byte)", "(char)", "intValue", "shortValue"],
    match: [
      reaches(
        "size",
        2,
        "!narrow.int",
        [0],
        ({ args: [value] }) => isOpenNumber(value) && wide.test(value?.path ?? ""),
      ),
      reaches("size", 2, "!narrow.short !narrow.byte !narrow.char", [0], ({ args: [value] }) =>
        isOpenNumber(value),
      ),
    ],
  },
  {
    id: "java/endless-loop",
    cwe: 835,
    title: "Loop condition never changes",
    severity: "medium",
    why: "The loop increments one variable and tests another, so it ends immediately or never.",
    fix: "Test the variable that the loop increments: for (int j = 0; j < max; j++)",
    literals: ["for"],
    match: [calls("!endless")],
  },
];
