/** @file Python rules: unescaped text in pages: text marked as safe, emails, Markdown, template engines. */
import type { CallSeen, Here } from "../../engine/seen.ts";
import { carries, isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, importsOf, is, isBuiltAs, says, shaped } from "../conditions.ts";
import { aroundSays } from "../inside.ts";
import { assigns, calls } from "../matches.ts";

const tag = /<\s{0,3}\/?[a-z][a-z0-9]{0,10}[\s>\0]/i;
const cleans = /bleach|nh3|sanitiz|sanitis|escape|safe_?mode|clean|purif|strip_tags/i;

/** A tag that contains a stack trace. */
function showsTrace(value: Value): boolean {
  const isEscaped = value.level > 0 && carries(value, "html") === 0;
  return value.roots.includes("!trace") && isBuiltAs(value, tag) && !isEscaped;
}

/** A tag that contains unescaped text. */
function isOpenHtml(value: Value | undefined): value is Value {
  return (
    value !== undefined &&
    value.level > 0 &&
    carries(value, "html") > 0 &&
    isBuilt(value) &&
    shaped(value, tag)
  );
}

const marksSafe =
  "markupsafe.Markup flask.Markup Markup django.utils.safestring.mark_safe mark_safe jinja2.Markup " +
  "django.utils.safestring.SafeString django.utils.safestring.SafeText";

/** Decorators of template tags and filters, whose text the engine inserts unchanged. */
const templateMarks = /(^|\.)(\w{0,20}tag|\w{0,20}filter|html_safe)(\(\))?$/;

function isTemplateTag({ inside, text }: Here): boolean {
  return (
    inside?.marks.some(({ start, end }) => templateMarks.test(text.slice(start, end).split("(")[0] ?? "")) ??
    false
  );
}

const webFrameworks =
  /^(flask|django|bottle|quart|cherrypy|tornado|aiohttp|sanic|pyramid|falcon|fastapi|starlette)\b/;

