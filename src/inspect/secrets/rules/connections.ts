/** @file Rules for addresses with a password: databases, queues, mail, files, proxies. */
import { readAddress } from "../address-credentials.ts";
import { reader, type SecretRule } from "../rule.ts";
import { readDriverPassword } from "../settings.ts";

const password = `kV7${"tq"}Zp2x`;

/** Passwords in addresses of some schemes, separated by `|`. */
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

/** Addresses with a password by scheme, the rest last. */
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
];
