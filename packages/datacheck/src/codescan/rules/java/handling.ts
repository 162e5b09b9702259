/** @file Java rules: untrusted text in patterns, emails, settings and mapper queries; premature checks. */
import { itemsOf } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { isA, says } from "../conditions.ts";
import { fileSays, sourceAround } from "../inside.ts";
import { calls, reaches, words } from "../matches.ts";

/** Rules on the handling of untrusted text. */
export const javaHandlingRules: readonly Rule[] = [
  {
    id: "java/pattern-from-outside",
    cwe: 730,
    title: "Regular expression built from untrusted input",
    severity: "medium",
    why: "An attacker can supply a pattern that takes hours to match.",
    fix: "Quote the input: Pattern.compile(Pattern.quote(text))",
    literals: ["Pattern", "matches(", "replaceAll(", "replaceFirst(", "split("],
    match: [
      reaches("regex", 2, "Pattern.compile Pattern.matches RegexPatternTypeFilter"),
      reaches(
        "regex",
        2,
        ".matches .replaceFirst .split re.sub",
        [0],
        ({ receiver, path }) => !/^[A-Z]/.test(receiver.path) || path === "re.sub",
      ),
    ],
  },
  {
    id: "java/mail-header",
    cwe: 93,
    title: "Header injection: untrusted input in an email header",
    severity: "medium",
    why: "A line break in the input adds headers, such as more recipients, or another body.",
    fix: 'Remove line breaks: subject.replaceAll("[\\\\r\\\\n]", "")',
    literals: ["MimeMessage", "MailMessage", "Email", "javax.mail", "jakarta.mail", "MimeBodyPart"],
    match: [
      reaches(
        "header",
        2,
        "SimpleMailMessage.setSubject MimeMessage.setSubject MimeMessage.setHeader " +
          "MimeMessage.addHeader MimeMessage.setDescription MimeMessage.setDisposition " +
          "Message.setSubject Message.setHeader Message.addHeader MimeBodyPart.setHeader MimeBodyPart.addHeader " +
          "SimpleEmail.setSubject HtmlEmail.setSubject Email.setSubject SimpleEmail.addHeader HtmlEmail.addHeader",
        [0, 1],
      ),
    ],
  },
  {
    id: "java/setting-from-outside",
    cwe: 15,
    title: "Configuration setting from untrusted input",
    severity: "medium",
    why: "A client can change a setting that applies to all users.",
    fix: "Take the value from an allowlist",
    literals: words("setCatalog setSchema System.setProperty setClientInfo PROVIDER_URL setReadOnly"),
    match: [
      reaches(
        "sql",
        2,
        "Connection.setCatalog Connection.setSchema Connection.setClientInfo System.setProperty",
        [0, 1],
      ),
      calls(".put .setProperty .addToEnvironment", ({ args: [name, value] }) => {
        return isA(name, /PROVIDER_URL$|INITIAL_CONTEXT_FACTORY$/) && value?.level === 2;
      }),
    ],
  },
  {
    id: "java/mapper-text",
    cwe: 89,
    title: "SQL injection: \u0024{} in a MyBatis mapper",
    severity: "medium",
    why: "\u0024{} inserts the text into the statement. #{} binds it as a parameter.",
    fix: 'Bind the value with #{}: @Select("SELECT * FROM t WHERE name = #{name}")',
    literals: ["@Select", "@Update", "@Insert", "@Delete"],
    match: [
      calls("Select Update Insert Delete", ({ args: [text], here }) => {
        const source =
          typeof text?.constant === "string"
            ? text.constant
            : itemsOf(text)
                .map(({ constant }) => String(constant))
                .join(" ");
        return /\$\{\w/.test(source) && fileSays(here, /ibatis|mybatis|@Mapper|#\{|interface/i);
      }),
    ],
  },
  {
    id: "java/checked-too-early",
    cwe: 180,
    title: "Input validated before normalization or decoding",
    severity: "low",
    why: "Normalization or decoding can produce the characters that the check rejects.",
    fix: "Normalize and decode first, then validate",
    literals: ["Normalizer.normalize", "toUpperCase", "URLDecoder"],
    match: [
      calls("Normalizer.normalize URLDecoder.decode", ({ args: [text], here, start }) => {
        const name = here.text.slice(text?.made?.start ?? start, text?.made?.end ?? start);
        const before = here.text.slice(here.inside?.start ?? start, start);
        const asked = /^\w{1,60}$/.test(name) ? name : (text?.roots[0] ?? "");
        return (
          asked !== "" &&
          [`matcher(${asked})`, `${asked}.contains(`, `${asked}.matches(`].some((one) => before.includes(one))
        );
      }),
    ],
  },
  {
    id: "java/hex-cut-off",
    cwe: 704,
    title: "Hexadecimal encoding drops leading zeros",
    severity: "low",
    why: "Different hashes produce the same text.",
    fix: 'Use String.format("%02x", b) or HexFormat.of().formatHex(bytes)',
    literals: ["toHexString"],
    match: [
      calls("Integer.toHexString", ({ here, start, end }) => {
        const source = sourceAround(here);
        return (
          /0x(00)?ff\b/i.test(here.text.slice(start, end)) &&
          /append\(|\+=/.test(source) &&
          !/length\(\)\s{0,3}(==|<|%|!=)|"0"|'0'|%02|0x100|substring\(|leftPad/.test(source)
        );
      }),
    ],
  },
  {
    id: "java/rights-to-all",
    cwe: 277,
    title: "Permission that allows privilege escalation",
    severity: "low",
    why: "Code that can create class loaders or access private fields can grant itself any permission.",
    fix: "Grant only the individual permissions that are needed",
    literals: ["Permission("],
    match: [
      calls("RuntimePermission ReflectPermission AllPermission", ({ path, args: [name] }) => {
        return (
          path === "AllPermission" ||
          says(name, /^(createClassLoader|suppressAccessChecks|setSecurityManager)$/)
        );
      }),
    ],
  },
  {
    id: "java/program-told",
    cwe: 200,
    title: "Server name and version in responses",
    severity: "low",
    why: "Attackers can find servers that run a version with known vulnerabilities.",
    fix: "Remove the header",
    literals: ["owered", 'erver"', 'ERVER"'],
    match: [
      calls(".setHeader .addHeader .header .set .add", ({ args: [name, value] }) => {
        return says(name, /^(x-powered-by|server)$/i) && value !== undefined && value.level === 0;
      }),
    ],
  },
  {
    id: "java/trace-printed",
    cwe: 209,
    title: "Stack trace printed in a request handler",
    severity: "low",
    why: "The trace bypasses the log. Some servers include it in the response.",
    fix: 'Use logger.error("work", e)',
    literals: ["printStackTrace"],
    match: [
      calls("!error.printStackTrace", ({ args, here }) => {
        return (
          args.length === 0 &&
          (here.answers || fileSays(here, /extends\s+HttpServlet\b|@(Rest)?Controller\b/))
        );
      }),
    ],
  },
];
