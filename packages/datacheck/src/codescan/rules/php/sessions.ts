/** @file PHP rules: sessions and their cookies. */
import type { CallSeen } from "../../engine/seen.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, is, says } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, calls } from "../matches.ts";

/** Functions that set a cookie, with the positions of `secure` and `httponly`. */
const cookies: Readonly<Record<string, readonly [number, number]>> = {
  setcookie: [5, 6],
  setrawcookie: [5, 6],
  session_set_cookie_params: [3, 4],
  Cookie: [5, 6],
  "Cookie.create": [5, 6],
};

/** Whether a flag is off, or omitted although all other arguments are known. */
function isOff(value: Value | undefined, isLeftOut: boolean): boolean {
  return value === undefined ? isLeftOut : is(value, false) || is(value, 0);
}

/** Whether a cookie is also sent over unencrypted connections, or readable by scripts. */
function lacksFlags(seen: CallSeen): boolean {
  const places = cookies[seen.path];
  if (places === undefined || seen.spread || seen.args.length + seen.named.size === 0) return false;
  const options = seen.args.find(({ entries }) => entries !== undefined);
  const [secure, open] = (["secure", "httponly"] as const).map((name, at) => {
    if (options !== undefined)
      return isOff(
        options.entries?.get(name),
        options.whole === true && options.entries?.has("secure") === true,
      );
    const value = argument(seen, places[at] ?? 0, name);
    const isKnown = seen.args.length !== 3 || seen.args[2]?.made?.kind !== "name";
    return isOff(value, isKnown && (seen.path.startsWith("session_") || seen.args.length > 5));
  });
  return secure === true || open === true;
}

const login = /log-?_?in|sign-?_?in|authenticat|password_verify/i;
const user = /^\$_SESSION\[\s?['"](user|uid|login|logged_?in|is_?logged|auth|admin|account)/i;
const settings = /^session\.(use_strict_mode|use_only_cookies|cookie_secure|cookie_httponly)$/;

/** Rules on sessions. */
export const phpSessionRules: readonly Rule[] = [
  {
    id: "php/cookie-flags",
    cwe: 614,
    title: "Cookie without Secure or HttpOnly",
    severity: "low",
    why: "The cookie is sent over plain HTTP, or scripts can read it.",
    fix: "Set ['secure' => true, 'httponly' => true, 'samesite' => 'Lax']",
    literals: ["ookie"],
    match: [
      calls(Object.keys(cookies).join(" "), lacksFlags),
      calls(
        "ini_set",
        ({ args: [name, on] }) =>
          says(name, settings) && (is(on, 0) || is(on, false) || says(on, /^(0|off|false)?$/i)),
      ),
      calls("session_start", ({ args: [options] }) =>
        ["cookie_secure", "cookie_httponly", "use_strict_mode"].some((name) =>
          isOff(options?.entries?.get(name), false),
        ),
      ),
    ],
  },
  {
    id: "php/session-fixed",
    cwe: 384,
    title: "Session fixation: session ID unchanged after login",
    severity: "medium",
    why: "An attacker who planted the session ID beforehand is logged in as the user.",
    fix: "Call session_regenerate_id(true) at login",
    literals: ["session", "SESSION"],
    match: [
      calls("session_id", ({ args: [id] }) => id !== undefined && !/session_create_id\(\)/i.test(id.path)),
      assigns(
        /^(session|\$_SESSION|)$/,
        ({ here, start }) =>
          user.test(here.text.slice(start, start + 80)) &&
          aroundSays(here, login) &&
          !fileSays(here, /session_regenerate_id|migrate\(|regenerate\(/),
      ),
      assigns(/^session_fixation_strategy$/, ({ value }) => says(value, /^none$/i)),
    ],
  },
];
