/**
 * @file Sample classes of find-sec-bugs, whose tests state each bug's method or line in a class.
 *
 * What `verify(reporter)` expects is bad; what it never expects is good. If a test counts the bugs of a class, the
 * class's other methods are good too. Bug types of the same weakness, such as XML parsers of several classes, are
 * judged together: bad for one of them is bad. Samples in Kotlin, Scala and JSP are excluded.
 */
import { posix } from "node:path";
import { spansOf } from "./code-units.mjs";
import { filesUnder, textOf, textsOf } from "./codeql-tests.mjs";
import { related } from "./weaknesses.mjs";

const metadata = "findsecbugs-plugin/src/main/resources/metadata";

/** Sample files, each with the expectations for one bug type. */
export function* findsecbugsTests(repo) {
  const weaknesses = weaknessesOf(repo);
  const samples = new Map(
    ["findsecbugs-samples-java/src/test/java", "findsecbugs-samples-java11/src/test/java"]
      .flatMap((folder) => filesUnder(repo, folder))
      .filter((path) => path.endsWith(".java"))
      .map((path) => [path.replace(/^.*\/java\/(.*)\.java$/, "$1"), path]),
  );
  const expected = new Map();
  const tests = filesUnder(repo, "findsecbugs-plugin/src/test/java").filter((path) =>
    path.endsWith("Test.java"),
  );
  for (const text of textsOf(repo, tests)) {
    const classes = [...text.matchAll(/getClassFilePath\("([\w/$]+)(?:\.java)?"\)/g)].map((one) => one[1]);
    for (const one of expectationsIn(text)) {
      const named = classes.filter((path) => one.name === undefined || posix.basename(path) === one.name);
      for (const path of new Set(named)) {
        if (!samples.has(path) || !weaknesses.has(one.type)) continue;
        expected.set(path, [...(expected.get(path) ?? []), one]);
      }
    }
  }
  for (const [name, list] of [...expected].sort()) {
    const path = samples.get(name);
    const text = textOf(repo, path);
    for (const group of groupsOf(list, weaknesses)) {
      const types = [...new Set(group.map(({ type }) => type))];
      const cwes = [...new Set(types.flatMap((type) => weaknesses.get(type)))];
      const about = { collection: "find-sec-bugs", rule: types.join(" "), cwes, path, language: "java" };
      yield { ...about, text, ...marksOf(text, group) };
    }
  }
}

/** Expectations for one file, grouped by related weaknesses. */
function groupsOf(list, weaknesses) {
  const groups = [];
  for (const one of list) {
    const isNear = ({ type }) =>
      weaknesses.get(type).some((a) => weaknesses.get(one.type).some((b) => related(a, b)));
    const group = groups.find((each) => each.some(isNear));
    if (group === undefined) groups.push([one]);
    else group.push(one);
  }
  return groups;
}

/** CWE numbers by bug type. */
function weaknessesOf(repo) {
  const found = new Map();
  const [patterns, messages] = textsOf(repo, [`${metadata}/findbugs.xml`, `${metadata}/messages.xml`]);
  for (const part of messages.split("<BugPattern ").slice(1)) {
    const type = /^type="(\w+)"/.exec(part)?.[1];
    const cwe = Number(/definitions\/(\d+)\.html/.exec(part)?.[1]);
    if (cwe > 0) found.set(type, [cwe]);
  }
  for (const [, type, cwe] of patterns.matchAll(/<BugPattern type="(\w+)"[^>]*\bcweid="(\d+)"/g))
    found.set(type, [...new Set([Number(cwe), ...(found.get(type) ?? [])])]);
  return found;
}

/** `{ type, name, methods, lines, isNever, isCount }` of each `verify(...)`. */
function expectationsIn(text) {
  const calls = text.matchAll(/verify\(\s*reporter\s*(,[^;{]*?)?\)\s*\.doReportBug\(([^;]*?)\.build\(\)/g);
  return [...calls].flatMap(({ 1: times = "", 2: chain, index }) => {
    const valuesIn = (name) => {
      const word = new Map(
        [...chain.matchAll(/\.(\w+)\(\s*([^()]*?)\s*\)/g)].map((one) => [one[1], one[2]]),
      ).get(name);
      return word === undefined ? undefined : valuesOf(word, text.slice(0, index));
    };
    const type = valuesIn("bugType")?.[0];
    if (type === undefined || /\.atJspFile\(/.test(chain)) return [];
    const [methods, lines] = [valuesIn("inMethod"), valuesIn("atLine")?.map(Number)];
    const name = valuesIn("inClass")?.[0]?.replace(/^.*[./]|\$.*$/g, "");
    const isNever = /never\(\)|times\(0\)/.test(times);
    const isCount = methods === undefined && lines === undefined && times !== "";
    return [{ type, name, methods, lines, isNever, isCount }];
  });
}

/** Values of a word: its literals, or the values of an enclosing loop over them. */
function valuesOf(word, before) {
  const listed = (list) => [...list.matchAll(/"([^"]*)"|\b(\d+)\b/g)].map((one) => one[1] ?? one[2]);
  if (/^["\d]/.test(word)) return listed(word);
  const loops = [...before.matchAll(/for\s*\(\s*[\w<>]+\s+(\w+)\s*:\s*([^{;]*)\)\s*\{?/g)];
  const over = loops.findLast((one) => one[1] === word)?.[2];
  if (over === undefined || /[("]/.test(over)) return listed(over ?? "");
  const lists = [...before.matchAll(/\b(\w+)\s*=\s*([^;]*);/g)];
  return listed(lists.findLast((one) => one[1] === over.trim())?.[2] ?? "");
}

/** Marks at the given lines, and at the heads of methods without a given line. */
function marksOf(text, list) {
  const kinds = ["method_declaration", "constructor_declaration"];
  const methods = spansOf(text, "java", (kind) => kinds.includes(kind)).map(({ first, last, node }) => ({
    first,
    last,
    name: node.childForFieldName("name")?.text,
  }));
  const badLines = new Set(list.flatMap((one) => (one.isNever ? [] : (one.lines ?? []))));
  const lines = list.flatMap((one) => (one.lines ?? []).map((line) => ({ line, isBad: badLines.has(line) })));
  const heads = list
    .filter((one) => one.lines === undefined && one.methods !== undefined)
    .flatMap((one) =>
      methods
        .filter(({ name }) => one.methods.includes(name))
        .filter(({ first, last }) => !lines.some(({ line }) => line >= first && line <= last))
        .map(({ first }) => ({ line: first, isBad: !one.isNever })),
    );
  return { marks: [...lines, ...heads], isAll: list.some(({ isCount }) => isCount) };
}
