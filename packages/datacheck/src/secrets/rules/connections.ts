/** @file Rules for URLs with a password: databases, queues, mail, files, proxies. */

import { startsWord } from "../format.ts";
import { entropyOf } from "../placeholder.ts";
import { reader, type SecretRule, type Span } from "../rule.ts";
import { readDriverPassword, readOraclePassword } from "../settings.ts";
import { judgeValue } from "../strength.ts";

const password = `kV7${"tq"}Zp2x`;

/** A rule for passwords in URLs with the given schemes, separated by `|`. */
function address(id: string, title: string, schemes: string): SecretRule {
  const keywords = schemes.split("|").map((scheme) => `${scheme}://`);
  const [first = ""] = keywords;
  return reader(id, title, keywords, readAddress, {
    kind: "PASSWORD",
    cases: () => [
      `${first}service:${password}@db.shop-internal.io:4411/main`,
      `URL="${first}u:${password}@10.1.2.3"`,
    ],
    lookAlikes: () => [
      `${first}user:password@localhost/db`,
      `${first}\${USER}:\${PASS}@host/db`,
      `${first}<user>:<password>@db.shop.io`,
      `${first}host:5432/db?u=a@b`,
    ],
  });
}

/** URLs with a password by scheme; the generic rule comes last. */
export const connectionRules: readonly SecretRule[] = [
  address(
    "postgres-address",
    "PostgreSQL password in an address",
    "postgres|postgresql|cockroachdb|postgresql+psycopg2|postgresql+asyncpg",
  ),
  address(
    "mysql-address",
    "MySQL or MariaDB password in an address",
    "mysql|mariadb|mysql2|mysql+pymysql|mysql+aiomysql",
  ),
  address("mongodb-address", "MongoDB password in an address", "mongodb+srv|mongodb"),
  address("redis-address", "Redis password in an address", "redis|rediss"),
  address("amqp-address", "AMQP password in an address", "amqp|amqps"),
  address("sqlserver-address", "SQL Server password in an address", "mssql|sqlserver|mssql+pyodbc"),
  address("clickhouse-address", "ClickHouse password in an address", "clickhouse|clickhouses"),
  address("snowflake-address", "Snowflake password in an address", "snowflake"),
  address("neo4j-address", "Neo4j password in an address", "neo4j|neo4j+s|bolt|bolt+s"),
  address("mail-address", "Mail password in an address", "smtp|smtps|imap|imaps"),
  address("directory-address", "LDAP password in an address", "ldap|ldaps"),
  address("files-address", "FTP or SSH password in an address", "ftp|ftps|sftp|ssh|scp"),
  address("queue-address", "NATS, MQTT or Kafka password in an address", "nats|mqtt|mqtts|kafka|wss|ws"),
  address("cloudinary-address", "Cloudinary secret in an address", "cloudinary"),
  address("sentry-address", "Secret part of an old Sentry address", "udp+sentry|threaded+https"),
  address("web-address", "Password in a web address", "https|http|git+https|git|socks5"),
  reader(
    "driver-password",
    "Password in a database driver's settings",
    ["pwd=", "password="],
    readDriverPassword,
    {
      kind: "PASSWORD",
      cases: () => [
        `Server=tcp:db.shop.io,1433;Database=main;User ID=app;Password=${password};Encrypt=True;`,
        `jdbc:sqlserver://db.shop.io;user=app;pwd=${password};`,
      ],
      lookAlikes: () => [
        "Server=localhost;User ID=sa;Password=<password>;",
        "Server=db;Uid=app;Pwd={0};",
        "a;password=changeme;",
      ],
    },
  ),
  reader(
    "oracle-logon",
    "Password in Oracle's logon",
    ["jdbc:oracle:thin:", "sqlplus ", "sqlldr ", "expdp ", "impdp "],
    readOraclePassword,
    {
      kind: "PASSWORD",
      cases: () => [
        `jdbc:oracle:thin:app/${password}@db.shop.io:1521:orcl`,
        `sqlplus -s app/${password}@orcl`,
      ],
      lookAlikes: () => [
        "jdbc:oracle:thin:@db.shop.io:1521:orcl",
        "sqlplus / as sysdba",
        "sqlplus scott/tiger@orcl",
      ],
    },
  ),
  reader("any-address", "Password in an address", ["://"], readAnyAddress, {
    kind: "PASSWORD",
    broad: true,
    cases: () => [`oracle+cx_oracle://app:${password}@db.shop.io:1521/shop`],
    lookAlikes: () => ["oracle+cx_oracle://app:password@localhost/shop", "app://host:5432/db?u=a@b"],
  }),
  reader("go-address", "Password in a data source of Go", ["@tcp(", "@unix("], readGoAddress, {
    kind: "PASSWORD",
    cases: () => [`sql.Open("mysql", "app:${password}@tcp(10.0.0.1:3306)/shop")`],
    lookAlikes: () => ['sql.Open("mysql", "user:password@tcp(127.0.0.1:3306)/hello")', "mail me@tcp(1)"],
  }),
];

