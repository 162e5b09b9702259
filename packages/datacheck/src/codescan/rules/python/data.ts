/** @file Python rules: unsafe parsing of untrusted objects, XML and patterns. */
import { cleanOfAll, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, is, isA, madeWith, says } from "../conditions.ts";
import { isExplosive } from "../explosive.ts";
import { assigns, brokenLine, calls, reaches } from "../matches.ts";

const loads =
  "pickle.loads pickle.load pickle.Unpickler dill.load dill.loads cloudpickle.load " +
  "cloudpickle.loads jsonpickle.decode " +
  "marshal.load marshal.loads shelve.open joblib.load pandas.read_pickle sklearn.externals.joblib.load torch.load " +
  "numpy.load yaml.unsafe_load yaml.full_load";

/** Loaders that create only plain objects. */
const safeLoader = /(^|\.)(C?SafeLoader|C?BaseLoader)$/;
const lxmlReads =
  "lxml.etree.parse lxml.etree.fromstring lxml.etree.XML lxml.etree.iterparse lxml.etree.HTML";
const plainReads =
  "xml.etree.ElementTree.parse xml.etree.ElementTree.fromstring xml.etree.ElementTree.XML " +
  "xml.etree.ElementTree.iterparse " +
  "xml.dom.minidom.parse xml.dom.minidom.parseString xml.dom.pulldom.parse xml.dom.pulldom.parseString xml.sax.parse " +
  "xml.sax.parseString xml.etree.ElementTree.XMLID xmltodict.parse";

/** Whether the text belongs to the program itself. */
function isOwn(value: Value | undefined): boolean {
  return value?.constant !== undefined || value?.fixed === true;
}

/** A parser with an enabled feature that loads external content. */
function readsElsewhere(parser: Value | undefined): boolean {
  return [...(parser?.entries ?? [])].some(
    ([feature, { constant }]) =>
      /feature_external_\w{1,20}$|external-(general|parameter)-entities$|load-external-dtd$/.test(feature) &&
      (constant === true || constant === 1),
  );
}

function isSafeParser(parser: Value | undefined): boolean {
  return madeWith(parser, "resolve_entities") === false || isA(parser, /defusedxml/);
}

