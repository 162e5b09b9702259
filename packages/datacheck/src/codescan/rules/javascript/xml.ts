/** @file JavaScript rules: XML entities, and queries on XML. */
import type { CallSeen } from "../../engine/seen.ts";
import { isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { importsOf, is } from "../conditions.ts";
import { assigns, calls, reaches, words } from "../matches.ts";

/** Parsers that load external entities unless configured otherwise. */
const external =
  "libxmljs.SaxParser().parseString libxmljs.SaxPushParser().push libxmljs2.SaxParser().parseString " +
  "libxmljs2.SaxPushParser().push libxmljs.SaxParser().parseStringSync ActiveXObject().loadXML ActiveXObject().load " +
  "node-expat.Parser().parse node-expat.Parser().write node-expat.createParser().parse " +
  "node-expat.createParser().write " +
  "xml2json.toJson xml2json.toXml libxmljs.parseXmlAsync xmldom-alpha.DOMParser().parseFromString " +
  "node-libxml.Libxml().loadXmlFromString node-libxml.Libxml().loadXml";
/** Parsers that expand nested entities of the document. */
const expanding =
  "libxmljs.parseXml libxmljs.parseXmlString libxmljs2.parseXml libxmljs2.parseXmlString libxmljs.parseHtml " +
  "$.parseXML jQuery.parseXML goog.dom.xml.loadXml DOMParser().parseFromString libxslt.parse";
const queries =
  "xpath.parse xpath.select xpath.select1 xpath.evaluate xpath.useNamespaces() xpath.selectWithResolver " +
  "document.evaluate document.createExpression .selectNodes .selectSingleNode xpath.parse().evaluate " +
  "xpath.XPathEvaluator().createExpression XPathEvaluator().evaluate XPathEvaluator().createExpression";
const libxml = ".find .get .xpath";

/** Whether text is untrusted or composed. */
function isOpen({ args: [text] }: CallSeen): boolean {
  return text !== undefined && (text.level === 2 || isBuilt(text));
}

/** Rules on XML. */
export const javascriptXmlRules: readonly Rule[] = [
  {
    id: "javascript/xml-entities",
    cwe: 611,
    title: "XML external entities (XXE) enabled",
    severity: "high",
    why: "External entities can read files and URLs.",
    fix: "Do not set noent or dtdload, or use a parser without entity support",
    literals: words("noent dtdload replaceEntities Sax ActiveXObject expat xml2json libxml doctype"),
    match: [
      assigns(
        /^(noent|dtdload|replaceEntities|dtdattr|huge)$/,
        ({ form, value }) => form === "entry" && is(value, true),
      ),
      reaches("code", 1, external),
      calls(".on", ({ args: [name], here }) => is(name, "doctype") && importsOf(here, /^sax$/)),
      assigns(/^ondoctype$/, ({ form, here }) => form === "attribute" && importsOf(here, /^sax$/)),
    ],
  },
  {
    id: "javascript/xml-expanded",
    cwe: 776,
    title: "XML entity expansion enabled (billion laughs)",
    severity: "medium",
    why: "A small document with nested entities expands to gigabytes.",
    fix: "Use a parser that does not expand entities: sax, or fast-xml-parser with processEntities: false",
    literals: ["parseXml", "parseXML", "loadXml", "parseFromString", "parseHtml", "libxslt"],
    match: [reaches("code", 2, expanding)],
  },
  {
    id: "javascript/xpath-built",
    cwe: 643,
    title: "XPath injection: expression built from untrusted input",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest becomes part of the expression.",
    fix: "Use a variable: xpath.parse('//user[name=$name]').select({ node, variables: { name } })",
    literals: ["xpath", "XPath", "evaluate", "createExpression", "selectNodes", "selectSingleNode", "libxml"],
    match: [
      reaches("xpath", 2, queries),
      reaches("xpath", 1, queries, [0], ({ args: [text] }) => text !== undefined && isBuilt(text)),
      reaches(
        "xpath",
        2,
        libxml,
        [0],
        (seen) => isOpen(seen) && importsOf(seen.here, /^(libxmljs2?|xmldom|cheerio-xpath)$/),
      ),
    ],
  },
];
