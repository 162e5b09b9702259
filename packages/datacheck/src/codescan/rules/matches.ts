/** @file Short ways to write down how a rule sees its weakness; lists of paths are written with spaces between. */
import type { Asked } from "../engine/language.ts";
import type { AssignSeen, CallSeen, OperationSeen, PatternSeen } from "../engine/seen.ts";
import { carries, type Danger, type Level } from "../engine/value.ts";
import type { Answer, Match } from "../rule.ts";
import { isBuiltAs, shaped, sqlVerb } from "./conditions.ts";

/** A function is called. */
export function calls(paths: string, when?: (seen: CallSeen) => Answer): Match {
  return { call: paths.split(" "), ...(when === undefined ? {} : { when }) };
}

/** A function is called that a program wrote for itself, told by the words of its path. */
export function callsLike(path: Asked, when: (seen: CallSeen) => Answer): Match {
  return { callLike: path, when };
}

/** Text from outside reaches an argument; 1: from a parameter is enough, 2: from outside for certain. */
export function reaches(
  danger: Danger,
  least: Level,
  paths: string,
  takes: readonly (number | string)[] = [0],
  when?: (seen: CallSeen) => boolean,
): Match {
  return { sink: paths.split(" "), takes, danger, least, ...(when === undefined ? {} : { when }) };
}

/** The same, and what came from outside through a function that nobody has seen is enough, too. */
export function mayReach(...given: Parameters<typeof reaches>): Match {
  return { ...(reaches(...given) as Extract<Match, { sink: unknown }>), through: true };
}

/** A variable, attribute, entry or named argument of such a name gets a value. */
export function assigns(name: Asked, when: (seen: AssignSeen) => Answer): Match {
  return { assign: name, when };
}

/** One of the operators is used: Python's words for all languages. */
export function operates(operators: string, when: (seen: OperationSeen) => Answer): Match {
  return { operation: operators.split(" "), when };
}

/** A regular expression is written down as a literal. */
export function patterns(when: (seen: PatternSeen) => boolean): Match {
  return { patterns: when };
}

/** A line that the parser could not read, or any where it is not there. */
export function brokenLine(line: RegExp, unless?: RegExp): Match {
  return { line, broken: true, ...(unless === undefined ? {} : { unless }) };
}

/** SQL is put together here with a value between quotes, and run elsewhere. */
export const buildsSql: Match = assigns(/./, ({ form, value }) => {
  if (form !== "variable" && form !== "attribute") return false;
  return (
    isBuiltAs(value, sqlVerb) &&
    shaped(value, /(=|like|in|values)[\s(]{0,5}['"]%?\0/i) &&
    carries(value, "sql")
  );
});
