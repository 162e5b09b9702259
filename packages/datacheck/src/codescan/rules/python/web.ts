/** @file Python rules: content of web responses, redirects, and outgoing requests. */

import type { CallSeen } from "../../engine/seen.ts";
import { carries, isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, comesFrom, hasFixedHost, importsOf, is, isA, says, shaped } from "../conditions.ts";
import { fileSays } from "../inside.ts";
import { assigns, calls, mayReach, reaches, words } from "../matches.ts";

const frameworks =
  /^(flask|django|bottle|werkzeug|quart|cherrypy|webapp2|tornado|aiohttp|sanic|pyramid|falcon|web)\b/;

/** Whether the response declares a content type other than HTML. */
function isOther(seen: CallSeen): boolean {
  const type = argument(seen, -1, "mimetype", "content_type", "media_type", "headers");
  return (
    says(type, /json|plain|csv|pdf|octet|xml|javascript/) ||
    (type?.entries !== undefined && !says(type.entries.get("Content-Type"), /html/))
  );
}

function isText(value: Value): boolean {
  return value.made?.kind !== "group" && !/json/.test(value.path) && value.entries === undefined;
}

const asks = ["get", "post", "put", "delete", "head", "patch", "options"];
const fetchers = [
  ...asks.flatMap((name) => [
    `requests.${name}`,
    `httpx.${name}`,
    `requests.Session().${name}`,
    `requests.session().${name}`,
  ]),
  ...asks.flatMap((name) => [
    `httpx.Client().${name}`,
    `httpx.AsyncClient().${name}`,
    `aiohttp.ClientSession().${name}`,
  ]),
  "urllib.request.urlopen urllib.urlopen urllib2.urlopen urlopen urllib.request.urlretrieve urllib.request.Request",
  "pycurl.Curl().setopt http.client.HTTPConnection http.client.HTTPSConnection wget.download feedparser.parse",
].join(" ");

/** Functions that create a page from text, by web framework. */
const pageMakers =
  "flask.make_response make_response flask.Response Response quart.Response werkzeug.wrappers.Response " +
  "werkzeug.Response django.http.HttpResponse HttpResponse django.http.HttpResponseNotFound " +
  "django.http.HttpResponseBadRequest django.http.HttpResponseForbidden django.http.HttpResponseServerError " +
  "django.http.HttpResponseNotAllowed HttpResponseNotFound HttpResponseBadRequest HttpResponseForbidden " +
  "pyramid.response.Response webob.Response bottle.HTTPResponse bottle.HTTPError sanic.response.html " +
  "sanic.html twisted.web.server.Request.write falcon.Response";
const pageWriters =
  "self.write self.finish self.wfile.write self.response.write self.response.out.write self.request.write " +
  "request.write request.wfile.write";

