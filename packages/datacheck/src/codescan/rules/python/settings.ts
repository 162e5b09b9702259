/** @file Python rules: settings of web frameworks: cookies, origins, hosts, debug mode, request forgery. */

import { anyOf } from "../../engine/language.ts";
import type { AssignSeen, CallSeen } from "../../engine/seen.ts";
import { carries, constantOf, itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, importsOf, is, says } from "../conditions.ts";
import { fileSays } from "../inside.ts";
import { assigns, calls } from "../matches.ts";

const cookieMakers = ".set_cookie .set_signed_cookie .set_secure_cookie";
const ticketMakers =
  "pyramid.authentication.AuthTktCookieHelper pyramid.authentication.AuthTktAuthenticationPolicy " +
  "AuthTktCookieHelper AuthTktAuthenticationPolicy pyramid.session.SignedCookieSessionFactory " +
  "SignedCookieSessionFactory";

const nothing = constantOf(null);

function isOff(value: Value | undefined): boolean {
  return is(value, false) || is(value, null) || is(value, 0);
}

/** Whether a cookie is being deleted: it is empty or expired. */
function isTakenBack(seen: CallSeen): boolean {
  const value = argument(seen, 1, "value");
  return is(value, "") || is(seen.named.get("max_age"), 0) || is(seen.named.get("expires"), 0);
}

const everyOrigin = /^(\*|\.[*+]|null)$/;

/** `*`, alone or in a list. */
function isEvery(value: Value | undefined): boolean {
  const entries = itemsOf(value);
  return says(value, everyOrigin) || entries.some((one) => says(one, everyOrigin));
}

/** A response header that allows any origin, set as an item, a dictionary entry or an argument. */
function isOpenOrigin({ name, value }: AssignSeen): boolean {
  return /^access-control-allow-origin$/i.test(name) && says(value, everyOrigin);
}

const webWords = /INSTALLED_APPS|ALLOWED_HOSTS|django|MIDDLEWARE|ROOT_URLCONF/;
const everyAddress = /^(0\.0\.0\.0|::|\[::\])?$/;

/** `("", 8000)`, `("0.0.0.0", 8000)`. */
function isOpenPair(address: Value | undefined): boolean {
  return (
    address?.entries?.size === 2 &&
    says(address.entries.get("0"), everyAddress) &&
    !is(address.entries.get("1"), 0)
  );
}

