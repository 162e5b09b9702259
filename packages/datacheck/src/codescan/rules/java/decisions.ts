/** @file Java rules: authorization based on client input; exposed secrets. */
import { anyOf } from "../../engine/language.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, isA, nameOf, says } from "../conditions.ts";
import { aroundSays, behindTest, fileSays, passwordName, sensitive } from "../inside.ts";
import { calls, operates, reaches } from "../matches.ts";

/** Names of privileges and login states. */
const right = /admin|role|auth|logged|privileg|permission|is_?super|is_?staff|trusted|access_?level/i;
/** Client input: a parameter, header, cookie or command-line argument. */
function isSent(value: Value | undefined): boolean {
  return value !== undefined && (value.level === 2 || isA(value, /^Cookie\.get(Value|Name)\(\)$/));
}

/** The origin of a request, which its sender can forge. */
const fromWhere = anyOf(
  /\.getHeader\(\)$|\.getRemoteHost\(\)$|\.getServerName\(\)$|\.getCanonicalHostName\(\)$/,
  /^request\.(getRemoteHost|getServerName)\(\)$/,
);

/** Rules on decisions. */
export const javaDecisionRules: readonly Rule[] = [
  {
    id: "java/right-from-outside",
    cwe: 807,
    title: "Authorization based on client-controlled data",
    severity: "medium",
    why: "Clients control their cookies, headers and parameters.",
    fix: "Store the user's identity and permissions in the session",
    literals: ["equals", "==", "isPermitted", "hasRole", "getRequestedSessionId"],
    match: [
      operates("==", ({ operands, here, start, end }) => {
        const [left, right_] = operands;
        const sent = isSent(left) ? left : isSent(right_) ? right_ : undefined;
        const other = sent === left ? right_ : left;
        if (sent === undefined || other?.constant === undefined || other.constant === null) return false;
        const then = behindTest(here, start, end);
        if (then === undefined) return false;
        return (
          sensitive.test(then) ||
          (right.test(nameOf(sent)) && says(other, /^(true|yes|1|admin\w{0,12}|root|super\w{0,8})$/i))
        );
      }),
      calls("Boolean.parseBoolean Boolean.valueOf", ({ args: [text], here, start, end }) => {
        return isSent(text) && right.test(nameOf(text)) && behindTest(here, start, end) !== undefined;
      }),
      reaches(
        "code",
        2,
        ".isPermitted .checkPermission .hasRole .isPermittedAll .checkRole",
        [0],
        ({ here }) => fileSays(here, /shiro|Subject|SecurityUtils/),
      ),
      calls("request.getRequestedSessionId"),
    ],
  },
  {
    id: "java/sender-believed",
    cwe: 290,
    title: "Authorization based on a spoofable host name or header",
    severity: "medium",
    why: "The client can forge headers and host names.",
    fix: "Require a password or a token",
    literals: ["getHeader", "getRemoteHost", "getServerName", "getCanonicalHostName", "getHostName"],
    match: [
      operates("==", ({ operands, here, start, end }) => {
        const sent = operands.find((one) => fromWhere.test(one.path));
        const other = operands.find((one) => one !== sent);
        if (sent === undefined || typeof other?.constant !== "string") return false;
        const isHeader = /getHeader/.test(sent.path);
        if (
          isHeader &&
          !/^(x-forwarded-(for|host)|x-real-ip|client-ip|host|referer|origin|via|user-agent)$/i.test(
            nameOf(sent),
          )
        )
          return false;
        const then = behindTest(here, start, end);
        return (
          then !== undefined &&
          (sensitive.test(then) ||
            /^[^;]{0,30}\b(return\s+true|(is)?(trusted|allowed|admin|authenticated|local)\w{0,10}\s{0,3}=\s{0,3}true)/i.test(
              then,
            ))
        );
      }),
    ],
  },
  {
    id: "java/password-in-address",
    cwe: 598,
    title: "Password in a URL",
    severity: "low",
    why: "URLs are stored in histories and logs, and browsers send them to other sites as the referrer.",
    fix: "Read it from the body of a POST request",
    literals: ["assword", "passwd", "pwd", "ecret", "oken"],
    match: [
      calls("request.getParameter", ({ args: [name], here }) => {
        return (
          here.inside?.name === "doGet" &&
          says(name, /^(\w{0,20}passw\w{0,10}|pwd|passwd|\w{0,10}secret|credit_?card\w{0,10}|cvv|ssn)$/i)
        );
      }),
      {
        defines: ({ made, marks, here }) =>
          marks.some((mark) => /^GetMapping/.test(mark)) &&
          made.parameters.some(({ name }) => passwordName.test(name)) &&
          /@RequestParam/.test(here.text.slice(made.start, made.start + 600)),
      },
    ],
  },
  {
    id: "java/secret-kept",
    cwe: 312,
    title: "Password stored in plain text",
    severity: "medium",
    why: "Anyone who can read the file, the settings or the cookie has the password.",
    fix: "Store a hash, or encrypt it with a key from the system key store",
    literals: ["assword", "passwd", "pwd", "PASSWORD", "ecret", "creditCard", "ssn"],
    match: [
      calls(".putString .setProperty .put", ({ path, args: [name, value], here }) => {
        const isStore =
          /(SharedPreferences\.)?[eE]ditor\(?\)?\.putString$|^Properties\.|^Preferences\.|^(prefs|preferences|props|properties)\./.test(
            path,
          ) ||
          (/\.putString$/.test(path) && fileSays(here, /SharedPreferences/));
        if (!isStore || value === undefined || value.constant !== undefined || value.level === 0)
          return false;
        if (aroundSays(here, /Encrypted|encrypt|hash|encode|cipher/i)) return false;
        const isFile = /\.putString$/.test(path) || aroundSays(here, /\.store\(|\.storeToXML\(|\.flush\(\)/);
        return isFile && (comesFrom(value, secretName) || says(name, secretName));
      }),
      calls("Cookie", ({ args: [name, value], here }) => {
        if (value === undefined || value.level === 0 || aroundSays(here, /encrypt|hash|encode|cipher/i))
          return false;
        return comesFrom(value, secretName) || says(name, secretName);
      }),
    ],
  },
  {
    id: "java/compared-by-time",
    cwe: 208,
    title: "Secrets compared in non-constant time",
    severity: "low",
    why: "An attacker who measures response times can guess a signature byte by byte.",
    fix: "Use MessageDigest.isEqual(a, b)",
    literals: ["equals"],
    match: [
      operates(
        "==",
        ({ operands }) =>
          operands.length === 2 &&
          operands.some(isDigest) &&
          operands.every(({ constant }) => constant === undefined),
      ),
      calls("Arrays.equals", ({ args }) => args.some(isDigest)),
    ],
  },
];

const secretName =
  /^(\w{0,20}passw(or)?d|passwd|pwd|\w{0,10}secret|credit_?card\w{0,10}|ssn|cvv|card_?number)$/i;
const digestName =
  /^(\w{0,20}(signature|hmac|mac|digest|passwordhash|hashedpassword|password_hash|api_?key|csrf_?token|auth_?token|access_?token))$/i;

/** Whether a value is a signature or hash, by the call that created it or by its name. */
function isDigest(value: Value): boolean {
  return (
    isA(value, /^(Mac\.doFinal|MessageDigest\.digest)\(\)$/) ||
    digestName.test(nameOf(value)) ||
    comesFrom(value, digestName)
  );
}