/** Rules on responses and requests. */
export const pythonWebRules: readonly Rule[] = [
  {
    id: "python/html-from-outside",
    cwe: 79,
    title: "Cross-site scripting (XSS): untrusted input in a page",
    severity: "high",
    why: "Tags and scripts in the input become part of the page.",
    fix: "Use render_template with the value as a variable, or html.escape(text)",
    literals: ["request", "self.", "route", "HttpResponse", "mark_safe", "Markup"],
    match: [
      mayReach(
        "html",
        2,
        pageMakers,
        [0, "response", "content", "body", "text"],
        (seen) => !isOther(seen) && seen.args[0] !== undefined && isText(seen.args[0]),
      ),
      reaches(
        "html",
        2,
        "fastapi.responses.HTMLResponse starlette.responses.HTMLResponse HTMLResponse aiohttp.web.Response",
        [0, "content", "text"],
        (seen) => !isOther(seen),
      ),
      reaches(
        "html",
        2,
        pageWriters,
        [0],
        // the server's own headers are not a page
        ({ args: [text], here, start, end }) =>
          text !== undefined && isText(text) && !/headers?(_buffer)?\b/i.test(here.text.slice(start, end)),
      ),
      reaches(
        "html",
        1,
        "markupsafe.Markup flask.Markup Markup django.utils.safestring.mark_safe mark_safe " +
          "django.utils.safestring.SafeString",
        [0],
        ({ args: [text] }) => text !== undefined && (text.level === 2 || isBuilt(text)),
      ),
      // a function composes a page and returns it
      {
        returns: ({ value }) =>
          carries(value, "html") === 2 &&
          isBuilt(value) &&
          shaped(value, /<\s{0,3}\/?[a-z][a-z0-9]{0,10}[\s>\0]/i),
      },
      {
        returns: ({ value, here }) =>
          here.answers &&
          carries(value, "html") === 2 &&
          isText(value) &&
          importsOf(here, /^(flask|bottle|quart|cherrypy|web)\b/) &&
          (value.shape === undefined || !/^\s{0,20}[{[]/.test(value.shape)),
      },
    ],
  },
  {
    id: "python/template-without-escape",
    cwe: 79,
    title: "Template auto-escaping disabled",
    severity: "medium",
    why: "Values inserted into the page are parsed as HTML.",
    fix: "Use Environment(loader=..., autoescape=True)",
    literals: ["Environment", "autoescape"],
    match: [
      calls("jinja2.Environment Environment", (seen) => {
        const value = seen.named.get("autoescape");
        if (value !== undefined) return is(value, false) || is(value, 0);
        const isJinja =
          importsOf(seen.here, /^jinja2/) ||
          isA(seen.named.get("loader"), /(FileSystem|Package|Dict|Choice|Function)Loader\(\)$/);
        return isJinja && !(seen.spread && fileSays(seen.here, /autoescape/));
      }),
    ],
  },
  {
    id: "python/template-from-outside",
    cwe: 94,
    title: "Template injection: template from untrusted input",
    severity: "high",
    why: "Templates can call methods. The author of a template can run code on the server.",
    fix: "Use a constant template with the text as a variable: render_template_string('Hello {{ name }}', name=name)",
    literals: ["render_template_string", "Template", "from_string"],
    match: [
      reaches(
        "code",
        1,
        "flask.render_template_string render_template_string",
        [0, "source"],
        ({ args: [text] }) => text !== undefined,
      ),
      reaches(
        "code",
        2,
        "jinja2.Template mako.template.Template Template django.template.Template .from_string",
        [0, "text"],
      ),
      reaches(
        "code",
        1,
        "jinja2.Template mako.template.Template .from_string",
        [0],
        ({ args: [text] }) => text !== undefined && isBuilt(text),
      ),
    ],
  },
  {
    id: "python/redirect-from-outside",
    cwe: 601,
    title: "Open redirect: target from untrusted input",
    severity: "medium",
    why: "A link to this site can send users to any other site.",
    fix: "Check url_has_allowed_host_and_scheme(target, allowed_hosts={request.host}) before redirecting",
    literals: ["edirect", "ocation", "HTTPFound", "HTTPSeeOther"],
    match: [
      mayReach(
        "redirect",
        2,
        "flask.redirect redirect django.shortcuts.redirect django.http.HttpResponseRedirect HttpResponseRedirect " +
          "django.http.HttpResponsePermanentRedirect fastapi.responses.RedirectResponse " +
          "starlette.responses.RedirectResponse RedirectResponse self.redirect aiohttp.web.HTTPFound " +
          "bottle.redirect werkzeug.utils.redirect pyramid.httpexceptions.HTTPFound HTTPFound",
        [0, "location", "url", "redirect_to"],
        ({ args, named }) => !hasFixedHost(args[0] ?? named.get("url")),
      ),
      assigns(
        /^location$/i,
        ({ form, value }) =>
          form !== "variable" &&
          form !== "argument" &&
          carries(value, "redirect") === 2 &&
          !hasFixedHost(value),
      ),
    ],
  },
  {
    id: "python/address-from-outside",
    cwe: 918,
    title: "Server-side request forgery (SSRF): URL from untrusted input",
    severity: "high",
    why: "An attacker can make the server send requests to its internal network.",
    fix: "Check urlparse(url).hostname against an allowlist first",
    literals: words(
      "requests urlopen httpx aiohttp urlretrieve Curl HTTPConnection HTTPSConnection urllib wget " +
        "feedparser",
    ),
    match: [
      mayReach(
        "url",
        2,
        `${fetchers} requests.request httpx.request`,
        [0, 1, "url"],
        ({ args, named, path }) => {
          const place = /\.(request|setopt)$/.test(path) ? args[1] : args[0];
          const address = named.get("url") ?? place;
          return address !== undefined && address.level > 0 && !hasFixedHost(address);
        },
      ),
    ],
  },
  {
    id: "python/header-from-outside",
    cwe: 113,
    title: "Header injection: untrusted input in a response header",
    severity: "medium",
    why: "A line break in the input adds headers or an entire response.",
    fix: "Take the value from an allowlist, or reject line breaks",
    literals: ["headers", "add_header", "set_header", "Response", "send_header"],
    match: [
      assigns(
        /./,
        ({ form, path, value, name }) =>
          form === "item" &&
          /(\.headers|Response\(\))\[\]$/.test(path) &&
          !/^location$/i.test(name) &&
          carries(value, "header") === 2,
      ),
      calls("flask.Response Response django.http.HttpResponse HttpResponse", ({ named }) =>
        ["content_type", "mimetype"].some((name) => {
          const value = named.get(name);
          return carries(value, "header") === 2;
        }),
      ),
      reaches(
        "header",
        2,
        ".headers.add .headers.set .headers.extend .add_header .set_header .send_header " +
          "werkzeug.datastructures.Headers().add",
        [0, 1],
      ),
    ],
  },
  {
    id: "python/cookie-open",
    cwe: 614,
    title: "Session cookie without Secure or HttpOnly",
    severity: "medium",
    why: "The cookie is sent over plain HTTP, or scripts can read it.",
    fix: "Use set_cookie(name, value, secure=True, httponly=True, samesite='Lax')",
    literals: ["set_cookie", "COOKIE_"],
    match: [
      calls(".set_cookie", (seen) => {
        const off = ["secure", "httponly"].some((name) => is(seen.named.get(name), false));
        const lacks = ["secure", "httponly"].some((name) => seen.named.get(name) === undefined);
        return (
          off ||
          (lacks && !seen.spread && says(argument(seen, 0, "key"), /sess|sid|token|auth|jwt|login|user/i))
        );
      }),
      assigns(/^(SESSION|CSRF|REMEMBER)_COOKIE_(SECURE|HTTPONLY)$/, ({ value }) => is(value, false)),
    ],
  },
  {
    id: "python/csrf-off",
    cwe: 352,
    title: "Missing CSRF protection",
    severity: "medium",
    why: "Another site can submit the form as the logged-in user.",
    fix: "Remove csrf_exempt, and send the token with the form",
    literals: ["csrf_exempt", "CSRF"],
    match: [
      {
        defines: ({ made, marks }) =>
          made.marks[marks.findIndex((mark) => /csrf_exempt$|\.exempt$/.test(mark))] ?? false,
      },
      calls("csrf_exempt django.views.decorators.csrf.csrf_exempt", ({ here }) => here.inside === undefined),
      assigns(/^WTF_CSRF_(ENABLED|CHECK_DEFAULT)$/, ({ value }) => is(value, false)),
    ],
  },
  {
    id: "python/debug-on",
    cwe: 489,
    title: "Debug mode enabled",
    severity: "medium",
    why: "Error pages show source code and, in Flask, a console that runs code.",
    fix: "Use app.run(debug=False), or read the value from the environment",
    literals: ["debug", "DEBUG"],
    match: [
      calls(".run flask.run", (seen) => is(seen.named.get("debug"), true) && !/^subprocess/.test(seen.path)),
      assigns(
        /^(DEBUG|debug)$/,
        ({ value, form, path, here }) =>
          is(value, true) &&
          ((form === "item" && /config\[\]$/.test(path)) ||
            (form === "attribute" && /^(app|flask\.Flask\(\))\.debug$/.test(path)) ||
            (form === "variable" &&
              here.inside === undefined &&
              fileSays(here, /INSTALLED_APPS|ALLOWED_HOSTS|django|MIDDLEWARE|DATABASES/))),
      ),
    ],
  },
  {
    id: "python/error-shown",
    cwe: 209,
    title: "Error details exposed to clients",
    severity: "medium",
    why: "Stack traces reveal files, versions and queries.",
    fix: "Log the error and return a generic message",
    literals: ["traceback", "exc_info", "except"],
    match: [
      {
        returns: ({ value, here }) =>
          (here.answers || importsOf(here, frameworks)) && comesFrom(value, /^!trace$/),
      },
      reaches("html", 1, "flask.make_response django.http.HttpResponse", [0], ({ args }) =>
        comesFrom(args[0], /^!trace$/),
      ),
    ],
  },
  {
    id: "python/listens-to-all",
    cwe: 605,
    title: "Socket bound to all network interfaces",
    severity: "low",
    why: "Anyone who can reach the machine can reach the service.",
    fix: "Bind 127.0.0.1 or one specific interface",
    literals: ["0.0.0.0", "bind("],
    match: [
      // port 0 is any free port, as for a client; nobody can know it in advance
      calls(
        ".bind",
        ({ args: [address] }) =>
          says(address?.entries?.get("0"), /^(0\.0\.0\.0)?$/) && !is(address?.entries?.get("1"), 0),
      ),
      calls(
        ".run",
        (seen) => says(seen.named.get("host"), /^0\.0\.0\.0$/) && is(seen.named.get("debug"), true),
      ),
    ],
  },
];
