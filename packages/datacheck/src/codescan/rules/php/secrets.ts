/** @file PHP rules: passwords and keys in source code, in logs and over unencrypted connections. */
import type { Rule } from "../../rule.ts";
import { argument, comesFrom, is, says } from "../conditions.ts";
import { fileSays, openLogin } from "../inside.ts";
import { assigns, calls, words } from "../matches.ts";
import {
  comparedWithWritten,
  isNamedToken,
  isWrittenSecret,
  isWrittenWord,
  writtenAddress,
  writtenKey,
} from "../written.ts";

const connects = "mysqli mysqli_connect mysql_connect mysql_pconnect PDO new_mysqli";

/** Rules on secrets. */
export const phpSecretRules: readonly Rule[] = [
  {
    id: "php/secret-in-source",
    cwe: 798,
    title: "Hard-coded password or key",
    severity: "high",
    why: "Anyone who can read the source has the credential. Changing it requires a code change.",
    fix: "Read it with getenv('NAME') or from a file outside the repository",
    literals: words("assw ASSW pwd PWD ecret ECRET oken TOKEN key KEY Key mysql PDO pass PASS ://"),
    secret: true,
    match: [
      assigns(
        /^[^\\/]{1,80}$/,
        ({ form, name, value }) => form !== "argument" && isWrittenSecret(name, value),
      ),
      assigns(/(key|secret|token)$/i, ({ name, value }) => isNamedToken(name, value)),
      writtenKey,
      assigns(/^(\$?(db_?)?pass|DB_PASS|\$dbpass)$/i, ({ value }) => isWrittenWord(value)),
      writtenAddress,
      calls(connects, ({ args: [, , word] }) => isWrittenWord(word)),
      comparedWithWritten("==", /^(?!.{0,40}(oauth|token|basic|bearer))[^\s]{3,60}$/i),
    ],
  },
  {
    id: "php/no-password",
    cwe: 521,
    title: "Account without a password",
    severity: "medium",
    why: "Anyone who can reach the database can log in.",
    fix: "Set a password, and read it from the environment",
    literals: ["mysql", "PDO"],
    match: [calls(connects, ({ args: [, user, word] }) => says(word, /^$/) && says(user, /./))],
  },
  {
    id: "php/secret-in-log",
    cwe: 532,
    title: "Password written to a log",
    severity: "medium",
    why: "More people can read logs than should know the password.",
    fix: "Do not log the password",
    literals: ["assw", "pwd", "ecret", "cvv"],
    match: [
      calls(
        "error_log syslog file_put_contents Log.info Log.debug Log.error .info .debug .error .warning",
        ({ path, args }) =>
          /log/i.test(path + String(args[0]?.constant ?? "")) &&
          args.some(
            (one) =>
              one.level > 0 &&
              one.clean !== 0x7fff &&
              (comesFrom(one, /^\$(password|passwd|pwd|secret|cvv|credit_?card\w{0,8})$/i) ||
                comesFrom(one, /^\$_\w{3,7}\.(password|passwd|pwd|cvv)$/i) ||
                /\.(password|passwd|cvv)$/.test(one.path)),
          ),
      ),
    ],
  },
  {
    id: "php/secret-in-clear-text",
    cwe: 319,
    title: "Secret sent over an unencrypted connection",
    severity: "medium",
    why: "An eavesdropper on the network can read them.",
    fix: "Use https://, ftp_ssl_connect or SFTP",
    literals: ["http://", "ftp_login", "ftp_connect"],
    match: [
      calls("ftp_login", ({ here }) => !fileSays(here, /ftp_ssl_connect/)),
      calls("curl_init file_get_contents fopen Http.post Http.get", ({ args: [to] }) => says(to, openLogin)),
    ],
  },
  {
    id: "php/directory-anonymous",
    cwe: 521,
    title: "LDAP bind without a password",
    severity: "low",
    why: "The server then answers anyone, or accepts any name as logged in.",
    fix: "Use ldap_bind($connection, $name, getenv('LDAP_PASSWORD'))",
    literals: ["ldap_bind"],
    match: [
      calls("ldap_bind", (seen) => {
        const password = argument(seen, 2, "bind_password", "password");
        return !seen.spread && (password === undefined || is(password, "") || is(password, null));
      }),
    ],
  },
];
