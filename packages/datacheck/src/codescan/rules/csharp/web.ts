/** @file C# rules: pages, redirects, requests to other hosts, headers, exposed errors, logs. */
import { anyOf } from "../../engine/language.ts";
import type { AssignSeen, CallSeen, Here } from "../../engine/seen.ts";
import { carries, itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, hasFixedHost, isA, says, shaped } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, calls, reaches, words } from "../matches.ts";
import { sets } from "./sets.ts";

const writers =
  "Response.Write .Response.Write HttpResponse.Write HttpResponseBase.Write .Response.Output.Write " +
  "Response.Output.Write " +
  ".Response.Output.WriteLine HtmlTextWriter.Write HtmlTextWriter().Write Response.BinaryWrite " +
  ".Response.BinaryWrite " +
  "Html.Raw .Html.Raw HtmlString MvcHtmlString MvcHtmlString.Create HtmlContentBuilder().AppendHtml .AppendHtml " +
  ".SetHtmlContent LiteralControl MarkupString AppendHtmlLine ClientScript.RegisterStartupScript " +
  "ClientScript.RegisterClientScriptBlock ScriptManager.RegisterStartupScript .RegisterStartupScript";
const answers = "Content .Content Results.Content ContentResult Results.Text TypedResults.Content";
const shownIn = anyOf(
  /(^|\.)(Label|Literal|HtmlGenericControl|LinkButton|HyperLink|TableCell|CheckBox|RadioButton)(\(\))?\.Text$/,
  /^(lbl|lit|label|literal)\w{0,40}\.Text$/i,
);
const fetchers =
  "WebRequest.Create WebRequest.CreateHttp HttpWebRequest.Create WebRequest.CreateDefault FtpWebRequest.Create " +
  ".GetString .GetStream .GetByteArray .GetFromJson .Post .Put .Patch .PostAsJson .PutAsJson .PatchAsJson .Send " +
  ".DownloadString .DownloadData .DownloadFile .OpenRead .OpenWrite .UploadString .UploadData " +
  ".UploadFile .UploadValues " +
  ".DownloadStringTaskAsync HttpClient().Get HttpClient.Get .CreateClient().Get .GetJson " +
  "HttpRequestMessage RestClient " +
  "RestRequest FlurlClient TcpClient UdpClient .Connect XmlReader.Create XDocument.Load XPathDocument " +
  "Dns.GetHostEntry " +
  "ClientWebSocket().Connect SmtpClient httpClient.Get client.Get _httpClient.Get _client.Get http.Get";
const client = /HttpClient|WebClient|RestClient|CreateClient|Flurl|^_?(http|client)\w{0,20}$/i;

/** Whether the response may be a page. JSON and plain text are not. */
function isPage({ text }: Here): boolean {
  return !/ContentType\s{0,3}=\s{0,3}"(application\/json|text\/plain|application\/octet-stream|text\/csv)/.test(
    text,
  );
}

function isHtml({ args, named, path }: CallSeen): boolean {
  const kind = named.get("contentType") ?? named.get("ContentType") ?? args[1];
  if (path.endsWith("Text") && kind === undefined) return false;
  return kind === undefined || says(kind, /html/i) || isA(kind, /Html$/);
}

/** Whether the function checks the host of its request. */
function looksAtHost(here: Here): boolean {
  return aroundSays(
    here,
    /\.Host\b|Allowed|allowed|Whitelist|whitelist|IsLoopback|IsWellFormed[\s\S]{0,200}\.Host/,
  );
}

const addressName =
  /^(\w{0,20}(url|uri|host|address|endpoint|link|target|server|domain|site|hostname)\w{0,10})$/i;

function isFetch(seen: CallSeen): boolean {
  const { path, args, receiver, here } = seen;
  const [to] = args;
  if (to === undefined || carries(to, "url") === 0 || hasFixedHost(to) || looksAtHost(here)) return false;
  if (
    /^\.(Get|Post|Put|Patch|Send|Open|Download|Upload)/.test(`.${path.split(".").at(-1)}`) &&
    path.includes(".")
  ) {
    const isStatic = /^(WebRequest|HttpWebRequest)\./.test(path);
    if (
      !isStatic &&
      !client.test(receiver.path) &&
      !/Download|Upload|GetString$|GetByteArray|GetFromJson|AsJson/.test(path)
    )
      return false;
  }
  if (/\.Connect$/.test(path) && !/TcpClient|Socket|WebSocket/.test(receiver.path)) return false;
  if (to.level === 2) return !/^(XmlReader\.Create|SmtpClient|Dns)/.test(path) || shaped(to, /^https?:/);
  if (/^(XmlReader|XDocument|XPathDocument|SmtpClient|Dns|TcpClient|UdpClient|RestRequest)/.test(path))
    return false;
  return (
    comesFrom(to, addressName) &&
    here.inside !== undefined &&
    !/private|internal|protected/.test(headOf(here))
  );
}