/** Rules on pages. */
export const pythonPageRules: readonly Rule[] = [
  {
    id: "python/json-marked-safe",
    cwe: 79,
    title: "Cross-site scripting (XSS): JSON marked as safe in a page",
    severity: "medium",
    why: "`</script>` in a string ends the script element, and the rest is parsed as HTML.",
    fix: "Use Django's json_script filter or Jinja's tojson filter",
    literals: ["mark_safe", "Markup", "as_json", "SafeString"],
    match: [
      calls(
        marksSafe,
        ({ args: [text] }) =>
          text !== undefined && /(^|\.)(json\.dumps|dumps|serialize)\(\)$/.test(text.path),
      ),
      calls(
        "HttpResponse HttpResponseBadRequest django.http.HttpResponse django.http.HttpResponseBadRequest",
        ({ args: [text], here, named }) =>
          text !== undefined &&
          named.size === 0 &&
          /errors\.as_json\(\)$/.test(text.path) &&
          !aroundSays(here, /escape_html\s?=\s?True/),
      ),
    ],
  },
  {
    id: "python/html-format",
    cwe: 79,
    title: "Cross-site scripting (XSS): format_html with an already formatted string",
    severity: "medium",
    why: "format_html escapes only its arguments, not text inserted before the call.",
    fix: "Use format_html('<b>{}</b>', text)",
    literals: ["format_html"],
    match: [
      calls(
        "format_html django.utils.html.format_html django.utils.html.format_html_join",
        ({ args: [text] }) =>
          text !== undefined && isBuilt(text) && (text.level === 0 || carries(text, "html") > 0),
      ),
    ],
  },
  {
    id: "python/html-put-together",
    cwe: 79,
    title: "Cross-site scripting (XSS): HTML built from unescaped text",
    severity: "medium",
    why: "Tags and scripts in the input become part of the page.",
    fix: "Use a template that escapes, or html.escape(text) for each value",
    literals: ["<"],
    match: [
      // assigned here, sent elsewhere
      assigns(
        /./,
        ({ form, value }) =>
          form !== "argument" && form !== "standard" && value.level === 2 && isOpenHtml(value),
      ),
      {
        returns: ({ value, here }) => isOpenHtml(value) && isTemplateTag(here),
      },
      // the reader of a stack trace sees the input that caused it
      assigns(/./, ({ value }) => showsTrace(value)),
      {
        returns: ({ value }) => showsTrace(value),
      },
    ],
  },
  {
    id: "python/html-mail",
    cwe: 79,
    title: "HTML injection: HTML email built from unescaped text",
    severity: "medium",
    why: "An attacker can add links and images to an email that this server sends.",
    fix: "Use html.escape(text) for each value, or a template that escapes",
    literals: ["html_message", "MIMEText", "attach_alternative", "set_content", "add_alternative"],
    match: [
      assigns(/^(html_message|html|html_body)$/, ({ form, path, value }) => {
        return form === "argument" && /mail|message|send/i.test(path) && isOpenHtml(value);
      }),
      calls(
        "email.mime.text.MIMEText MIMEText .attach_alternative .add_alternative",
        (seen) =>
          isOpenHtml(seen.args[0]) &&
          (says(seen.args[1], /html/) || says(argument(seen, 1, "subtype"), /html/)),
      ),
    ],
  },
  {
    id: "python/markdown-as-is",
    cwe: 79,
    title: "Cross-site scripting (XSS): Markdown converted to HTML without sanitizing",
    severity: "medium",
    why: "Markdown can contain HTML, scripts and links that start with `javascript:`.",
    fix: "Sanitize the result: nh3.clean(markdown.markdown(text))",
    literals: ["arkdown", "mistune", "commonmark", "misaka"],
    match: [
      calls(
        "markdown.markdown markdown mistune.markdown mistune.html markdown2.markdown commonmark.commonmark " +
          "misaka.html cmarkgfm.markdown_to_html cmarkgfm.github_flavored_markdown_to_html",
        ({ args: [text], here, named }) =>
          text !== undefined &&
          text.constant === undefined &&
          text.shape?.includes("\u0000") !== false &&
          carriesHtml(text) &&
          !is(named.get("escape"), true) &&
          !named.has("safe_mode") &&
          !aroundSays(here, cleans),
      ),
    ],
  },
  {
    id: "python/template-plain",
    cwe: 79,
    title: "Template without auto-escaping",
    severity: "low",
    why: "Values inserted into the page are parsed as HTML.",
    fix: "Use Environment(autoescape=True).from_string(text) or the framework's render_template",
    literals: ["Template", "autoescape"],
    match: [
      calls("jinja2.Template mako.template.Template", (seen) => {
        const { here, named, path, spread } = seen;
        if (spread || !importsOf(here, webFrameworks)) return false;
        if (/^mako/.test(path)) return !named.has("default_filters");
        return named.get("autoescape") === undefined || is(named.get("autoescape"), false);
      }),
      assigns(
        /^autoescape$/,
        ({ form, path, value }) =>
          (is(value, false) || is(value, 0)) &&
          (form === "entry" || /(Context|Engine|Environment\(\)|env|render)$/i.test(path)),
      ),
      assigns(
        /^autoescape$/,
        ({ form, path, value }) => form === "attribute" && /env|Environment/.test(path) && is(value, false),
      ),
    ],
  },
  {
    id: "python/error-text",
    cwe: 209,
    title: "Exception text sent to clients",
    severity: "low",
    why: "Library error messages reveal files, tables and addresses.",
    fix: "Log the error and return a generic message",
    literals: ["except"],
    match: [
      {
        returns: ({ value, here }) =>
          (here.answers || importsOf(here, webFrameworks)) &&
          value.roots.includes("!error") &&
          answersOf(here),
      },
      calls(
        "flask.jsonify jsonify flask.make_response make_response django.http.HttpResponse HttpResponse " +
          "django.http.HttpResponseBadRequest HttpResponseBadRequest django.http.HttpResponseServerError " +
          "django.http.JsonResponse JsonResponse fastapi.responses.JSONResponse JSONResponse self.write " +
          "self.response.write self.wfile.write flask.abort",
        ({ args, named }: CallSeen) =>
          [...args, ...named.values()].some(({ roots }) => roots.includes("!error")),
      ),
    ],
  },
];

function carriesHtml(value: Value): boolean {
  return value.level === 0 ? value.clean === 0 : carries(value, "html") > 0;
}

/** Whether the function itself handles requests. */
function answersOf({ answers, inside }: Here): boolean {
  return answers || (inside?.parameters.some(({ name }) => /^(request|req)$/.test(name)) ?? false);
}
