/** @file JavaScript rules: pages in a browser, and frameworks that render them. */
import type { AssignSeen, CallSeen } from "../../engine/seen.ts";
import { carries, isBuilt, itemsOf, type Value } from "../../engine/value.ts";
import type { Answer, Rule } from "../../rule.ts";
import { is, says, shaped } from "../conditions.ts";
import { assigns, calls, reaches, words } from "../matches.ts";
import { hasFixedStart } from "./addresses.ts";

const tag = /<[a-z!/]|&lt;|>\s{0,9}$/i;

/** Functions that parse text to elements. */
const makers =
  "document.write document.writeln .insertAdjacentHTML .createContextualFragment .setHTMLUnsafe .setHTML " +
  ".parseHTMLUnsafe .parseHTML Handlebars.SafeString handlebars.SafeString .setInnerHTMLUnsafe .setOuterHTMLUnsafe " +
  ".insertAdjacentHTMLUnsafe .jGrowl createNodesFromMarkup .createNodesFromMarkup .setInnerHTML htmlSafe " +
  ".htmlSafe .trustedHTML unsafeHTML unsafeSVG raw .renderAsHtml html-react-parser html-to-react";
/** Methods of jQuery, d3, cash and AngularJS that parse their argument as HTML. */
const inserters =
  ".html .append .prepend .after .before .replaceWith .wrap .wrapAll .wrapInner .add .appendTo .prependTo " +
  ".insertAfter .insertBefore .replaceAll";
const collections = /^(\$|jQuery|angular\.element|cash|Zepto|d3\.\w{1,20})\(\)|(^|\.)\$\w{0,40}(\.|$)/;
/** Functions of Angular, AngularJS and others that mark text as safe. */
const trusts =
  ".bypassSecurityTrustHtml .bypassSecurityTrustScript .bypassSecurityTrustUrl .bypassSecurityTrustStyle " +
  ".bypassSecurityTrustResourceUrl $sce.trustAsHtml $sce.trustAsJs $sce.trustAsUrl $sce.trustAsCss " +
  "$sce.trustAsResourceUrl";
/** Text in the page: user input, or an attribute. */
const fromPage =
  /(\.(val|text|attr|data|getAttribute)\(\)|\.(value|textContent|innerText|dataset(\.\w{1,40})?))$/;

/** Whether text is certainly untrusted, or composed as HTML. */
function isMade(text: Value | undefined): boolean {
  return (
    text !== undefined &&
    (text.level === 2 || (isBuilt(text) && shaped(text, tag)) || fromPage.test(text.path))
  );
}

/** An assignment that replaces an element's HTML. */
function replacesHtml({ form, value }: AssignSeen): Answer {
  const level = carries(value, "html");
  if (form === "entry") return level === 2 && value.entries === undefined;
  return (
    (form === "attribute" || form === "argument") &&
    (isMade(value) || (value.shape === undefined && value.constant === undefined && !isInnerHtml(value))) &&
    level
  );
}

/** `a.innerHTML = b.innerHTML` copies existing HTML. */
function isInnerHtml({ path }: Value): boolean {
  return /\.(innerHTML|outerHTML|html\(\))$/.test(path);
}

/** `$("<b>" + name)`: text that starts with a tag creates elements; other text selects them. */
function makesElements({ args: [text] }: CallSeen): boolean {
  if (text === undefined || text.entries !== undefined) return false;
  if (isBuilt(text)) return shaped(text, /^\s{0,9}</);
  // text from the address starts with # or ?
  return (
    (text.level === 2 || fromPage.test(text.path)) &&
    !/location(\.(search|hash|href|pathname))?$/.test(text.path)
  );
}

/** A call that sets an attribute which holds markup or an address. */
function setsAttribute({ args }: CallSeen): boolean {
  const [name, value] = args.length > 2 ? args.slice(1) : args;
  return (
    says(name, /^(xlink:)?(href|src|srcdoc|action|formaction|data|on[a-z]{3,20}|style)$/i) &&
    value?.level === 2 &&
    !hasFixedStart(value)
  );
}

const escapedThere = /(sanitiz|purify|marked|highlight|serialize|katex|prism|stringify)/i;

