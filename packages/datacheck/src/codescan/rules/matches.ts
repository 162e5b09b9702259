/** @file Short constructors of rule matches. Lists of paths and of words are separated by spaces. */
import type { NamePattern } from "../engine/language.ts";
import type { AssignSeen, CallSeen, OperationSeen, PatternSeen } from "../engine/seen.ts";
import { carries, type Danger, type Level } from "../engine/value.ts";
import type { Answer, Match } from "../rule.ts";
import { isBuiltAs, shaped, sqlVerb } from "./conditions.ts";

/** Many literals of a rule, none with a space in it. */
export function words(list: string): readonly string[] {
  return list.split(" ");
}

/** Matches a call of a function. */
export function calls(paths: string, when?: (seen: CallSeen) => Answer): Match {
  return { call: paths.split(" "), ...(when === undefined ? {} : { when }) };
}

/** Matches a call of a program's own function, recognized by words in its path. */
export function callsLike(path: NamePattern, when: (seen: CallSeen) => Answer): Match {
  return { callLike: path, when };
}

/**
 * Matches untrusted text that reaches an argument. 1: a parameter suffices; 2: the text must certainly be untrusted.
 */
export function reaches(
  danger: Danger,
  least: Level,
  paths: string,
  takes: readonly (number | string)[] = [0],
  when?: (seen: CallSeen) => boolean,
): Match {
  return { sink: paths.split(" "), takes, danger, least, ...(when === undefined ? {} : { when }) };
}

/** Like `reaches`, but also matches untrusted text that passed through an unknown function. */
export function mayReach(...given: Parameters<typeof reaches>): Match {
  return { ...(reaches(...given) as Extract<Match, { sink: unknown }>), through: true };
}

/** Matches an assignment to a variable, attribute, entry or named argument with a matching name. */
export function assigns(name: NamePattern, when: (seen: AssignSeen) => Answer): Match {
  return { assign: name, when };
}

/** Matches one of the operators, in Python's words for all languages. */
export function operates(operators: string, when: (seen: OperationSeen) => Answer): Match {
  return { operation: operators.split(" "), when };
}

/** Matches a regular expression literal. */
export function patterns(when: (seen: PatternSeen) => boolean): Match {
  return { patterns: when };
}

/** Matches a line that the parser could not read, or any line without a parser. */
export function brokenLine(line: RegExp, unless?: RegExp): Match {
  return { line, broken: true, ...(unless === undefined ? {} : { unless }) };
}

/** Matches SQL composed here with a value between quotes, and executed elsewhere. */
export const buildsSql: Match = assigns(/./, ({ form, value }) => {
  if (form !== "variable" && form !== "attribute") return false;
  return (
    isBuiltAs(value, sqlVerb) &&
    shaped(value, /(=|like|in|values)[\s(]{0,5}['"]%?\0/i) &&
    carries(value, "sql")
  );
});
