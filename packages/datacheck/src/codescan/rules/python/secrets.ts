/** @file Python rules: hard-coded, empty and logged passwords and keys. */
import { anyOf } from "../../engine/language.ts";
import { carries, cleanOfAll, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, importsOf, looksSecret, nameOf, says } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, calls, operates, reaches } from "../matches.ts";
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
    literals: [
      "assw",
      "pwd",
      "PWD",
      "ecret",
      "SECRET",
      "oken",
      "TOKEN",
      "key",
      "KEY",
      "redential",
      "CREDENTIAL",
      "://",
      "login",
    ],
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
    bad: [
      "import mysql.connector\ndb = mysql.connector.connect(user='app', password='hunter22', host='db')\n",
      "API_KEY = 'a8f5f167f44f4964e6c998dee827110c'\n",
      "def login(name, password):\n    return password == 'letmein'\n",
      "DATABASE = 'postgresql://app:hunter22@db.internal/app'\n",
      "from flask import Flask\napp = Flask(__name__)\napp.config['SECRET_KEY'] = 'f3cfe9ed8fae309f'\n",
    ],
    good: [
      "import mysql.connector, os\ndb = mysql.connector.connect(user='app', password=os.environ['DB_PASSWORD'], " +
        "host='db')\n",
      "API_KEY = os.environ.get('API_KEY', '')\n",
      "API_KEY = 'YOUR_API_KEY'\n",
      "def login(name, password):\n    return password == ''\n",
      "def ask(password_status, kind):\n    return password_status == 'expired' or kind == Kind.PASSWORD\n",
      "API_KEY = 'yourapikeyhere'\n",
      "PASSWORD_FIELD = 'password'\n",
      "TOKEN_URL = 'https://a.org/token'\n",
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
    bad: ["import MySQLdb\ndb = MySQLdb.connect(host='db', user='root', passwd='')\n"],
    good: ["import MySQLdb, os\ndb = MySQLdb.connect(host='db', user='root', passwd=os.environ['P'])\n"],
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
    bad: ["import logging\nfrom flask import request\nlogging.info('user ' + request.args['u'])\n"],
    good: ["import logging\nfrom flask import request\nlogging.info('user %r', repr(request.args['u']))\n"],
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
    bad: [
      "from flask import request, session\ndef keep():\n    session['user'] = request.args['user']\n",
      "def keep(request):\n    request.session[request.GET['key']] = 1\n",
    ],
    good: [
      "from flask import request, session\ndef keep():\n    session['page'] = int(request.args['page'])\n",
      "from flask import request, session\nCOLORS = {'red', 'blue'}\ndef keep():\n    color = " +
        "request.args['color']\n    if color not in COLORS:\n        return 'no', 400\n    session['color'] = color\n",
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
    bad: ["import logging\ndef login(user, password):\n    logging.info(f'{user} {password}')\n"],
    good: ["import logging\ndef login(user, password):\n    logging.info(f'{user}')\n"],
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
    bad: ["import base64\ndef check(stored, password):\n    return base64.b64decode(stored) == password\n"],
    good: ["import bcrypt\ndef check(stored, password):\n    return bcrypt.checkpw(password, stored)\n"],
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
    bad: ["def drop(user, item):\n    assert user.is_admin\n    item.delete()\n"],
    good: [
      "def drop(user, item):\n    if not user.is_admin:\n        raise PermissionError\n    item.delete()\n",
    ],
  },
];