/** Rules on settings. */
export const pythonSettingRules: readonly Rule[] = [
  {
    id: "python/cookie-plain",
    cwe: 614,
    title: "Cookie without Secure or HttpOnly",
    severity: "low",
    why: "The cookie is also sent over plain HTTP, and scripts in the page can read it.",
    fix: "Use set_cookie(name, value, secure=True, httponly=True, samesite='Lax')",
    literals: ["cookie", "COOKIE", "Cookie", "SessionMiddleware"],
    match: [
      calls(cookieMakers, (seen) => {
        if (seen.spread || isTakenBack(seen)) return false;
        const { named } = seen;
        return (
          isOff(named.get("secure") ?? seen.args[6] ?? nothing) ||
          isOff(named.get("httponly") ?? seen.args[7] ?? nothing)
        );
      }),
      calls(ticketMakers, ({ named, spread }) => {
        const off = ["secure", "httponly"].some(
          (name) => isOff(named.get(name)) || (!spread && !named.has(name)),
        );
        return off || is(named.get("samesite"), null);
      }),
      assigns(
        /^(secure|httponly)$/,
        ({ form, value, here }) =>
          form === "item" && is(value, false) && importsOf(here, /^(http\.cookies|Cookie$|http$)/),
      ),
      assigns(/^(SESSION|CSRF|LANGUAGE|REMEMBER)_COOKIE_(SECURE|HTTPONLY)$/, ({ value }) => isOff(value)),
      assigns(/^(SESSION|CSRF)_COOKIE_SAMESITE$/, ({ value }) => isOff(value) || says(value, /^none$/i)),
      assigns(
        /^samesite$/,
        ({ form, path, value }) => form === "argument" && /cookie/i.test(path) && says(value, /^none$/i),
      ),
    ],
  },
  {
    id: "python/all-origins",
    cwe: 942,
    title: "CORS allows any origin",
    severity: "low",
    why: "Any website can read this server's responses to its visitors.",
    fix: "Name the allowed origin: CORS(app, origins=['https://app.example.org'])",
    literals: ["CORS", "cors", "llow-", "ALLOW", "allow_origin", "Allow"],
    match: [
      calls("flask_cors.CORS flask_cors.cross_origin", ({ args, named, spread }) => {
        const origins = named.get("origins") ?? named.get("resources");
        if (origins === undefined) return !spread && args.length <= 1;
        const inner = itemsOf(origins).map((one) => one.entries?.get("origins"));
        return isEvery(origins) || inner.some(isEvery);
      }),
      calls(
        ".add_middleware fastapi.middleware.cors.CORSMiddleware starlette.middleware.cors.CORSMiddleware",
        (seen) =>
          isEvery(seen.named.get("allow_origins")) || says(seen.named.get("allow_origin_regex"), /^\.\*$/),
      ),
      assigns(/^access-control-allow-origin$/i, isOpenOrigin),
      calls(
        ".set .add .setdefault .set_header .add_header .send_header .__setitem__",
        ({ args: [name, value] }) => says(name, /^access-control-allow-origin$/i) && says(value, everyOrigin),
      ),
      assigns(/^CORS_(ORIGIN_ALLOW_ALL|ALLOW_ALL_ORIGINS)$/, ({ value }) => is(value, true)),
    ],
  },
  {
    id: "python/origin-echoed",
    cwe: 942,
    title: "CORS reflects the request's origin",
    severity: "medium",
    why: "Every origin is allowed, so any website can read the responses.",
    fix: "Check request.headers['Origin'] against an allowlist first",
    literals: ["llow-", "Allow"],
    match: [
      assigns(/^access-control-allow-origin$/i, ({ value }) => carries(value, "header") === 2),
      calls(
        ".set .add .set_header .add_header .send_header",
        ({ args: [name, value] }) =>
          says(name, /^access-control-allow-origin$/i) && carries(value, "header") === 2,
      ),
    ],
  },
  {
    id: "python/middleware-missing",
    cwe: 352,
    title: "CSRF middleware missing",
    severity: "medium",
    why: "Another site can submit forms as the logged-in user.",
    fix: "Add 'django.middleware.csrf.CsrfViewMiddleware' to MIDDLEWARE",
    literals: ["MIDDLEWARE", "csrf", "CSRF"],
    match: [
      assigns(/^MIDDLEWARE(_CLASSES)?$/, ({ value }) => {
        const entries = itemsOf(value);
        const names = entries.map(({ constant }) => constant);
        return (
          value.whole === true &&
          names.every((name) => typeof name === "string") &&
          names.some((name) => /django\.contrib\.(sessions|auth)/.test(String(name))) &&
          !names.some((name) => /csrf/i.test(String(name)))
        );
      }),
      assigns(
        /^(require_csrf|check_origin|csrf)$/,
        ({ form, path, value }) =>
          form === "argument" && is(value, false) && /view_config|csrf_options|Form$/.test(path),
      ),
    ],
  },
  {
    id: "python/debug-setting",
    cwe: 489,
    title: "Debug mode enabled in the settings",
    severity: "medium",
    why: "Error pages show source code, settings and, in some frameworks, a console.",
    fix: "Read the value from the environment, and disable debug mode wherever others can reach the server",
    literals: ["debug", "DEBUG", "TESTING", "evalex", ".run("],
    match: [
      assigns(
        /^(DEBUG|TESTING|DEBUG_PROPAGATE_EXCEPTIONS|PROPAGATE_EXCEPTIONS)$/,
        ({ form, path, value, name, here }) =>
          is(value, true) &&
          ((form === "argument" && /(config\.(update|from_mapping)|settings\.configure)$/.test(path)) ||
            (form === "item" &&
              name !== "DEBUG" &&
              /config\[\]$/.test(path) &&
              !/test/i.test(here.inside?.name ?? "")) ||
            (form === "variable" && name === "DEBUG_PROPAGATE_EXCEPTIONS" && fileSays(here, webWords))),
      ),
      assigns(
        /^(debug|evalex)$/,
        ({ form, path, value }) =>
          form === "argument" &&
          is(value, true) &&
          /(^|\.)(FastAPI|Starlette|Application|DebuggedApplication|run_app)$|^bottle\.run$/.test(path),
      ),
      calls(
        ".run",
        ({ args, receiver }) =>
          is(args[2], true) && /^(app|application|flask\.Flask\(\))$/i.test(receiver.path),
      ),
      calls(".run", ({ named, path }) => is(named.get("debug"), 1) && !/^subprocess/.test(path)),
      calls("bottle.debug", ({ args: [on] }) => on === undefined || is(on, true)),
    ],
  },
  {
    id: "python/serves-all",
    cwe: 605,
    title: "Server listens on all network interfaces",
    severity: "low",
    why: "Anyone who can reach the machine can reach the service.",
    fix: "Use host='127.0.0.1' behind a proxy, or bind one specific interface",
    literals: ["0.0.0.0", "::", "Server(", "serve"],
    match: [
      assigns(
        /^(host|bind|address|hostname)$/,
        ({ form, path, value }) =>
          form === "argument" &&
          says(value, /^(0\.0\.0\.0|::)(:\d{1,5})?$/) &&
          /(^|\.)(run|serve|run_app|start_server|create_server|Server|TCPSite|listen|launch|run_server)$/.test(
            path,
          ),
      ),
      calls(".run", ({ args: [host], receiver }) => /app/i.test(receiver.path) && says(host, /^0\.0\.0\.0$/)),
      calls(
        "http.server.HTTPServer http.server.ThreadingHTTPServer HTTPServer ThreadingHTTPServer " +
          "socketserver.TCPServer socketserver.UDPServer socketserver.ThreadingTCPServer TCPServer " +
          "xmlrpc.server.SimpleXMLRPCServer gevent.pywsgi.WSGIServer WSGIServer SimpleXMLRPCServer",
        ({ args: [address] }) => isOpenPair(address),
      ),
    ],
  },
  {
    id: "python/any-host",
    cwe: 20,
    title: "Host header not validated",
    severity: "low",
    why: "A forged Host header puts another site into the links in emails and pages.",
    fix: "Set the host in the configuration: ALLOWED_HOSTS = ['a.org'] or SERVER_NAME",
    literals: ["ALLOWED_HOSTS", "host", "HTTP_HOST"],
    match: [
      assigns(/^ALLOWED_HOSTS$/, ({ value }) => itemsOf(value).some((one) => says(one, /^\*$/))),
      assigns(anyOf(/link|url|href|reset|confirm|activat/i), ({ form, value, here, start, end }) => {
        const source = here.text.slice(start, Math.min(end, start + 400));
        return (
          (form === "variable" || form === "argument") &&
          value.shape !== undefined &&
          /^\w{0,40}\s{0,3}=?\s{0,3}f?["']https?:\/\//.test(source) &&
          /request\.(host\b|get_host\(\)|headers(\.get\(|\[)["']Host)|HTTP_HOST/.test(source) &&
          importsOf(here, /flask|django|pyramid|bottle|starlette|fastapi|tornado/)
        );
      }),
    ],
  },
];
