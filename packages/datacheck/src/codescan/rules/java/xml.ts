/** @file Java rules: XML whose entities, schemas or style sheets load other files and addresses. */
import type { NamePattern } from "../../engine/language.ts";
import type { CallSeen } from "../../engine/seen.ts";
import { elsewhere } from "../../engine/types.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { says } from "../conditions.ts";
import { aroundSays, fileSays, sourceAround } from "../inside.ts";
import { calls, words } from "../matches.ts";

/** A setting, by its name or constant, and the value that disables external access. */
interface Setting {
  readonly key: NamePattern;
  readonly closed: boolean | string;
}

const settings = {
  doctype: { key: /disallow-doctype-decl$|DISALLOW_DOCTYPE/i, closed: true },
  secure: { key: /secure-processing$|FEATURE_SECURE_PROCESSING$/, closed: true },
  general: { key: /external-general-entities$|EXTERNAL_GENERAL_ENTIT/i, closed: false },
  parameter: { key: /external-parameter-entities$|EXTERNAL_PARAMETER_ENTIT/i, closed: false },
  loadDtd: { key: /load-external-dtd$|LOAD_EXTERNAL_DTD/i, closed: false },
  accessDtd: { key: /accessExternalDTD$|ACCESS_EXTERNAL_DTD$/, closed: "" },
  accessSchema: { key: /accessExternalSchema$|ACCESS_EXTERNAL_SCHEMA$/, closed: "" },
  accessSheet: { key: /accessExternalStylesheet$|ACCESS_EXTERNAL_STYLESHEET$/, closed: "" },
  supportDtd: { key: /supportDTD$|SUPPORT_DTD$/, closed: false },
  entities: { key: /isSupportingExternalEntities$|IS_SUPPORTING_EXTERNAL_ENTITIES$/, closed: false },
  expand: { key: /^Expand(EntityReferences|Entities)$/, closed: false },
} as const satisfies Record<string, Setting>;
type SettingName = keyof typeof settings;

/** For each kind of reader: combinations of settings, each of which suffices. */
const enough: Readonly<Record<string, readonly (readonly SettingName[])[]>> = {
  dom: [["doctype"], ["secure"], ["general", "parameter"], ["accessDtd", "accessSchema"], ["expand"]],
  sax: [["doctype"], ["general", "parameter", "loadDtd"], ["accessDtd", "accessSchema"], ["expand"]],
  stax: [["supportDtd"], ["entities"], ["accessDtd", "accessSchema"]],
  sheet: [["secure"], ["accessDtd", "accessSheet"]],
  schema: [["secure"], ["doctype"], ["accessDtd", "accessSchema"]],
  // no setting suffices
  none: [],
};

/** Settings that re-enable what others disabled. */
const opens: readonly SettingName[] = ["supportDtd", "entities", "general", "parameter"];
/** Custom code decides what is fetched. */
const ownResolver = /^(EntityResolver|XMLResolver|URIResolver|ResourceResolver|LSResourceResolver)$/;

/** The kind of a reader, by its read call. */
const readers: readonly (readonly [kind: string, paths: string])[] = [
  ["dom", "DocumentBuilder.parse SAXBuilder.build DOMBuilder.build DOMParser.parse Builder.build"],
  [
    "sax",
    "SAXParser.parse XMLReader.parse SAXReader.read Digester.parse XMLFilter.parse XMLFilterImpl.parse",
  ],
  ["stax", "XMLInputFactory.createXMLStreamReader XMLInputFactory.createXMLEventReader"],
  [
    "sheet",
    "Transformer.transform TransformerFactory.newTransformer TransformerFactory.newTemplates " +
      "TransformerFactory.newXMLFilter TransformerFactory.newTransformerHandler",
  ],
  ["schema", "SchemaFactory.newSchema Validator.validate"],
];
const kindOf = new Map(
  readers.flatMap(([kind, paths]) => paths.split(" ").map((path) => [path, kind] as const)),
);

/** Factories of readers, whose settings apply to the readers they create. */
const makers: Readonly<Record<string, string>> = {
  "DocumentBuilderFactory.newDocumentBuilder": "dom",
  // a handler may still disable what the factory allows
  "SAXParserFactory.newSAXParser": "dom",
};

type Settings = NonNullable<Value["set"]>;

function isClosed(set: Settings, kind: string): boolean {
  const stateOf = (name: SettingName): boolean | undefined => {
    const { key, closed }: Setting = settings[name];
    for (const [given, value] of set) if (key.test(given)) return value === closed;
    return undefined;
  };
  for (const given of set.keys()) if (given === elsewhere || ownResolver.test(given)) return true;
  if (opens.some((name) => stateOf(name) === false) && stateOf("doctype") !== true) return false;
  return (enough[kind] ?? []).some((list) => list.every((name) => stateOf(name)));
}