function headOf({ inside, text }: Here): string {
  return inside === undefined ? "" : (text.slice(inside.start, inside.start + 200).split("(")[0] ?? "");
}

const showers =
  "Response.Write .Response.Write HttpResponse.Write HttpResponseBase.Write .Response.Output.Write " +
  "Content .Content BadRequest " +
  "StatusCode Ok Problem Json NotFound Conflict ObjectResult JsonResult ContentResult Results.Problem " +
  "Results.BadRequest " +
  "Results.Text Results.Json Results.Ok BadRequestObjectResult HttpStatusCodeResult .WriteAsJson " +
  ".CreateErrorResponse " +
  "InternalServerError UnprocessableEntity HttpNotFound";

function isTrace(value: Value | undefined): boolean {
  return value !== undefined && (value.path === "!error" || comesFrom(value, /^!trace$/));
}

function showsTrace({ value }: AssignSeen): boolean {
  return comesFrom(value, /^!trace$/) || value.path === "!error";
}

/** Rules on the web. */
export const csharpWebRules: readonly Rule[] = [
  {
    id: "csharp/page-from-outside",
    cwe: 79,
    title: "Cross-site scripting (XSS): untrusted input in a page",
    severity: "high",
    why: "Markup in the input runs as script in the user's browser.",
    fix: "Encode it with HttpUtility.HtmlEncode(text), or output it with @ in a Razor page",
    literals: words(
      "Write Raw HtmlString InnerHtml Text Content RegisterStartupScript LiteralControl Markup " +
        "ClientScript",
    ),
    match: [
      reaches("html", 2, writers, ["*"], ({ here }) => isPage(here)),
      reaches(
        "html",
        2,
        ".Write .WriteLine",
        [0],
        ({ receiver, here }) =>
          /(^|\.)[rR]esponse(\(\))?$|Response\.Output$/.test(receiver.path) && isPage(here),
      ),
      reaches(
        "html",
        2,
        answers,
        [0],
        (seen) =>
          isHtml(seen) && (seen.args.length > 1 || seen.named.size > 0 || shaped(seen.args[0], /<[a-z/]/i)),
      ),
      sets("html", 2, /^(InnerHtml|OuterHtml|DocumentText|NavigateToString)$/),
      sets("html", 2, /^Text$/, ({ path }) => shownIn.test(path)),
      sets(
        "html",
        2,
        /^Content$/,
        ({ path, here }) => path === "ContentResult" && aroundSays(here, /text\/html/),
      ),
    ],
  },
  {
    id: "csharp/redirect-from-outside",
    cwe: 601,
    title: "Open redirect: target from untrusted input",
    severity: "medium",
    why: "A link to this site can send users to any other site.",
    fix: "Check Url.IsLocalUrl(url), or use LocalRedirect(url)",
    literals: ["Redirect", "Location"],
    match: [
      reaches(
        "redirect",
        2,
        "Redirect .Redirect RedirectPermanent .RedirectPermanent RedirectPreserveMethod RedirectResult " +
          "Results.Redirect " +
          "TypedResults.Redirect .Server.Transfer Server.Transfer Response.RedirectLocation",
        [0],
        ({ args: [to] }) => !hasFixedHost(to) && !shaped(to, /^(~\/|\/)[^\0/\\]/),
      ),
      sets("redirect", 2, /^(RedirectLocation|RedirectUri|Location)$/, ({ value }) => !hasFixedHost(value)),
      calls(
        ".AddHeader .AppendHeader .Headers.Add .Headers.Append",
        ({ args: [name, to] }) =>
          says(name, /^location$/i) && carries(to, "redirect") === 2 && !hasFixedHost(to),
      ),
    ],
  },
  {
    id: "csharp/address-from-outside",
    cwe: 918,
    title: "Server-side request forgery (SSRF): URL from untrusted input",
    severity: "high",
    why: "An attacker can make the server send requests to its internal network.",
    fix: "Check new Uri(url).Host against an allowlist first",
    literals: ["Web", "Http", "http", "Rest", "Client", "client", "XDocument", "XPathDocument"],
    match: [reaches("url", 1, fetchers, [0, 1], isFetch)],
  },
  {
    id: "csharp/header-from-outside",
    cwe: 113,
    title: "Header injection: untrusted input in a response header",
    severity: "medium",
    why: "A line break in the input adds headers or an entire response.",
    fix: "Reject line breaks, or take the value from an allowlist",
    literals: ["Header"],
    match: [
      calls(
        ".AddHeader .AppendHeader .Response.Headers.Add .Response.Headers.Append Response.Headers.Add " +
          "Response.Headers.Append",
        ({ args: [name, value] }) =>
          !says(name, /^location$/i) && (carries(value, "header") === 2 || carries(name, "header") === 2),
      ),
      assigns(
        /./,
        ({ form, path, value, name }) =>
          form === "item" &&
          /Response\.Headers\[\]$/.test(path) &&
          !/^location$/i.test(name) &&
          carries(value, "header") === 2,
      ),
    ],
  },
  {
    id: "csharp/error-shown",
    cwe: 209,
    title: "Error details exposed to clients",
    severity: "medium",
    why: "Stack traces reveal files, versions and queries.",
    fix: "Log the error and return a generic message",
    literals: words("Exception StackTrace ToString catch DeveloperExceptionPage IncludeExceptionDetail"),
    match: [
      calls(showers, ({ args, named }) =>
        [...args, ...named.values()].some((one) => isTrace(one) || itemsOf(one).some(isTrace)),
      ),
      assigns(
        /^(Text|InnerHtml|InnerText|Content|Detail)$/,
        (seen) => seen.form !== "entry" && showsTrace(seen),
      ),
      calls(
        ".Write .WriteLine",
        ({ args, receiver }) => /[rR]esponse/.test(receiver.path) && args.some(isTrace),
      ),
      calls(
        ".UseDeveloperExceptionPage",
        ({ here }) => !fileSays(here, /IsDevelopment|IsEnvironment|#if DEBUG|EnvironmentName|IsStaging/),
      ),
      assigns(
        /^(IncludeExceptionDetailInFaults|EnableDetailedErrors|IncludeErrorDetailPolicy)$/,
        ({ value, here }) =>
          (value.constant === true || isA(value, /\.Always$/)) && !fileSays(here, /IsDevelopment/),
      ),
    ],
  },
  {
    id: "csharp/log-from-outside",
    cwe: 117,
    title: "Log injection: untrusted input in a log",
    severity: "low",
    why: "Line breaks in the input forge log entries.",
    fix: 'Remove line breaks: text.Replace("\\r", "").Replace("\\n", "_")',
    literals: ["log", "Log", "Trace"],
    match: [
      calls(
        ".LogInformation .LogWarning .LogError .LogDebug .LogTrace .LogCritical .Log .Info .InfoFormat .Warn " +
          ".WarnFormat " +
          ".Error .ErrorFormat .Debug .DebugFormat .Fatal .Information .Warning .Verbose .Trace .TraceInformation " +
          ".TraceWarning .TraceError EventLog.WriteEntry .WriteEntry",
        ({ path, args }) =>
          /log|trace/i.test(path) && args.some((one) => carries(one, "log") === 2 || holdsOpen(one)),
      ),
    ],
  },
  {
    id: "csharp/format-from-outside",
    cwe: 134,
    title: "Format string from untrusted input",
    severity: "medium",
    why: "A placeholder without an argument throws an exception. A large field width consumes memory.",
    fix: 'Use a constant format: string.Format("{0}", text)',
    literals: ["Format", "Write"],
    match: [
      reaches("format", 2, ".format", ["this"]),
      reaches(
        "format",
        2,
        ".AppendFormat Console.WriteLine Console.Write .WriteLine .Write",
        [0],
        ({ args, path, receiver }) =>
          args.length > 1 && (/Format$|^Console/.test(path) || /Writer/.test(receiver.path)),
      ),
    ],
  },
  {
    id: "csharp/encoded-for-another",
    cwe: 838,
    title: "Output encoded for the wrong context",
    severity: "medium",
    why: "Encoding for a URL or a page does not protect a query, and vice versa.",
    fix: "Use parameters for queries, HtmlEncode for pages and UrlEncode for URLs",
    literals: ["Encode("],
    match: [
      calls(
        "SqlCommand SqlDataAdapter MySqlCommand NpgsqlCommand OleDbCommand OdbcCommand .ExecuteSqlRaw .FromSqlRaw",
        ({ args, here }) => {
          const text = args[0];
          return (
            text !== undefined &&
            text.constant === undefined &&
            aroundSays(here, /\b(Html|Url|UrlPath|HtmlAttribute)Encode\(/) &&
            /\b(select|insert|update|delete)\b/i.test(text.shape ?? "")
          );
        },
      ),
      calls(".Response.Redirect Response.Redirect", ({ args: [to], here, start, end }) => {
        return (
          to !== undefined &&
          /Html(Attribute)?Encode\(/.test(here.text.slice(start, end)) &&
          !/UrlEncode\(/.test(here.text.slice(start, end))
        );
      }),
      assigns(
        /^(Text|InnerHtml)$/,
        ({ here, start, end }) =>
          /\bUrl(Path)?Encode\(/.test(here.text.slice(start, end)) &&
          !/HtmlEncode|href=|src=/.test(here.text.slice(start, end)),
      ),
    ],
  },
];

function holdsOpen({ entries }: Value): boolean {
  return [...(entries?.values() ?? [])].some((one) => carries(one, "log") === 2);
}
