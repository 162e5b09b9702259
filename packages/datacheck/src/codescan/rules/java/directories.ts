/** @file Java rules: untrusted text in LDAP names and filters, in XPath, in JNDI names. */

import { carries, isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { importsOf, isBuiltAs, shaped } from "../conditions.ts";
import { fileSays } from "../inside.ts";
import { calls, reaches } from "../matches.ts";

/** A composed filter or name: `(uid=` followed by untrusted text. */
function isDirectoryText(value: Value | undefined): boolean {
  return carries(value, "ldap") > 0 && isBuiltAs(value, /=[^\0]{0,60}\0/);
}

/** Searches, by the type of the searched object. */
const searches = [
  "DirContext.search DirContext.list DirContext.listBindings .searchForSingleEntryInternal",
  "LdapTemplate.search LdapTemplate.searchForObject LdapTemplate.searchForContext LdapTemplate.searchForSingleEntry",
  "LdapTemplate.authenticate LdapTemplate.find LdapTemplate.findOne LdapTemplate.findAll LdapTemplate.findForStream",
  "LdapTemplate.lookup LdapTemplate.list LdapTemplate.listBindings LDAPConnection.search LDAPConnection.searchForEntry",
  "LDAPConnection.asyncSearch LdapConnection.search LdapConnection.lookup LdapConnection.exists",
].join(" ");
/** Filters and names created from raw text. */
const made =
  "SearchRequest SearchRequest.setFilter SearchRequest.setBaseDN " +
  "SearchRequestImpl.setFilter SearchRequestImpl.setBase " +
  "HardcodedFilter Filter.create LdapName Dn DN Rdn LdapNameBuilder.newInstance LdapNameBuilder.add " +
  "LdapUtils.newLdapName LdapQueryBuilder.base LdapQueryBuilder.filter " +
  "DistinguishedName CompositeName FilterParser.parse";

const expressions =
  "XPath.evaluate XPath.evaluateExpression XPath.compile DocumentHelper.createXPath DocumentHelper.createXPathFilter " +
  "DocumentHelper.createPattern JXPathContext.getValue JXPathContext.iterate JXPathContext.selectNodes " +
  "JXPathContext.compile XPathFactory.compile XPath.newInstance " +
  "XPathCompiler.compile XPathCompiler.evaluate VTDNav.evalXPath " +
  "AutoPilot.selectXPath DOMXPath SimpleXPath XPathExpression.compile " +
  "XPathAPI.selectNodeList XPathAPI.selectSingleNode";

/** Rules on directories and documents. */
export const javaDirectoryRules: readonly Rule[] = [
  {
    id: "java/ldap-filter",
    cwe: 90,
    title: "LDAP injection: untrusted input in a search filter",
    severity: "high",
    why: "Parentheses and asterisks in the input change the meaning of the filter.",
    fix: 'Pass the value as an argument: context.search(base, "(uid={0})", new Object[] {name}, controls)',
    literals: ["earch", "Ldap", "ldap", "LDAP", "DirContext", "Dn(", "Filter"],
    match: [
      calls(searches, ({ args }) =>
        args.some(
          (one) => isDirectoryText(one) || (one.path === "" && carries(one, "ldap") === 2 && isBuilt(one)),
        ),
      ),
      calls(made, ({ path, args }) => {
        if (path === "LdapQueryBuilder.filter" && args.length > 1) return false;
        if (path === "Rdn" || path === "LdapNameBuilder.add" ? args.length > 1 : false) return false;
        const whole = /Filter|SearchRequest\.set|SearchRequestImpl\.set|LdapQueryBuilder/.test(path);
        return args.some((one) => isDirectoryText(one) || (whole && carries(one, "ldap") === 2));
      }),
      reaches("ldap", 1, ".search .searchForObject .lookup", [0, 1], ({ args, here, receiver }) => {
        const about = importsOf(here, /naming|ldap/i) || fileSays(here, /DirContext|[lL]dap/);
        return about && !/^[A-Z]/.test(receiver.path) && args.some(isDirectoryText);
      }),
    ],
  },
  {
    id: "java/xpath",
    cwe: 643,
    title: "XPath injection: untrusted input in an XPath query",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest becomes part of the query.",
    fix: "Set the value as a variable: xpath.setXPathVariableResolver(...)",
    literals: ["XPath", "xpath", "selectNodes", "selectSingleNode"],
    match: [
      reaches(
        "xpath",
        1,
        `${expressions} .evaluate .compile .selectNodes .selectSingleNode .xpath .valueOf .numberValueOf`,
        [0],
        ({ args: [text] }) => shaped(text, /[/[@][\s\S]{0,300}\0/),
      ),
      reaches("xpath", 2, expressions),
    ],
  },
  {
    id: "java/lookup-from-outside",
    cwe: 74,
    title: "JNDI injection: lookup of an untrusted name",
    severity: "high",
    why: "A name such as ldap://host/x makes the program load a class from that host.",
    fix: "Take the name from an allowlist",
    literals: ["ookup", "JMXServiceURL", "RMIConnector"],
    match: [
      reaches(
        "url",
        2,
        "Context.lookup Context.doLookup Context.lookupLink DirContext.lookup Naming.lookup " +
          "JndiTemplate.lookup JMXServiceURL JMXConnectorFactory.connect Registry.lookup",
      ),
      reaches(
        "url",
        2,
        ".lookup",
        [0],
        ({ here, receiver }) => importsOf(here, /^javax\.naming/) && !/^[A-Z]/.test(receiver.path),
      ),
    ],
  },
];
