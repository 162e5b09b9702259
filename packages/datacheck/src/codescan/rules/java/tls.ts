/** @file Java rules: unencrypted connections, old protocols, unchecked certificates and host names. */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen } from "../../engine/seen.ts";
import { itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, isA, says, shaped } from "../conditions.ts";
import { aroundSays, fileSays, openPage, perFile, sourceAround } from "../inside.ts";
import { calls, words } from "../matches.ts";

const oldProtocol = anyOf(
  /^(SSL|SSLv2|SSLv2Hello|SSLv3|TLSv1|TLSv1\.0|TLSv1\.1|TLS_1_0|TLS_1_1)$/i,
  /^SSL_3_0$/,
);
const oldName = /(^|\.)(SSL_3_0|TLS_1_0|TLS_1_1|TLSv1|TLSv1_1|SSLv3)$/;

/** Whether a protocol is obsolete: as text or constant, alone or in a list. */
function isOld(value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (says(value, oldProtocol) || isA(value, oldName)) return true;
  return itemsOf(value).some((one) => says(one, oldProtocol) || isA(one, oldName));
}

/** Whether `https.protocols`, a list in one text, contains an obsolete protocol. */
function listsOld(value: Value | undefined): boolean {
  const text = typeof value?.constant === "string" ? value.constant : "";
  return text.split(",").some((one) => oldProtocol.test(one.trim()));
}

/** Whether it is an unencrypted address of another machine. */
function isOpenAddress(value: Value | undefined): boolean {
  return says(value, openPage) || shaped(value, openPage);
}

const fetchers =
  "URL HttpGet HttpPost HttpPut HttpDelete HttpPatch RestTemplate.getForObject RestTemplate.getForEntity " +
  "RestTemplate.postForObject RestTemplate.postForEntity RestTemplate.exchange Jsoup.connect WebClient.create " +
  "Request.Builder().url Request.Get Request.Post HttpRequest.newBuilder().uri Unirest.get Unirest.post";

function mentions(seen: CallSeen, pattern: RegExp): boolean {
  return aroundSays(seen.here, pattern);
}

/** Settings of `System.setProperty` and property lists that disable a check. */
const switchedOff: readonly (readonly [name: RegExp, value: RegExp])[] = [
  [/^jdk\.internal\.httpclient\.disableHostnameVerification$/, /^(true)?$/],
  [/^com\.sun\.jndi\.ldap\.object\.disableEndpointIdentification$/, /^(true)?$/],
  [/^com\.sun\.net\.ssl\.checkRevocation$/, /^false$/],
  [/^mail\.(smtp|smtps|imap|imaps|pop3|pop3s)\.ssl\.trust$/, /^\*$/],
  [/^mail\.(smtp|smtps|imap|imaps|pop3|pop3s)\.ssl\.checkserveridentity$/, /^false$/],
  [/^ssl\.endpoint\.identification\.algorithm$/, /^$/],
];