/** Rules on pages. */
export const javascriptPageRules: readonly Rule[] = [
  {
    id: "javascript/inner-html",
    cwe: 79,
    title: "Cross-site scripting (XSS): text inserted into a page as HTML",
    severity: "high",
    why: "Tags and scripts in the input become part of the page.",
    fix: "Use element.textContent = text or DOMPurify.sanitize(html)",
    literals: words(
      "innerHTML outerHTML srcdoc srcDoc write insertAdjacentHTML html( append( prepend( after( " +
        "before( replaceWith __html bypassSecurityTrust trustAs $( jQuery( SafeString " +
        "createContextualFragment parseFromString parseHTML HTMLUnsafe jGrowl Markup etAttribute attr( " +
        "htmlSafe unsafeHTML html-react angular.element wrap innerHtml html=",
    ),
    match: [
      assigns(/^(innerHTML|outerHTML|srcdoc|srcDoc|innerHtml)$/, replacesHtml),
      assigns(
        /^__html$/,
        ({ form, value }) =>
          form === "entry" &&
          value.constant === undefined &&
          !escapedThere.test(value.path) &&
          carries(value, "html"),
      ),
      reaches("html", 1, makers, ["*"], ({ args }) => args.some(isMade)),
      reaches(
        "html",
        1,
        inserters,
        [0],
        ({ path, args: [text, second], receiver }) =>
          collections.test(path) && isMade(text) && second === undefined && receiver.path !== "request",
      ),
      reaches("html", 2, ".html", [0], ({ path, args }) => !collections.test(path) && args.length < 3),
      reaches("html", 1, "$ jQuery angular.element cash Zepto", [0], makesElements),
      reaches("html", 1, trusts),
      reaches("html", 2, "$sce.trustAs", [1]),
      reaches("html", 2, ".parseFromString", [0]),
      reaches("html", 2, ".setAttribute .setAttributeNS .attr .prop", [1, 2], setsAttribute),
      reaches("html", 2, "React.createElement h createElement", [2], ({ args: [name] }) =>
        says(name, /^(script|style)$/),
      ),
      assigns(
        /^html$/,
        ({ form, path, value }) => form === "argument" && /^<\w/.test(path) && carries(value, "html") === 2,
      ),
    ],
  },
  {
    id: "javascript/html-mail",
    cwe: 79,
    title: "HTML injection: untrusted input in an HTML email",
    severity: "medium",
    why: "An attacker controls the content of an email that the recipient trusts.",
    fix: "Escape it: html: `<p>\u0024{escapeHtml(text)}</p>`",
    literals: ["sendMail", "nodemailer", "sendgrid", "mailgun", "SES", "resend"],
    match: [
      assigns(
        /^(html|htmlBody|Html)$/,
        ({ form, value }) => form === "entry" && carries(value, "html") === 2,
      ),
    ],
  },
  {
    id: "javascript/message-to-all",
    cwe: 346,
    title: "postMessage with a wildcard target origin",
    severity: "low",
    why: "Another site can embed or open the window and read the message.",
    fix: "Name the target origin: postMessage(message, 'https://a.org')",
    literals: ["postMessage"],
    match: [
      calls(
        ".postMessage postMessage",
        ({ args: [data, origin] }) => says(origin, /^\*$/) && !isSecret(data),
      ),
    ],
  },
  {
    id: "javascript/secret-to-all",
    cwe: 201,
    title: "Secret sent by postMessage with a wildcard target origin",
    severity: "medium",
    why: "Another site can embed or open the window and read the message.",
    fix: "Name the target origin: postMessage(message, 'https://a.org')",
    literals: ["postMessage"],
    match: [
      calls(".postMessage postMessage", ({ args: [data, origin] }) => says(origin, /^\*$/) && isSecret(data)),
    ],
  },
  {
    id: "javascript/message-from-anybody",
    cwe: 346,
    title: "Message handler does not check the origin",
    severity: "medium",
    why: "Any page that embeds this window, or is embedded by it, can send messages.",
    fix: "Check the origin: if (event.origin !== 'https://a.org') return",
    literals: ["message"],
    match: [
      calls("addEventListener .addEventListener", ({ args: [name, handler], path, here }) => {
        if (
          !is(name, "message") ||
          !/^(window\.|self\.|globalThis\.|this\.|top\.)?addEventListener$/.test(path)
        )
          return false;
        const made = handler?.made;
        if (made?.kind !== "function" || made.made.parameters.length === 0) return false;
        const body = here.text.slice(made.start, made.end);
        return !/origin|\.source\b|isTrusted|importScripts|postMessage\(/i.test(body) && acts.test(body);
      }),
    ],
  },
];

const acts =
  /eval\(|innerHTML|\.html\(|document\.write|new Function|location\s?=|\.href\s?=|localStorage|document\.cookie/;

/** Whether the data derives from a secret. */
function isSecret(data: Value | undefined): boolean {
  const made = data?.made;
  const name = made?.kind === "member" || made?.kind === "name" ? made.name : "";
  const words = /passw|secret|token|auth_?key|api_?key|credential|^user_?name$|session_?id|private/i;
  return (
    words.test(data?.path ?? "") ||
    words.test(name) ||
    (data?.roots.some((root) => words.test(root)) ?? false) ||
    itemsOf(data).some((one) => words.test(one.path))
  );
}
