/** @file JavaScript rules: untrusted property names, types and lengths. */

import type { AssignSeen, CallSeen, FunctionSeen, OperationSeen } from "../../engine/seen.ts";
import type { Span } from "../../engine/syntax.ts";
import { carries, itemsOf, openProperty, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, isA } from "../conditions.ts";
import { fileSays } from "../inside.ts";
import { assigns, calls, operates, reaches } from "../matches.ts";
import { mergesBlindly } from "./merging.ts";

/** A parsed request field, which its sender can make a text, a list or an object. */
const field = /(^|\.)request\.(query|body|request\.query|request\.body)\.[\w$]{1,60}$/;
/** Methods shared by texts and lists. */
const common = ".indexOf .lastIndexOf .includes .slice .concat";

const deepMerges =
  "_.merge _.mergeWith _.defaultsDeep _.set _.setWith _.update _.zipObjectDeep merge " +
  "deepmerge $.extend jQuery.extend " +
  "angular.merge extend deep-extend merge-deep mixin-deep defaults-deep node.extend " +
  "assign-deep set-value object-path.set " +
  "dot-prop.set just-extend lodash.merge lodash.defaultsdeep lodash.set hoek.merge " +
  "hoek.applyToDefaults @hapi/hoek.merge " +
  "merge-options merge-objects deepAssign deepMerge deepExtend defaultsDeep merge.recursive " +
  "objectPath.set dotProp.set " +
  "R.mergeDeepRight R.assocPath immer.produce setValue undefsafe nconf.set";
const parsed = /(^|\.)request\.(body|query)$|JSON\.parse\(\)$|^message\.data$/;

/** `object[name].field = value`, `object[name][other] = value`: if the name is `__proto__`, all objects are changed. */
function pollutes({ form, object, key }: AssignSeen): boolean {
  if ((form !== "item" && form !== "attribute") || !comesFrom(object, isOpenProperty)) return false;
  return form === "attribute" || key?.constant === undefined;
}

const isOpenProperty = { test: (root: string): boolean => root === openProperty };

/** Whether the value is a whole request, parsed JSON or a message. */
function isParsed(value: Value): boolean {
  return value.level === 2 && (parsed.test(value.path) || itemsOf(value).some(isParsed));
}

/** Methods that behave differently if a list replaces the expected text. */
function isConfused({ receiver, path, args, here, end }: CallSeen): boolean {
  if (!field.test(receiver.path) || carries(receiver, "nosql") === 0) return false;
  const behind = here.text.slice(end, end + 12);
  // a list that contains the text at index 0 passes a test for a prefix anyway
  if (/ndexOf$/.test(path) && /^\s{0,3}[!=]==?\s{0,3}0\b/.test(behind)) return false;
  return !(path.endsWith(".slice") && args.length === 1 && args[0]?.constant === -1);
}

const count = /\.length$/;

/** `for (i = 0; i < request.body.length; i++)`: the body may be `{"length": 1e9}` instead of a list. */
function isOpenLoop({ operands, here, start, end }: OperationSeen): boolean {
  const bound = operands.find(
    (one) =>
      count.test(one.path) && /(^|\.)request\.(request\.)?body\b/.test(one.path) && carries(one, "size") > 0,
  );
  if (bound === undefined) return false;
  const before = here.text.slice(Math.max(0, start - 80), start);
  if (!/\b(for\s?\([^;{}]{0,70};\s{0,9}|while\s?\(\s{0,9})$/.test(before)) return false;
  const body = here.text.slice(end, end + 600);
  // access to a missing element ends the loop with an exception
  return (
    !/\b(break|return|throw)\b/.test(body.slice(0, loopEnd(body))) &&
    !/\]\.\w/.test(body.slice(0, loopEnd(body)))
  );
}

/** The end of the block that follows a loop's head. */
function loopEnd(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "{") depth += 1;
    else if (text[at] === "}") depth -= 1;
    if (depth === 0 && text[at] === "}") return at;
  }
  return text.length;
}

/** A function that deeply copies one object's fields into another without checking their names. */
function blindMerge({ made, here }: FunctionSeen): Span | false {
  const before = here.text.slice(Math.max(0, made.start - 60), made.start);
  const name = made.name === "" ? (/([\w$]{1,40})\s?[=:]\s?$/.exec(before)?.[1] ?? "") : made.name;
  const at = mergesBlindly(name, here.text.slice(made.start, made.end).slice(0, 6000));
  return at !== undefined && { start: made.start + at, end: made.start + at + 1 };
}

