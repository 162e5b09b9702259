/** @file JavaScript rules: session cookies, and sessions that outlive a login. */
import type { CallSeen } from "../../engine/seen.ts";
import { hole, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, says, shaped } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, calls } from "../matches.ts";

/** Session middleware, and the location of its cookie settings. */
const sessions =
  "express-session express.session cookie-session express.cookieSession client-sessions koa-session " +
  "@fastify/session fastify-session hapi-session iron-session next-session";

/** The cookie settings of session middleware: the `cookie` field, or the options themselves. */
function cookieOf(options: Value | undefined): Value | undefined {
  return options?.entries?.get("cookie") ?? options?.entries?.get("cookieOptions") ?? options;
}

/** A session cookie that is also sent over unencrypted connections. */
function isOpenSession({ args }: CallSeen): boolean {
  const options = args.find(({ entries }) => entries !== undefined);
  if (options === undefined) return false;
  const cookie = cookieOf(options);
  if (is(cookie?.entries?.get("secure"), false)) return true;
  const isAsked = cookie?.entries?.has("secure") === true || cookie?.entries === undefined;
  return options.whole === true && !isAsked && !options.entries?.has("secureProxy");
}

/** The texts of one or several `Set-Cookie` headers. */
function textsOf(value: Value | undefined): Value[] {
  return value?.entries === undefined ? (value === undefined ? [] : [value]) : [...value.entries.values()];
}

/** A hand-written cookie without any protection. */
function lacksInText(value: Value | undefined): boolean {
  return textsOf(value).some(
    (one) =>
      shaped(one, /^[^=;\s]{1,80}=/) &&
      !(one.shape ?? "").endsWith(hole.repeat(2)) &&
      !shaped(one, /;\s{0,3}(secure|httponly)\b/i) &&
      !shaped(one, /expires=thu, 01 jan 1970|max-age=0\b|;\s{0,3}\0/i),
  );
}

const secretCookie = /sess|sid$|token|auth|jwt|login|user_?id|remember/i;
const holders =
  "Cookies.set js-cookie.set cookie.serialize cookie.setCookie cookies().set .cookies.set " +
  "universal-cookie().set nookies.set setCookie";

/** Rules on sessions. */
export const javascriptSessionRules: readonly Rule[] = [
  {
    id: "javascript/session-cookie-open",
    cwe: 614,
    title: "Session cookie sent over unencrypted connections",
    severity: "medium",
    why: "An eavesdropper who reads it can use the session.",
    fix: "Set cookie: { secure: true, httpOnly: true, sameSite: 'lax' }",
    literals: ["session", "Session"],
    match: [calls(sessions, isOpenSession)],
  },
  {
    id: "javascript/cookie-by-hand",
    cwe: 614,
    title: "Cookie without Secure or HttpOnly",
    severity: "low",
    why: "The cookie is sent over plain HTTP, or scripts can read it.",
    fix: "Add the attributes: `id=\u0024{id}; Secure; HttpOnly; SameSite=Lax`",
    literals: ["ookie"],
    match: [
      calls(
        ".setHeader .header .set .append .appendHeader",
        ({ args: [name, value] }) => says(name, /^set-cookie$/i) && lacksInText(value),
      ),
      assigns(/^(Set-Cookie|set-cookie)$/, ({ form, value }) => form === "entry" && lacksInText(value)),
      calls(
        holders,
        ({ args: [name, , options] }) =>
          is(options?.entries?.get("secure"), false) ||
          (says(name, secretCookie) && (options === undefined || options.entries?.has("secure") === false)),
      ),
      assigns(
        /^secure$/,
        ({ form, value, here, start }) =>
          form === "entry" &&
          is(value, false) &&
          /cookie\w{0,20}['"]?\s{0,3}[:=(][^;]{0,200}$/i.test(
            here.text.slice(Math.max(0, start - 240), start),
          ),
      ),
      assigns(
        /^cookie$/,
        ({ form, path, value }) =>
          form === "attribute" &&
          path === "document.cookie" &&
          shaped(value, /^(\w{0,40}(sess|sid|token|auth|jwt)\w{0,40})=/i) &&
          !shaped(value, /;\s{0,3}secure\b/i),
      ),
    ],
  },
  {
    id: "javascript/cookie-across-sites",
    cwe: 1275,
    title: "Cookie sent with cross-site requests",
    severity: "low",
    why: "Another site can submit a form as the visitor.",
    fix: "Set sameSite: 'lax' or sameSite: 'strict'",
    literals: ["ameSite", "amesite", "AMESITE"],
    match: [
      assigns(
        /^(sameSite|SameSite|samesite)$/,
        ({ form, value }) => form === "entry" && (is(value, false) || says(value, /^none$/i)),
      ),
    ],
  },
  {
    id: "javascript/session-kept",
    cwe: 384,
    title: "Session fixation: session ID unchanged after login",
    severity: "medium",
    why: "An attacker who planted the session ID beforehand is logged in as the user.",
    fix: "Call req.session.regenerate(() => { req.session.user = user })",
    literals: ["session"],
    match: [
      assigns(
        /^(user(_?id|name)?|uid|(is_?)?logged_?in|(is)?auth(enticated)?|account|email)$/i,
        ({ form, path, here }) =>
          form === "attribute" &&
          /(^|\.)request\.session\.\w{1,40}$/.test(path) &&
          aroundSays(here, /log-?in|sign-?in|authenticat|password|compare\(|verify/i) &&
          !fileSays(here, /regenerate|destroy\(|reset\(/),
      ),
      calls(
        "passport.authenticate",
        ({ args, here, end }) =>
          args[1]?.entries?.has("successRedirect") !== true &&
          !fileSays(here, /regenerate|req\.logi?[nN]|failureRedirect|session:\s{0,3}false/) &&
          /^[,)]\s{0,9},?\s{0,9}(async\s)?(function\b|\()/.test(here.text.slice(end, end + 60)),
      ),
    ],
  },
];
