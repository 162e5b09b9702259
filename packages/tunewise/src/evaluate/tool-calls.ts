/** @file Compares the calls of answers with those of their references. */

import { parseAnswerText, type ToolCall } from "@tunewise/core/rows";
import { matchFields } from "./json-match.ts";
import { precisionRecall } from "./label.ts";
import type { RowOutcome } from "./score.ts";

/** Numbers of equal parts, parts of the answer and parts of the reference. */
type Counts = [right: number, answered: number, expected: number];

/** Compared calls: their names, and the fields of their arguments. */
interface CallMatch {
  readonly names: Counts;
  readonly fields: Counts;
}

/**
 * Per row, the F1 of the parts of calls: each name, and each field of the arguments compared as JSON. The order of
 * calls does not matter. A row whose reference calls no tool is right if the answer calls none, whatever its text.
 *
 * Facts: `whole_equal`, `names_equal` and `arguments_f1` over the rows with calls; `missed_calls`, the share of them
 * whose answer has none; `unnecessary_calls`, the share of the other rows whose answer has one; `malformed_calls`, the
 * share of answers that begin a call which cannot be read.
 */
export function scoreToolCalls(
  answers: readonly string[],
  references: readonly string[],
): { readonly outcomes: readonly RowOutcome[]; readonly facts: Readonly<Record<string, number>> } {
  const count = { calling: 0, silent: 0, whole: 0, names: 0, missed: 0, unnecessary: 0, malformed: 0 };
  const fields: Counts = [0, 0, 0];
  const outcomes = references.map((text, row): RowOutcome => {
    const { toolCalls: given = [], malformed } = parseAnswerText(answers[row] ?? "");
    const { toolCalls: expected = [] } = parseAnswerText(text);
    if (malformed !== null) count.malformed++;
    if (expected.length === 0) {
      count.silent++;
      const isRight = given.length === 0 && malformed === null;
      if (!isRight) count.unnecessary++;
      return { value: isRight ? 1 : 0, weight: 1 };
    }
    const match = matchCalls(given, expected);
    const all = add(match.names, match.fields);
    count.calling++;
    if (given.length === 0) count.missed++;
    if (isEqual(match.names)) count.names++;
    if (isEqual(all)) count.whole++;
    fields.splice(0, 3, ...add(fields, match.fields));
    return { value: precisionRecall(...all).f1, weight: 1 };
  });
  const share = (part: number, of: number): number => (of === 0 ? 0 : part / of);
  return {
    outcomes,
    facts: {
      whole_equal: share(count.whole, count.calling),
      names_equal: share(count.names, count.calling),
      arguments_f1: precisionRecall(...fields).f1,
      missed_calls: share(count.missed, count.calling),
      unnecessary_calls: share(count.unnecessary, count.silent),
      malformed_calls: share(count.malformed, references.length),
    },
  };
}

/** Pairs calls of the same tool, the most similar first; counts the parts of pairs and of calls without a partner. */
function matchCalls(given: readonly ToolCall[], expected: readonly ToolCall[]): CallMatch {
  const pairs = expected.flatMap((call) =>
    given
      .filter((other) => other.name === call.name)
      .map((other) => ({ call, other, counts: compare(other, call) })),
  );
  const used = new Set<ToolCall>();
  let names: Counts = [0, given.length, expected.length];
  let fields: Counts = [0, 0, 0];
  for (const { call, other, counts } of pairs.sort((one, two) => two.counts[0] - one.counts[0])) {
    if (used.has(call) || used.has(other)) continue;
    used.add(call).add(other);
    names = add(names, [1, 0, 0]);
    fields = add(fields, counts);
  }
  for (const call of expected) if (!used.has(call)) fields = add(fields, [0, 0, compare(null, call)[2]]);
  for (const call of given) if (!used.has(call)) fields = add(fields, [0, compare(null, call)[2], 0]);
  return { names, fields };
}

/** Compares arguments; a call without arguments has no field. */
function compare(given: ToolCall | null, expected: ToolCall): Counts {
  const { right, answered, expected: fields } = matchFields(given?.arguments ?? {}, expected.arguments);
  const isBare = (call: ToolCall | null): boolean =>
    call === null || (typeof call.arguments === "object" && Object.keys(call.arguments).length === 0);
  const bare = [isBare(given), isBare(expected)];
  return [bare[0] || bare[1] ? 0 : right, bare[0] ? 0 : answered, bare[1] ? 0 : fields];
}

function add([a, b, c]: Counts, [right, answered, expected]: Counts): Counts {
  return [a + right, b + answered, c + expected];
}

function isEqual([right, answered, expected]: Counts): boolean {
  return right === answered && right === expected;
}