const longestUserInfo = 300;

/** Well-known passwords of examples and local containers. */
const known = new Set(
  `password passwd pass pwd pw secret changeme root admin user username test postgres mysql mongo redis
  guest rabbitmq example token key foo bar baz p x xxx xxxx credentials mypassword my_password mypass
  dbpass default me minio minioadmin elastic neo4j demo dev local
  passwort kennwort contraseña contrasena senha wachtwoord motdepasse parola haslo hasło hunter2 s3cret
  pass123 123456`.split(/\s+/),
);

/** Unreachable or unassigned hosts. */
const reserved =
  "localhost|127\\.|0\\.0\\.0\\.0|\\[::1\\]|host(?:name)?\\b|your|my-?(?:host|server|domain)|server\\b";
const nowhere = new RegExp(`^(?:${reserved}|(?:[\\w-]{1,60}\\.){0,3}(?:example|test|invalid|local)\\b)`, "i");

/** 1 for characters that a user name or password in a URL cannot contain. */
const stops = new Uint8Array(128).fill(1, 0, 33);
for (const one of "/\"'`<>\\|,;?#()") stops[one.charCodeAt(0)] = 1;

/** The password in a URL whose scheme is the keyword. */
function readAddress(text: string, { start, end }: Span): Span | null {
  if (/[A-Za-z0-9+.-]/.test(text[start - 1] ?? " ") && !startsWord(text, start)) return null;
  return readUserInfo(text, end);
}

/** The password in a URL of any scheme. */
function readAnyAddress(text: string, { start, end }: Span): Span | null {
  return /[A-Za-z0-9]/.test(text[start - 1] ?? " ") ? readUserInfo(text, end) : null;
}

function readUserInfo(text: string, end: number): Span | null {
  let colon = -1;
  let mark = -1;
  for (let at = end; at < text.length && at - end < longestUserInfo; at++) {
    const code = text.charCodeAt(at);
    if (code === 58 && colon === -1) colon = at;
    if (code === 64) mark = at;
    else if (stops[code] === 1) break;
  }
  if (mark === -1 || colon === -1 || colon > mark) return null;
  const password = text.slice(colon + 1, mark);
  if (!isPassword(password, text.slice(end, colon))) return null;
  return nowhere.test(text.slice(mark + 1, mark + 80)) && !isStrong(password)
    ? null
    : { start: colon + 1, end: mark };
}

/** Whether a password is real rather than a template, a port or the user's own name. */
function isPassword(password: string, user: string): boolean {
  const lower = password.toLowerCase();
  if (password.length < 5 || entropyOf(password) < 1.6 || known.has(lower) || lower === user.toLowerCase())
    return false;
  if (/[{}$*[\]%]{2}|^[$%{*]|\{|\}|\.\.\.|…|:/.test(password)) return false;
  if (/^[A-Z]+(?:_[A-Z]+)*$/.test(password) && /^[A-Z_]*$/.test(user)) return false; // placeholders: KEY:SECRET
  return !/(?:pass(?:word|wd)?|pwd|secret|token|example|changeme)[\d_-]{0,4}$|^(?:your|my)|^x+$/i.test(
    password,
  );
}

/** Whether a password looks random. With an example host only such passwords count. */
function isStrong(password: string): boolean {
  return judgeValue(password, "password", false) === "secret";
}

/** The password of `user:password@tcp(host:port)/database`. */
function readGoAddress(text: string, { start }: Span): Span | null {
  const found = /["'`= ]([\w.-]{1,40}):([^\s"'`@<>]{4,80})$/.exec(
    text.slice(Math.max(0, start - 130), start),
  );
  const [, user = "", password = ""] = found ?? [];
  return found === null || !isPassword(password, user)
    ? null
    : { start: start - password.length, end: start };
}
