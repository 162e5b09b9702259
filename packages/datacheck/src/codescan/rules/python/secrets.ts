/** @file Python rules: hard-coded, empty and logged passwords and keys. */
import { anyOf } from "../../engine/language.ts";
import { carries, cleanOfAll, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, importsOf, looksSecret, nameOf, says } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, calls, operates, reaches, words } from "../matches.ts";
import { isHint } from "../placeholder.ts";
import {
  comparedWithWritten,
  isNamedToken,
  isWrittenSecret,
  writtenAddress,
  writtenKey,
} from "../written.ts";

const password = /passw|passwd|\bpwd\b|^pwd|passphrase/i;
const connects = anyOf(
  /(^|\.)(connect|Connection|create_connection|login|MongoClient|Redis|StrictRedis|create_engine)$/,
  /(^|\.)(ConnectionPool|MySQL|authenticate)$/,
);

function isSecret(name: string, value: Value): boolean {
  return isWrittenSecret(name, value) && looksSecret(name, String(value.constant));
}

/** A text passed as a password. Weak ones count, since the program uses them. */
function isWord(value: Value | undefined): boolean {
  return says(value, { test: (text) => /^.{1,80}$/.test(text) && !isHint(text) });
}

/** Rules on secrets. */
export const pythonSecretRules: readonly Rule[] = [
  {
    id: "python/secret-in-source",
    cwe: 798,
    title: "Hard-coded password or key",
    severity: "high",
    why: "Anyone who can read the source has the credential. Changing it requires a code change.",
    fix: "Read it from os.environ['NAME'] or a secret store",
    literals: words("assw pwd PWD ecret SECRET oken TOKEN key KEY redential CREDENTIAL :// login"),
    secret: true,
    match: [
      assigns(/./, ({ form, name, path, value }) => {
        if (form === "argument" && connects.test(path) && password.test(name)) return isWord(value);
        return isSecret(name, value) || isNamedToken(name, value);
      }),
      writtenKey,
      writtenAddress,
      assigns(
        /^PASSWORD$/,
        ({ form, value, here }) => form === "entry" && isWord(value) && fileSays(here, /ENGINE|DATABASES/),
      ),
      calls(
        ".login",
        ({ receiver, args: [, word] }) =>
          /^(smtplib|ftplib|imaplib|poplib)\./.test(receiver.path) && isWord(word),
      ),
      comparedWithWritten("== !=", /^[^\s]{3,}$/),
    ],
  },
  {
    id: "python/no-password",
    cwe: 521,
    title: "Account without a password",
    severity: "medium",
    why: "Anyone who can reach the database can log in.",
    fix: "Set a password, and read it from os.environ",
    literals: ["passw", "PASSW", "pwd", "://"],
    match: [
      assigns(
        /^(password|passwd|pwd|PASSWORD)$/,
        ({ form, path, value }) =>
          says(value, /^$/) &&
          ((form === "argument" && connects.test(path)) || (form === "entry" && /PASSWORD/.test(path))),
      ),
      assigns(/./, ({ value }) =>
        says(value, /^(postgres(ql)?|mysql|mongodb)(\+\w{1,20})?:\/\/[^:/@\s]{1,80}:@/),
      ),
    ],
  },
  {
    id: "python/log-from-outside",
    cwe: 117,
    title: "Log injection: untrusted input in a log",
    severity: "low",
    why: "Line breaks in the input forge log entries.",
    fix: "Use repr(text) or text.replace('\\n', '')",
    literals: ["log"],
    match: [
      calls(
        ".debug .info .warning .warn .error .critical .exception .log",
        ({ path, args }) => /log/i.test(path) && args.some((one) => carries(one, "log") === 2),
      ),
    ],
  },
  {
    id: "python/session-from-outside",
    cwe: 501,
    title: "Trust boundary violation: untrusted input stored in the session",
    severity: "low",
    why: "Code that reads the session assumes that its data was validated.",
    fix: "Validate the value before storing it",
    literals: ["session"],
    match: [
      assigns(
        /(?:)/,
        ({ form, path, value, key, here }) =>
          form === "item" &&
          !aroundSays(here, /passw|authenticat|log_?in/i) &&
          /(^|[._])(session|request\.session|self\.session)\[\]$/.test(path) &&
          [value, key].some((one) => one?.level === 2 && one.clean !== cleanOfAll),
      ),
      reaches(
        "code",
        2,
        "flask.session.update request.session.update flask.session.setdefault request.session.setdefault",
        ["*"],
      ),
    ],
  },
  {
    id: "python/secret-in-log",
    cwe: 532,
    title: "Password written to a log",
    severity: "medium",
    why: "More people can read logs than should know the password.",
    fix: "Do not log the password",
    literals: ["assw", "pwd", "ecret", "credit"],
    match: [
      calls(
        ".debug .info .warning .warn .error .critical .exception print",
        ({ path, args }) =>
          (/log/i.test(path) || path === "print") &&
          args.some(
            (one) =>
              one.level > 0 && comesFrom(one, /^(password|passwd|pwd|secret|credit_card\w{0,10}|ssn)$/i),
          ),
      ),
    ],
  },
  {
    id: "python/encoded-password",
    cwe: 522,
    title: "Password encoded instead of hashed",
    severity: "medium",
    why: "Anyone can decode Base64.",
    fix: "Use bcrypt.checkpw(password, stored)",
    literals: ["b64", "base64"],
    match: [
      operates(
        "== !=",
        ({ operands }) =>
          operands.some((one) => /^base64\.\w{0,3}b64decode\(\)/.test(one.path)) &&
          operands.some((one) => password.test(nameOf(one))),
      ),
      calls(
        "base64.b64encode base64.encodebytes",
        ({ args: [text] }) =>
          text !== undefined &&
          text.level > 0 &&
          text.roots.length === 1 &&
          comesFrom(text, /^(password|passwd|pwd)$/i),
      ),
    ],
  },
  {
    id: "python/assert-protects",
    cwe: 617,
    title: "Authorization check with assert",
    severity: "medium",
    why: "`python -O` removes assert statements, so everyone passes the check.",
    fix: "Raise an exception: if not user.is_admin: raise PermissionError",
    literals: ["assert"],
    match: [
      {
        asserts: ({ test, here }) =>
          !/test/i.test(here.inside?.name ?? "") &&
          !importsOf(here, /pytest|unittest/) &&
          (/\.(is_(admin|authenticated|staff|superuser|authorized|owner)|has_perm\w{0,10}\(\))$/.test(
            test.path,
          ) ||
            /"name":"(is_admin|is_authenticated|is_authorized|has_perm|has_permission)"/.test(
              JSON.stringify(test.made ?? ""),
            )),
      },
    ],
  },
];