/** Rules on objects. */
export const javascriptObjectRules: readonly Rule[] = [
  {
    id: "javascript/prototype",
    cwe: 1321,
    title: "Prototype pollution: property name from untrusted input",
    severity: "medium",
    why: "The name `__proto__` modifies all objects.",
    fix: "Use new Map() or Object.create(null), or reject __proto__, constructor and prototype",
    literals: ["[", "merge", "extend", "Deep", "deep", "assign", "set"],
    match: [
      { defines: blindMerge },
      assigns(/./, pollutes),
      assigns(/^$/, pollutes),
      calls(deepMerges, ({ args }) => args.slice(1).some(isParsed)),
      calls(
        "Object.defineProperty Reflect.set",
        ({ args: [, key, value] }) =>
          key !== undefined && carries(key, "property") === 2 && value !== undefined,
      ),
    ],
  },
  {
    id: "javascript/name-from-outside",
    cwe: 915,
    title: "Mass assignment: request body copied into an object",
    severity: "medium",
    why: "A client can set fields that no form shows, such as a role, a price or an owner.",
    fix: "Copy each field by name: { title: String(req.body.title) }",
    literals: ["assign", "create", "update", "insert", "Update", "build", "fill"],
    match: [
      calls("Object.assign", ({ args: [into, ...from] }) => into?.entries?.size !== 0 && from.some(isParsed)),
      calls(
        ".create .build .insert .insertOne .update .set .bulkCreate .findByIdAndUpdate .findOneAndUpdate .updateOne",
        ({ args, path }) =>
          /(^|\.)[A-Z]\w{0,40}\.\w{1,20}$|\(\)\.\w{1,20}$|model/.test(path) &&
          args.some(
            ({ path: from, level, entries }) =>
              level === 2 && entries === undefined && /(^|\.)request\.body$/.test(from),
          ),
      ),
    ],
  },
  {
    id: "javascript/property-from-outside",
    cwe: 400,
    title: "Property set or deleted by an untrusted name",
    severity: "low",
    why: "Names such as __proto__, toString or length break later code. An untrusted header name can set any header.",
    fix: "Use new Map() or an allowlist of names",
    literals: ["[", "setHeader"],
    match: [
      assigns(
        /^$/,
        ({ form, key, object }) =>
          form === "item" &&
          key?.level === 2 &&
          key.shape === undefined &&
          carries(key, "property") === 2 &&
          object?.entries !== undefined &&
          !comesFrom(object, isOpenProperty),
      ),
      calls("delete", ({ args: [target] }) => comesFrom(target, isOpenProperty)),
      reaches(
        "header",
        2,
        ".setHeader .header",
        [0],
        ({ args }) => args.length === 2 && args[0]?.entries === undefined,
      ),
    ],
  },
  {
    id: "javascript/method-from-outside",
    cwe: 754,
    title: "Method chosen by an untrusted name",
    severity: "medium",
    why: "Any method can be called, including inherited ones. An unknown name throws and can end the process.",
    fix: "Use a map: const actions = new Map([['play', play]]); if (actions.has(name)) actions.get(name)()",
    literals: ["]("],
    match: [calls(".call", ({ receiver }) => comesFrom(receiver, isOpenProperty))],
  },
  {
    id: "javascript/type-from-outside",
    cwe: 843,
    title: "Type confusion: request parameter may be an array",
    severity: "low",
    why: "?a=1&a=2 yields an array: includes, indexOf and slice then operate on its elements.",
    fix: "Check the type: if (typeof value !== 'string') return res.sendStatus(400)",
    literals: ["ndexOf", "includes", "slice", "concat", ".length"],
    match: [
      calls(common, isConfused),
      operates("< <= > >= == !=", ({ operands: [a, b] }) => {
        const bound = [a, b].find(
          (one) => one !== undefined && field.test(one.path.replace(count, "")) && count.test(one.path),
        );
        const other = bound === a ? b : a;
        return (
          bound !== undefined &&
          carries(bound, "nosql") > 0 &&
          carries(bound, "size") > 0 &&
          other?.constant !== 0 &&
          /query/.test(bound.path)
        );
      }),
    ],
  },
  {
    id: "javascript/length-from-outside",
    cwe: 834,
    title: "Loop bound from untrusted input",
    severity: "medium",
    why: 'A body such as {"length": 1e9} keeps the server busy for minutes.',
    fix: "Check the type and length: if (!Array.isArray(list) || list.length > 1000) return res.sendStatus(400)",
    literals: [".length", "_.", "lodash"],
    match: [
      operates("< <= > >= !=", isOpenLoop),
      calls(
        "_.chunk _.each _.forEach _.map _.filter _.reduce _.flatten _.shuffle _.zip _.times _.fill _.drop _.take",
        ({ args: [list, given], here, start }) =>
          carries(list, "size") === 2 &&
          isA(list, /(^|\.)request\.(request\.)?body(\.\w{1,40})?$/) &&
          !(
            given?.made?.kind === "function" &&
            /\w\.\w/.test(here.text.slice(given.made.start, given.made.end))
          ) &&
          start >= 0,
      ),
    ],
  },
  {
    id: "javascript/errors-all",
    cwe: 400,
    title: "Validator collects all errors",
    severity: "low",
    why: "A large request with an error in each element consumes unbounded time and memory.",
    fix: "Use new Ajv({ allErrors: false })",
    literals: ["allErrors"],
    match: [
      assigns(
        /^allErrors$/,
        ({ form, value, here }) => form === "entry" && value.constant === true && fileSays(here, /ajv/i),
      ),
    ],
  },
];