/** Whether a reader created here allows external access. The source passed to it may have a safe reader of its own. */
function isOpen({ receiver, args: [from], here }: CallSeen, kind: string): boolean {
  if (receiver.set === undefined || isClosed(receiver.set, kind)) return false;
  if (from?.set !== undefined && from.set.size > 0 && isClosed(from.set, "sax")) return false;
  return !aroundSays(here, /resolveEntity\(|setEntityResolver\(/);
}

function readsFrom({ args, path }: CallSeen, least: number): boolean {
  // a source may be a tree parsed earlier; a file may be the program's own
  const own = /^Transform/.test(path)
    ? /^(DOM(Source|Result)|JAXBSource|Source|Result|File|Path|StreamResult)$/
    : /^(DOM(Source|Result)|JAXBSource|File|Path)$/;
  return args.some(
    (one) =>
      one.level >= least &&
      !(one.level < 2 && own.test(one.path)) &&
      !/^DOM(Source|Result)$|^JAXBSource$/.test(one.path),
  );
}

/** Readers that cannot be secured, or that parse their argument as a document. */
const always =
  "Persister.read Persister.validate NodeBuilder.read " +
  "DocumentProvider.provide StreamProvider.provide Formatter.format " +
  "DocumentHelper.parseText XPathExpression.evaluate XPath.evaluate Unmarshaller.unmarshal";

/** Rules on XML. */
export const javaXmlRules: readonly Rule[] = [
  {
    id: "java/xml-entities",
    cwe: 611,
    title: "XML external entities (XXE) enabled",
    severity: "high",
    why: "A document can name files and URLs that the parser then fetches.",
    fix: 'Disallow DTDs: factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true)',
    literals: words("parse read build XMLInputFactory ransform newXMLFilter newSchema validate"),
    match: [
      calls([...kindOf.keys()].join(" "), (seen) => {
        return readsFrom(seen, 1) && isOpen(seen, kindOf.get(seen.path) ?? "none");
      }),
      calls(always, (seen) => {
        if (!readsFrom(seen, 2)) return false;
        const isAnswer = /^(InputSource|StreamSource|SAXSource|)$/;
        if (/^XPath/.test(seen.path)) return seen.args.some(({ path }) => path === "InputSource");
        if (seen.path === "Unmarshaller.unmarshal") return isAnswer.test(seen.args[0]?.path ?? "");
        return seen.path !== "Formatter.format" || fileSays(seen.here, /simpleframework/);
      }),
    ],
  },
  {
    id: "java/xml-reader-open",
    cwe: 611,
    title: "XML parser resolves external entities (XXE)",
    severity: "medium",
    why: "A document can make the parser fetch files and URLs.",
    fix: 'Disallow DTDs: factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true)',
    literals: ["newDocumentBuilder", "newSAXParser", "XMLInputFactory", "setFeature", "setProperty"],
    match: [
      calls(Object.keys(makers).join(" "), (seen) => {
        return isOpen(seen, makers[seen.path] ?? "none") && !aroundSays(seen.here, /\.newDocument\(\)/);
      }),
      calls([...kindOf.keys()].join(" "), (seen) => {
        const kind = kindOf.get(seen.path) ?? "none";
        return !/^(sheet|schema)$/.test(kind) && isOpen(seen, kind);
      }),
      calls(".setFeature .setProperty .setAttribute", ({ args: [key, value], here }) => {
        const name = typeof key?.constant === "string" ? key.constant : (key?.path ?? "");
        const opened = [...opens, "doctype" as const].find((one) => settings[one].key.test(name));
        if (opened === undefined || value?.constant !== !settings[opened].closed) return false;
        const source = sourceAround(here);
        return opened !== "doctype" || !/general-entities["\s,]{1,9}false/.test(source);
      }),
    ],
  },
  {
    id: "java/style-sheet-from-outside",
    cwe: 91,
    title: "XSLT stylesheet from untrusted input",
    severity: "high",
    why: "Stylesheets can call Java methods. The author of a stylesheet can run code.",
    fix: "Load stylesheets from the program's own resources",
    literals: ["newTransformer", "newTemplates"],
    match: [
      calls(
        "TransformerFactory.newTransformer TransformerFactory.newTemplates",
        ({ args: [sheet], receiver: { set } }) =>
          sheet?.level === 2 && !(set !== undefined && isClosed(set, "sheet")) && !says(sheet, /./),
      ),
    ],
  },
];