/** Rules on parsed data. */
export const pythonDataRules: readonly Rule[] = [
  {
    id: "python/pickle",
    cwe: 502,
    title: "Deserialization of untrusted data",
    severity: "high",
    why: "A pickle is a program: loading it runs code chosen by its author.",
    fix: "Use json.loads(data); for models, use safetensors or torch.load(file, weights_only=True)",
    literals: ["pickle", "dill", "marshal", "shelve", "joblib", "torch", "numpy", "yaml"],
    match: [
      reaches("code", 1, "pickle.loads dill.loads cloudpickle.loads jsonpickle.decode marshal.loads"),
      reaches("code", 2, loads, [0, 1, "filename", "file", "f"]),
      calls(
        "yaml.load yaml.load_all",
        (seen) => !isOwn(seen.args[0]) && !isA(argument(seen, 1, "Loader"), safeLoader),
      ),
      calls("yaml.unsafe_load yaml.unsafe_load_all yaml.full_load", ({ args: [text] }) => !isOwn(text)),
      assigns(/^__reduce__$/, ({ form }) => form === "attribute"),
      { defines: ({ made }) => made.name === "__reduce__" && made.method && made.body.some(returnsRunner) },
      brokenLine(/\b(c?[pP]ickle|dill|marshal)\.loads?\(|\byaml\.load\(/, /Safe|Base/),
    ],
  },
  {
    id: "python/pickle-file",
    cwe: 502,
    title: "Deserialization of an untrusted file",
    severity: "medium",
    why: "A pickle is a program: loading it runs code chosen by its author.",
    fix: "Use json.load(file); for models, use safetensors or torch.load(file, weights_only=True)",
    literals: ["pickle", "dill", "marshal", "shelve", "joblib", "torch", "numpy"],
    match: [
      calls(loads, (seen) => {
        if (isOwn(seen.args[0]) && /loads|decode|load$/.test(seen.path) && !/^(torch|numpy)/.test(seen.path))
          return false;
        if (seen.path === "torch.load") return !is(seen.named.get("weights_only"), true);
        return seen.path === "numpy.load"
          ? is(seen.named.get("allow_pickle"), true)
          : seen.path !== "marshal.load";
      }),
    ],
  },
  {
    id: "python/xml-entities",
    cwe: 611,
    title: "XML external entities (XXE) enabled",
    severity: "medium",
    why: "External entities can read files and URLs. Nested entities can exhaust memory.",
    fix: "Use defusedxml.ElementTree or etree.XMLParser(resolve_entities=False, no_network=True)",
    literals: ["xml", "etree"],
    match: [
      calls(
        "lxml.etree.XMLParser lxml.etree.XMLTreeBuilder",
        (seen) => !is(seen.named.get("resolve_entities"), false),
      ),
      calls(lxmlReads, (seen) => {
        const [first] = seen.args;
        const parser = argument(seen, 1, "parser");
        return parser === undefined && !seen.named.has("resolve_entities") && (first?.level ?? 0) > 0;
      }),
      calls(
        lxmlReads,
        (seen) =>
          isA(argument(seen, 1, "parser"), /XMLParser\(\)$/) && !isSafeParser(argument(seen, 1, "parser")),
      ),
      // expat loads no external entities and limits the growth of others unless configured otherwise
      calls(
        plainReads,
        ({ args: [first, given], named, path }) =>
          (/parse$/.test(path) || !isOwn(first)) && readsElsewhere(given ?? named.get("parser")),
      ),
      calls(".parse", ({ receiver }) => readsElsewhere(receiver)),
      // expat protects files and addresses, but nested entities in a request may still exhaust memory
      calls(plainReads, ({ args: [first] }) => first?.level === 2),
    ],
  },
  {
    id: "python/pattern-from-outside",
    cwe: 1333,
    title: "Regular expression built from untrusted input",
    severity: "medium",
    why: "Some patterns take exponential time.",
    fix: "Escape the input with re.escape(text), or use a constant pattern",
    literals: ["re."],
    match: [
      reaches(
        "regex",
        2,
        "re.compile re.match re.search re.fullmatch re.findall re.finditer re.sub re.split",
        [0, "pattern"],
      ),
    ],
  },
  {
    id: "python/pattern-explodes",
    cwe: 1333,
    title: "Regular expression with catastrophic backtracking (ReDoS)",
    severity: "medium",
    why: "Nested repetitions can match the same text in exponentially many ways.",
    fix: "Replace nested repetitions with a single one: [a-z]+ instead of ([a-z]+)*",
    literals: ["re.", "regex"],
    match: [
      calls(
        "re.compile re.match re.search re.fullmatch re.findall re.finditer re.sub re.split",
        ({ args: [pattern] }) => typeof pattern?.constant === "string" && isExplosive(pattern.constant),
      ),
    ],
  },
  {
    id: "python/any-attribute",
    cwe: 915,
    title: "Mass assignment: attribute names from untrusted input",
    severity: "medium",
    why: "A client that sends `is_admin` sets it.",
    fix: "Copy the allowed fields by name",
    literals: ["setattr", "request"],
    match: [
      calls("setattr", ({ args: [, name] }) => name?.level === 2 && name.clean !== cleanOfAll),
      // Model(**request.json)
      calls(
        ".create .update .Model",
        ({ spread, args }) =>
          spread &&
          args.some((one) => one.level === 2 && /request\.(json|form|get_json|POST|data)/.test(one.path)),
      ),
    ],
  },
  {
    id: "python/tags-by-pattern",
    cwe: 116,
    title: "HTML sanitized with a regular expression",
    severity: "medium",
    why: "Browsers accept tags that the pattern does not match.",
    fix: "Use bleach.clean(text) or nh3.clean(text)",
    literals: ["script"],
    match: [
      calls("re.sub re.compile", ({ args: [pattern] }) => says(pattern, /<\s?\/?\(?script/i)),
      calls(".replace", ({ args: [from, to] }) => says(from, /^<\/?script>?$/i) && is(to, "")),
    ],
  },
];

/** `return exec, (...)`: the object runs a function when it is loaded. */
function returnsRunner(statement: { kind: string; value?: unknown }): boolean {
  return (
    statement.kind === "return" &&
    /"name":"(exec|eval|system|popen|Popen)"/.test(JSON.stringify(statement.value ?? ""))
  );
}
