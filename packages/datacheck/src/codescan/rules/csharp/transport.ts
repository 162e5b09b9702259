/** @file C# rules: unencrypted connections, and overly trusted certificates. */
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { says } from "../conditions.ts";
import { openPage, sourceAround } from "../inside.ts";
import { assigns, calls } from "../matches.ts";

function isOpenAddress(value: Value | undefined): boolean {
  return says(value, openPage);
}

/** Rules on transport. */
export const csharpTransportRules: readonly Rule[] = [
  {
    id: "csharp/clear-text",
    cwe: 319,
    title: "Unencrypted connection",
    severity: "low",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Use https:// and set EnableSsl = true",
    literals: ["http://", "ftp://", "telnet", "Telnet", "SmtpClient", "Encrypt"],
    match: [
      calls(
        "Uri WebRequest.Create WebRequest.CreateHttp .GetString .Get .Post " +
          ".Put .Delete .Patch .DownloadString .DownloadFile " +
          ".UploadString HttpRequestMessage RestClient RestRequest .GetStream .GetByteArray EndpointAddress " +
          ".GetFromJson .PostAsJson .UseUrls",
        ({ args }) => args.some(isOpenAddress),
      ),
      assigns(
        /(url|uri|address|endpoint|host|server|base)s?$/i,
        ({ value, form }) => form !== "argument" && isOpenAddress(value),
      ),
      calls(
        "SmtpClient",
        ({ here }) =>
          !/EnableSsl\s{0,3}=\s{0,3}true|MailKit|SecureSocketOptions|localhost/.test(
            sourceAround(here) + here.text.slice(0, 2000),
          ),
      ),
      calls("TelnetClient Telnet Client.Telnet"),
      calls("FtpWebRequest.Create WebRequest.Create", ({ args: [to] }) =>
        says(to, /^ftp:\/\/(?!localhost|127\.)/),
      ),
      calls("SqlConnection MySqlConnection NpgsqlConnection .UseSqlServer .UseNpgsql", ({ args }) =>
        args.some((one) =>
          /(^|;)\s{0,3}(Encrypt|SslMode|Ssl Mode)\s{0,3}=\s{0,3}(false|no|optional|disable|none)\b/i.test(
            one.shape ?? String(one.constant ?? ""),
          ),
        ),
      ),
    ],
  },
  {
    id: "csharp/roots-added",
    cwe: 295,
    title: "Certificate trusted without validation by a CA",
    severity: "medium",
    why: "The owner of the certificate's private key can impersonate servers to this machine.",
    fix: "Validate against the one expected certificate, only where it is needed",
    literals: ["StoreName.Root", "TrustServerCertificate"],
    match: [
      calls(".Add .AddRange", ({ here, start, args: [given] }) => {
        const source = here.text.slice(here.inside?.start ?? 0, start + 200);
        return (
          given !== undefined &&
          /X509Store\([^)]{0,80}StoreName\.Root/.test(source) &&
          /\.(Add|AddRange)\(/.test(here.text.slice(start, start + 200)) &&
          /\.Open\(/.test(source)
        );
      }),
      calls("SqlConnection .UseSqlServer", ({ args }) =>
        args.some(
          (one) =>
            /(^|;)\s{0,3}Trust\s?Server\s?Certificate\s{0,3}=\s{0,3}(true|yes)\b/i.test(
              one.shape ?? String(one.constant ?? ""),
            ) && !/localhost|127\.0|\(local/.test(one.shape ?? ""),
        ),
      ),
    ],
  },
];
