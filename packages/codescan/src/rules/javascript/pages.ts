/** @file JavaScript: pages in a browser, and frameworks that make them. */
import { isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, says, shaped } from "../conditions.ts";
import { assigns, calls, reaches } from "../matches.ts";

/** Rules on pages. */
export const javascriptPageRules: readonly Rule[] = [
  {
    id: "javascript/inner-html",
    cwe: 79,
    title: "Text that is put into a page as HTML",
    severity: "high",
    why: "Tags and scripts in the text become part of the page.",
    fix: "element.textContent = text, or DOMPurify.sanitize(html)",
    literals: [
      "innerHTML",
      "outerHTML",
      "write",
      "insertAdjacentHTML",
      "html(",
      "__html",
      "append(",
      "bypassSecurityTrust",
      "v-html",
    ],
    match: [
      assigns(
        /^(innerHTML|outerHTML|srcdoc)$/,
        ({ form, value }) =>
          form === "attribute" &&
          value.level > 0 &&
          (value.clean & 4) === 0 &&
          (value.level === 2 || (isBuilt(value) && shaped(value, /</)) || value.shape === undefined),
      ),
      assigns(
        /^__html$/,
        ({ form, value }) =>
          form === "entry" &&
          value.constant === undefined &&
          (value.clean & 4) === 0 &&
          !/(sanitize|purify|marked|highlight)/i.test(value.path) &&
          value.level > 0,
      ),
      reaches("html", 1, "document.write document.writeln .insertAdjacentHTML", ["*"], ({ args }) =>
        args.some((one) => one.level === 2 || isBuilt(one)),
      ),
      reaches(
        "html",
        1,
        ".html",
        [0],
        ({ path, args: [text] }) =>
          /^(\$|jQuery)\(\)/.test(path) && text !== undefined && (text.level === 2 || isBuilt(text)),
      ),
      reaches("html", 1, ".bypassSecurityTrustHtml .bypassSecurityTrustScript .bypassSecurityTrustUrl"),
    ],
    bad: [
      "function show(name) {\n  document.getElementById('a').innerHTML = '<b>' + name + '</b>';\n}\n",
      "function show(notes) {\n  document.getElementById('a').innerHTML = notes.map((note) => " +
        "`<li>\u0024{note.text}</li>`).join('');\n}\n",
      "document.write('Page ' + location.hash);\n",
      "const q = new URLSearchParams(window.location.search).get('q');\ndocument.querySelector('#a').innerHTML = q;\n",
    ],
    good: [
      "function show(name) {\n  document.getElementById('a').textContent = name;\n}\n",
      "function show(name) {\n  document.getElementById('a').innerHTML = DOMPurify.sanitize('<b>' + name + " +
        "'</b>');\n}\n",
      "document.getElementById('a').innerHTML = '';\n",
      "function show(notes) {\n  document.getElementById('a').innerHTML = notes.map((note) => " +
        "`<li>\u0024{escapeHtml(note.text)}</li>`).join('');\n}\n",
    ],
  },
  {
    id: "javascript/message-to-all",
    cwe: 346,
    title: "A message to windows of any origin",
    severity: "low",
    why: "Another site can hold the window and read the message.",
    fix: "Name the origin: postMessage(message, 'https://a.org')",
    literals: ["postMessage"],
    match: [calls(".postMessage postMessage", ({ args: [, origin] }) => says(origin, /^\*$/))],
    bad: ["window.parent.postMessage(data, '*');\n"],
    good: ["window.parent.postMessage(data, 'https://a.org');\n"],
  },
  {
    id: "javascript/xml-entities",
    cwe: 611,
    title: "XML read with entities",
    severity: "high",
    why: "Entities of the document can read files and addresses.",
    fix: "Leave out noent and dtdload",
    literals: ["noent", "dtdload"],
    match: [
      assigns(/^(noent|dtdload|replaceEntities)$/, ({ form, value }) => form === "entry" && is(value, true)),
    ],
    bad: ["const x = require('libxmljs');\nx.parseXml(text, { noent: true });\n"],
    good: ["const x = require('libxmljs');\nx.parseXml(text, { noent: false });\n"],
  },
];
