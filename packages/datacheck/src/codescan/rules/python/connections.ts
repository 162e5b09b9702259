/** @file Python rules: certificates, signed tokens, unencrypted protocols. */

import { anyOf } from "../../engine/language.ts";
import { itemsOf } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, importsOf, is, isA, says } from "../conditions.ts";
import { aroundSays, fileSays, passwordName } from "../inside.ts";
import { assigns, brokenLine, calls } from "../matches.ts";

/** Functions and objects that send requests to other servers. */
const asksOthers = anyOf(
  /(^|\.)(requests|httpx|urllib3|aiohttp|Session|Client|AsyncClient|get|post|put|delete|patch|head|request|send)$/,
  /(^|\.)(connect|Elasticsearch|TCPConnector|client|resource|urlopen|HTTPSConnection|PoolManager|Connection)$/,
  /^(requests|httpx|boto3|hvac)\./,
);

/** Rules on connections. */
export const pythonConnectionRules: readonly Rule[] = [
  {
    id: "python/certificate-unchecked",
    cwe: 295,
    title: "TLS certificate validation disabled",
    severity: "high",
    why: "An on-path attacker can impersonate the server.",
    fix: "Keep verification enabled; for your own CA, pass verify='/path/ca.pem'",
    literals: ["verify", "ssl", "SSL", "AutoAddPolicy", "WarningPolicy", "cert"],
    match: [
      assigns(
        /^(verify|verify_ssl|ssl_verify|validate_certs|verify_certs|validate_cert)$/,
        ({ value, form, path, here }) => {
          if (!is(value, false)) return false;
          if (form === "argument") return asksOthers.test(path);
          return form === "attribute" || (form === "item" && importsOf(here, /requests|httpx|ssl/));
        },
      ),
      assigns(
        /^ssl$/,
        ({ value, form, path }) =>
          form === "argument" &&
          is(value, false) &&
          /\.(get|post|put|request|ws_connect|TCPConnector)$/.test(path),
      ),
      assigns(/^(verify_mode|cert_reqs)$/, ({ value }) => isA(value, /^ssl\.CERT_NONE$|\.VERIFY_NONE$/)),
      calls("ssl._create_unverified_context"),
      assigns(/^_create_default_https_context$/, ({ value }) => isA(value, /_create_unverified_context$/)),
      calls(
        "OpenSSL.SSL.Context SSL.Context",
        ({ here }) => importsOf(here, /^OpenSSL/) && !fileSays(here, /set_verify/),
      ),
      calls(".set_missing_host_key_policy", ({ args: [policy] }) =>
        isA(policy, /(AutoAddPolicy|WarningPolicy)(\(\))?$/),
      ),
      brokenLine(/\bverify\s{0,3}=\s{0,3}False\b|CERT_NONE/),
    ],
  },
  {
    id: "python/context-unchecked",
    cwe: 295,
    title: "SSLContext without certificate validation",
    severity: "medium",
    why: "ssl.SSLContext does not validate certificates unless configured to.",
    fix: "Use ssl.create_default_context()",
    literals: ["SSLContext"],
    match: [
      calls("ssl.SSLContext", ({ args: [protocol], here }) => {
        if (protocol !== undefined && !isA(protocol, /\.(PROTOCOL_SSLv23|PROTOCOL_TLS|PROTOCOL_TLSv1_2)$/))
          return false;
        return !aroundSays(here, /verify_mode|CERT_|load_cert_chain|check_hostname\s?=\s?True|server_side/);
      }),
    ],
  },
  {
    id: "python/token-unchecked",
    cwe: 347,
    title: "Token signature not verified",
    severity: "high",
    why: "An attacker can forge a token with any claims.",
    fix: "Use jwt.decode(token, key, algorithms=['HS256'])",
    literals: ["jwt", "verify_signature", "process_jwt", "get_unverified"],
    match: [
      calls("jwt.decode jose.jwt.decode", (seen) => {
        const options = seen.named.get("options")?.entries;
        const list = argument(seen, 2, "algorithms", "algorithm");
        const none = [...itemsOf(list), ...(list === undefined ? [] : [list])].some((one) =>
          says(one, /^none$/i),
        );
        return is(seen.named.get("verify"), false) || is(options?.get("verify_signature"), false) || none;
      }),
      calls("jwt.encode jose.jwt.encode", (seen) => says(argument(seen, 2, "algorithm"), /^none$/i)),
      calls("python_jwt.process_jwt jose.jwt.get_unverified_claims jwt.api_jwt.decode_complete_unverified"),
    ],
  },
  {
    id: "python/plain-transport",
    cwe: 319,
    title: "Protocol that sends passwords unencrypted",
    severity: "medium",
    why: "An eavesdropper on the network can read the password.",
    fix: "Use ftplib.FTP_TLS, paramiko's SFTP, https or smtplib.SMTP_SSL",
    literals: ["ftplib", "telnetlib", "smtplib", "http://", "imaplib", "poplib"],
    match: [
      calls("ftplib.FTP telnetlib.Telnet"),
      calls(
        ".login",
        ({ receiver, here }) =>
          /^(smtplib\.SMTP|imaplib\.IMAP4|poplib\.POP3)\(\)$/.test(receiver.path) &&
          !fileSays(here, /starttls/i),
      ),
      calls("requests.post requests.get requests.put httpx.post", ({ args: [address], named, here }) => {
        if (!says(address, /^http:\/\/(?!localhost|127\.|0\.0\.0\.0|\[::1\])/)) return false;
        const sent = [named.get("data"), named.get("json"), named.get("auth")];
        return (
          named.has("auth") ||
          sent.some((one) => [...(one?.entries?.keys() ?? [])].some((key) => passwordName.test(key))) ||
          importsOf(here, /^never$/)
        );
      }),
    ],
  },
];
