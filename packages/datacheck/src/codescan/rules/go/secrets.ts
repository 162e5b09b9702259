/** @file Go rules: passwords and keys in source code, in logs and over unencrypted connections. */
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { says } from "../conditions.ts";
import { fileSays, openLogin } from "../inside.ts";
import { assigns, calls, words } from "../matches.ts";
import {
  comparedWithWritten,
  connectionWithPassword,
  isNamedToken,
  isWrittenSecret,
  writtenAddress,
  writtenKey,
} from "../written.ts";

const levels =
  "Print Printf Println Panic Panicf Panicln Fatal Fatalf Fatalln Info Infof Infoln Debug Debugf Debugln";
const logs = [
  ...["log", "logger", "slog", "logrus", "glog", "klog", "zap.S()", "sugar", "fmt"],
  ...["logger.Sugar()", "log.New()", "logrus.New()", "zerolog", "hclog"],
]
  .flatMap((name) =>
    `${levels} Warn Warnf Warning Warningf Error Errorf Trace Tracef`
      .split(" ")
      .map((one) => `${name}.${one}`),
  )
  .filter((name) => !/^fmt\.(?!Print)/.test(name))
  .join(" ");
const plain =
  /^(\w{0,40}(password|passwd|passphrase)|pwd|secret|client_?secret|credit_?card\w{0,8}|cvv|api_?key|private_?key)$/i;
const harmless =
  /hash|crypt|encod|mask|redact|error|invalid|incorrect|wrong|reset|forgot|url|path|file|len|prompt/i;

/** Whether a value is named like a password or composed with one. */
function holdsSecret(value: Value): boolean {
  const { made, constant, level, roots } = value;
  if (typeof constant === "number" || typeof constant === "boolean") return false;
  const named = (one: string): boolean => plain.test(one) && !harmless.test(one);
  if (made?.kind === "name" || made?.kind === "member") return named(made.name);
  if (made?.kind === "operation" && made.operator === "+")
    return made.operands.some((one) => (one.kind === "name" || one.kind === "member") && named(one.name));
  return level > 0 && roots.length === 1 && named(roots[0] ?? "");
}

/** Rules on secrets. */
export const goSecretRules: readonly Rule[] = [
  {
    id: "go/secret-in-source",
    cwe: 798,
    title: "Hard-coded password or key",
    severity: "high",
    why: "Anyone who can read the source has the credential. Changing it requires a code change.",
    fix: 'Read it with os.Getenv("NAME") or from a secret store',
    literals: words("assw PASSW pwd ecret SECRET oken TOKEN ey KEY :// sql.Open SignedString"),
    secret: true,
    match: [
      assigns(/./, ({ name, value }) => isWrittenSecret(name, value) || isNamedToken(name, value)),
      writtenKey,
      writtenAddress,
      calls("sql.Open sqlx.Connect sqlx.Open gorm.Open mysql.Open postgres.Open", ({ args }) =>
        args.some((one) => says(one, connectionWithPassword)),
      ),
      calls(".SignedString aes.NewCipher hmac.New sessions.NewCookieStore", ({ args, path }) => {
        const key = path === "hmac.New" ? args[1] : args[0];
        return typeof key?.constant === "string" && key.constant.length > 3;
      }),
      comparedWithWritten("=="),
    ],
  },
  {
    id: "go/secret-in-log",
    cwe: 532,
    title: "Password written to a log",
    severity: "medium",
    why: "More people can read logs than should know the password.",
    fix: "Do not log the password",
    literals: ["assw", "pwd", "ecret", "cvv"],
    match: [calls(logs, ({ args }) => args.some(holdsSecret))],
  },
  {
    id: "go/secret-in-clear-text",
    cwe: 319,
    title: "Secret sent over an unencrypted connection",
    severity: "medium",
    why: "An eavesdropper on the network can read them.",
    fix: "Use https://, FTPS or SFTP",
    literals: ["http://", "ftp.Dial", "telnet"],
    match: [
      calls("http.Get http.Post http.PostForm", ({ args: [to] }) => says(to, openLogin)),
      calls("http.NewRequest", ({ args: [, to] }) => says(to, openLogin)),
      calls("ftp.Dial().Login", ({ here }) => !fileSays(here, /DialWithTLS|DialWithExplicitTLS/)),
    ],
  },
];
