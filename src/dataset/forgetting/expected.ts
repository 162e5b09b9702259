/**
 * @file What an answer must hold, as a file says it: a text, or conditions by name.
 */
import type { Complaint } from "../complaint.ts";
import { isComplaint } from "../messages.ts";
import { isFields, kindOf } from "../record.ts";
import type { Expected } from "./material.ts";
import { patternProblem } from "./pattern.ts";

/** The file's names of conditions that hold one text. */
const texts = {
  equals: "equals",
  contains: "contains",
  icontains: "icontains",
  excludes: "excludes",
} as const;
/** Those that hold several. */
const lists = { contains_all: "containsAll", contains_any: "containsAny" } as const;
const names = [...Object.keys(texts), ...Object.keys(lists), "regex", "is_json"];

/** Reads `expected`: a text is one that the answer contains; else at least one condition by name. */
export function readExpected(given: unknown): Expected | Complaint {
  if (typeof given === "string")
    return given.trim() === "" ? refused("expected is empty") : { contains: given };
  if (!isFields(given)) return refused(`expected is ${kindOf(given)}`);
  const entries = Object.entries(given);
  if (entries.length === 0) return refused(`expected names none of ${names.join(", ")}`);
  let expected: Expected = {};
  for (const [name, value] of entries) {
    const part = conditionOf(name, value);
    if (isComplaint(part)) return part;
    expected = { ...expected, ...part };
  }
  return expected;
}

function conditionOf(name: string, value: unknown): Expected | Complaint {
  const wrong = refused(`${name.slice(0, 40)} is ${kindOf(value)}`);
  if (Object.hasOwn(texts, name))
    return isFilled(value) ? { [texts[name as keyof typeof texts]]: value } : wrong;
  if (Object.hasOwn(lists, name)) {
    const isList = Array.isArray(value) && value.length > 0 && value.every(isFilled);
    return isList ? { [lists[name as keyof typeof lists]]: value as string[] } : wrong;
  }
  if (name === "is_json") return typeof value === "boolean" ? { isJson: value } : wrong;
  if (name !== "regex")
    return refused(`expected has no condition ${name.slice(0, 40)}; there are ${names.join(", ")}`);
  if (typeof value !== "string") return wrong;
  const reason = patternProblem(value);
  return reason === null ? { regex: value } : refused(reason);
}

function isFilled(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function refused(reason: string): Complaint {
  return { code: "FORGETTING_EXPECTED_INVALID", reason };
}