/** Rules on encrypted connections. */
export const javaTlsRules: readonly Rule[] = [
  {
    id: "java/old-protocol",
    cwe: 327,
    title: "Outdated TLS version",
    severity: "medium",
    why: "SSL 3, TLS 1.0 and TLS 1.1 are broken. An on-path attacker can read the traffic.",
    fix: 'Use socket.setEnabledProtocols(new String[] {"TLSv1.2", "TLSv1.3"})',
    literals: ["SSL", "TLSv1", "TLS_1_"],
    match: [
      calls(
        ".setEnabledProtocols .setProtocols .tlsVersions .setProtocol .protocols .setSSLProtocols SSLParameters " +
          ".setIncludeProtocols .setSslProtocol .useProtocol .protocol SSLConnectionSocketFactory",
        ({ args }) => args.some(isOld),
      ),
      calls(".setProperty .put", ({ args: [name, value] }) => {
        return (
          says(name, /^(https\.protocols|jdk\.tls\.client\.protocols|mail\.\w{3,6}\.ssl\.protocols)$/) &&
          listsOld(value)
        );
      }),
    ],
  },
  {
    id: "java/any-host",
    cwe: 297,
    title: "TLS host name verification disabled",
    severity: "high",
    why: "An on-path attacker with a valid certificate for any host can read the traffic.",
    fix: "Keep host name verification enabled: mail.smtp.ssl.checkserveridentity = true",
    literals: words("SSLOnConnect StartTLS TLS( ssl. isable setVerifyHost ostname checkRevocation"),
    match: [
      calls(
        ".setSSLOnConnect .setSSL .setTLS .setStartTLSEnabled .setStartTLSRequired",
        (seen) =>
          is(seen.args[0], true) &&
          /^(Simple|Html|MultiPart|ImageHtml)?Email\./.test(seen.path) &&
          !mentions(seen, /setSSLCheckServerIdentity\(\s{0,3}(?!false)/),
      ),
      calls("Session.getInstance Session.getDefaultInstance", (seen) => {
        return (
          mentions(seen, /socketFactory\.class|ssl\.enable"\s{0,3},\s{0,3}("true"|true)/) &&
          !fileSays(seen.here, /checkserveridentity/i) &&
          mentions(seen, /"mail\./)
        );
      }),
      calls(".setVerifyHost .setHostnameVerification .setHostnameVerificationEnabled", ({ args: [on] }) =>
        is(on, false),
      ),
      calls(".setEndpointIdentificationAlgorithm .setHostnameVerificationAlgorithm", ({ args: [name] }) => {
        return is(name, null) || says(name, /^$/);
      }),
      calls("System.setProperty .setProperty .put", ({ args: [name, value] }) => {
        const text = typeof name?.constant === "string" ? name.constant : "";
        return switchedOff.some(
          ([key, off]) => key.test(text) && value?.constant !== undefined && off.test(String(value.constant)),
        );
      }),
    ],
  },
  {
    id: "java/trusts-all",
    cwe: 295,
    title: "All TLS certificates trusted",
    severity: "high",
    why: "An on-path attacker can present any certificate and read the traffic.",
    fix: "Use the system trust store, or a trust store with the expected certificates",
    literals: words(
      "InsecureTrustManagerFactory setTrustAll loadTrustMaterial setRevocationEnabled proceed( " +
        "disableSslValidation setTrustAllCerts trustAll setAcceptAll setUseInsecureSSL relaxedHTTPS",
    ),
    match: [
      calls(".trustManager .setTrustManagerFactory", ({ args: [given] }) =>
        /InsecureTrustManagerFactory/.test(given?.path ?? ""),
      ),
      calls(
        ".setTrustAll .trustAll .setTrustAllCerts .setTrustAllHosts .setAcceptAllCertificates .setUseInsecureSSL " +
          ".setAcceptAnyCertificate .trustAllCerts .setInsecure",
        ({ args: [on], path }) => is(on, true) || (on === undefined && /trustAll/.test(path)),
      ),
      calls(".loadTrustMaterial", ({ here, start, end }) =>
        /->\s{0,5}(true|\{\s{0,9}return\s{1,5}true)|Trust(All|SelfSigned)Strategy/.test(
          here.text.slice(start, end).slice(-400),
        ),
      ),
      calls(".setRevocationEnabled", ({ args: [on], here }) => {
        return is(on, false) && !aroundSays(here, /PKIXRevocationChecker|addCertPathChecker/);
      }),
      // a web view that proceeds with any certificate
      calls(".proceed", ({ here }) => {
        const source = sourceAround(here);
        return (
          here.inside?.name === "onReceivedSslError" && !/\.cancel\(|\bif\b|AlertDialog|Builder/.test(source)
        );
      }),
    ],
  },
  {
    id: "java/clear-text",
    cwe: 319,
    title: "Unencrypted connection",
    severity: "low",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Use https://, FTPSClient, SSH or a socket from SSLSocketFactory",
    literals: ["http://", "FTPClient", "TelnetClient", "SMTPClient", "CLEARTEXT", "MixedContent", "Socket("],
    match: [
      calls(fetchers, ({ args: [to] }) => isOpenAddress(to)),
      calls("FTPClient TelnetClient SMTPClient IMAPClient POP3Client RLoginClient RExecClient"),
      calls("ConnectionSpec.Builder .connectionSpecs", ({ here, start, end }) =>
        /ConnectionSpec\.CLEARTEXT/.test(here.text.slice(start, end).slice(-400)),
      ),
      calls(
        ".setMixedContentMode",
        ({ args: [mode] }) => is(mode, 0) || isA(mode, /MIXED_CONTENT_ALWAYS_ALLOW$/),
      ),
      calls("Socket", ({ args: [host] }) =>
        says(host, /^(?!localhost|127\.|10\.|192\.168)[\w-]{1,60}(\.[\w-]{1,60}){0,5}\.[a-z]{2,10}$/i),
      ),
    ],
  },
  {
    id: "java/login-in-clear-text",
    cwe: 522,
    title: "Password sent over an unencrypted connection",
    severity: "medium",
    why: "Basic authentication and LDAP simple binds send the password unencrypted.",
    fix: "Use https:// or ldaps:// in the URL",
    literals: ["Basic ", "ldap://", "BasicAuth", "basicAuth"],
    match: [
      calls(
        ".setHeader .addHeader .header .setRequestProperty .addRequestProperty .set .setBasicAuth .basicAuthentication",
        ({ args: [name, value], path, here }) => {
          const isBasic =
            /asic(Auth)?/.test(path) ||
            (says(name, /^authorization$/i) && /^Basic /.test(value?.shape ?? String(value?.constant ?? "")));
          return isBasic && hasOpenAddress(here);
        },
      ),
      calls(".put .setProperty .addToEnvironment", ({ args: [name, value], here }) => {
        const isPassword =
          isA(name, /SECURITY_CREDENTIALS$/) || says(name, /^java\.naming\.security\.credentials$/);
        return (
          isPassword &&
          !says(value, /^$/) &&
          aroundSays(here, /"ldap:\/\/(?!localhost|127\.)/) &&
          !fileSays(here, /SECURITY_PROTOCOL|security\.protocol|StartTls|DIGEST-MD5|GSSAPI/)
        );
      }),
    ],
  },
];

const hasOpenAddress = perFile((text) => {
  for (const [, address = ""] of text.slice(0, 100_000).matchAll(/"(http:\/\/[^"\s]{3,200})"/g))
    if (openPage.test(address)) return true;
  return false;
});
