/**
 * @file Java: insecure practice, which counts wherever it stands.
 *
 * @source meta-llama/PurpleLlama CodeShield/insecure_code_detector: its kinds for Java and their CWE numbers
 */
import type { Rule } from "../../rule.ts";
import { is, isA, says, varies } from "../conditions.ts";
import { calls } from "../matches.ts";
import { practice } from "../practice.ts";

/** Rules on practice. */
export const javaPracticeRules: readonly Rule[] = [
  practice({
    id: "java/practice-command",
    cwe: 78,
    title: "A program that is started by a command line",
    why: "Whoever can change a part of it starts something else.",
    fix: "new ProcessBuilder(program, argument).start()",
    literals: ["exec("],
    match: [
      calls(".exec Runtime.getRuntime().exec", ({ path, args: [text] }) => isRuntime(path) && varies(text)),
    ],
    bad: ['class A { void f() throws Exception { Runtime.getRuntime().exec(settings.get("tool")); } }'],
    good: ['class A { void f() throws Exception { new ProcessBuilder("ls", "-l").start(); } }'],
  }),
  practice({
    id: "java/practice-random",
    cwe: 330,
    title: "Numbers that can be guessed",
    why: "After some of them all others are known.",
    fix: "new SecureRandom()",
    literals: ["Random", "Math.random"],
    match: [
      calls(
        "Random java.util.Random Math.random RandomStringUtils.random RandomStringUtils.randomAlphanumeric",
      ),
    ],
    bad: [
      "class A { int f() { return new java.util.Random().nextInt(6); } }",
      "class A { double f() { return Math.random(); } }",
    ],
    good: ["class A { int f() { return new java.security.SecureRandom().nextInt(6); } }"],
  }),
  practice({
    id: "java/practice-hash",
    cwe: 328,
    title: "A hash function that is broken",
    why: "Two texts of one hash can be made.",
    fix: 'MessageDigest.getInstance("SHA-256")',
    literals: ["MD", "md", "SHA", "sha"],
    match: [
      calls("MessageDigest.getInstance java.security.MessageDigest.getInstance", ({ args: [name] }) =>
        says(name, /^(md[245]|sha-?1?)$/i),
      ),
      calls(
        "DigestUtils.md5 DigestUtils.md5Hex DigestUtils.md2Hex DigestUtils.sha1 DigestUtils.sha1Hex DigestUtils.sha " +
          "DigestUtils.shaHex DigestUtils.md5DigestAsHex Hashing.md5 Hashing.sha1",
      ),
    ],
    bad: ['class A { void cacheKey() throws Exception { MessageDigest.getInstance("MD5"); } }'],
    good: ['class A { void f() throws Exception { MessageDigest.getInstance("SHA-256"); } }'],
  }),
  practice({
    id: "java/practice-cipher",
    cwe: 327,
    title: "A cipher that leaves text open to change, or hides nothing",
    why: "Blocks can be exchanged or guessed, and nobody notices.",
    fix: 'Cipher.getInstance("AES/GCM/NoPadding"), "RSA/ECB/OAEPWithSHA-256AndMGF1Padding"',
    literals: ["Cipher"],
    match: [
      calls("Cipher.getInstance javax.crypto.Cipher.getInstance", ({ args: [name] }) =>
        says(name, weakCipher),
      ),
      calls("NullCipher javax.crypto.NullCipher"),
    ],
    bad: [
      'class A { void f() throws Exception { Cipher.getInstance("AES/CBC/PKCS5Padding"); } }',
      "class A { Object f() { return new NullCipher(); } }",
    ],
    good: [
      'class A { void f() throws Exception { Cipher.getInstance("AES/GCM/NoPadding"); } }',
      'class A { void f() throws Exception { Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding"); } }',
    ],
  }),
  practice({
    id: "java/practice-protocol",
    cwe: 327,
    title: "An old version of TLS",
    why: "What is sent can be read by who listens.",
    fix: 'SSLContext.getInstance("TLSv1.3")',
    literals: ["SSLContext"],
    match: [
      calls("SSLContext.getInstance javax.net.ssl.SSLContext.getInstance", ({ args: [name] }) =>
        says(name, /^(ssl(v[23])?|tlsv1(\.1)?)$/i),
      ),
    ],
    bad: ['class A { void f() throws Exception { SSLContext.getInstance("SSLv3"); } }'],
    good: ['class A { void f() throws Exception { SSLContext.getInstance("TLSv1.2"); } }'],
  }),
  practice({
    id: "java/practice-webview",
    cwe: 489,
    title: "A view of pages that may be looked into, or may read files",
    why: "A page, or whoever has the device, reads what the app holds.",
    fix: "Leave these settings at their defaults: false",
    literals: ["setAllow", "setWebContentsDebuggingEnabled"],
    match: [
      calls(
        ".setWebContentsDebuggingEnabled .setAllowFileAccess .setAllowFileAccessFromFileURLs " +
          ".setAllowUniversalAccessFromFileURLs .setAllowContentAccess WebView.setWebContentsDebuggingEnabled",
        ({ args: [isOn] }) => is(isOn, true),
      ),
    ],
    bad: ["class A { void f(WebSettings s) { s.setAllowFileAccess(true); } }"],
    good: ["class A { void f(WebSettings s) { s.setAllowFileAccess(false); } }"],
  }),
  practice({
    id: "java/practice-shared-file",
    cwe: 276,
    title: "A file of an app that all others may read or write",
    why: "Any app on the device can take it or change it.",
    fix: "MODE_PRIVATE, and a FileProvider for what is shared",
    literals: ["MODE_WORLD"],
    match: [
      calls(
        ".openFileOutput .getSharedPreferences .getDir .openOrCreateDatabase openFileOutput getSharedPreferences",
        ({ args }) => args.some((one) => isA(one, /(^|\.)MODE_WORLD_(READ|WRITE)ABLE$/)),
      ),
    ],
    bad: [
      'class A { void f(Context c) throws Exception { c.openFileOutput("a", Context.MODE_WORLD_READABLE); } }',
    ],
    good: ['class A { void f(Context c) throws Exception { c.openFileOutput("a", Context.MODE_PRIVATE); } }'],
  }),
  practice({
    id: "java/practice-obsolete",
    cwe: 477,
    title: "A function that was given up because it cannot be used safely",
    why: "Locks of a thread that is stopped stay as they are.",
    fix: "Ask the thread to end: thread.interrupt()",
    literals: ["Thread", "Character.is"],
    match: [
      calls(
        "Thread.stop Thread.suspend Thread.resume Thread.destroy Thread.countStackFrames Thread().stop " +
          "Thread().suspend Thread().resume Thread.currentThread().stop Thread.currentThread().suspend " +
          "Character.isSpace Character.isJavaLetter Character.isJavaLetterOrDigit",
      ),
    ],
    bad: ["class A { void f() { Thread.currentThread().stop(); } }"],
    good: ["class A { void f() { Thread.currentThread().interrupt(); } }"],
  }),
  practice({
    id: "java/practice-objects",
    cwe: 502,
    title: "Objects read from bytes",
    why: "Whoever writes the bytes chooses which objects are made.",
    fix: "JSON, or an ObjectInputFilter with a list of classes",
    literals: ["ObjectInputStream", "XMLDecoder"],
    match: [calls("ObjectInputStream java.io.ObjectInputStream XMLDecoder java.beans.XMLDecoder")],
    bad: ['class A { void f() throws Exception { new ObjectInputStream(new FileInputStream("a.bin")); } }'],
    good: ["class A { void f(String a) throws Exception { new ObjectMapper().readTree(a); } }"],
  }),
  practice({
    id: "java/practice-error-page",
    cwe: 79,
    title: "A page of an error with text that is put together",
    why: "Markup in the text runs in the reader's browser.",
    fix: "response.sendError(400), with a page of its own for each code",
    literals: ["sendError"],
    match: [calls(".sendError", ({ args: [, text] }) => varies(text))],
    bad: [
      'class A { void f(HttpServletResponse r, String a) throws Exception { r.sendError(400, "no " + a); } }',
    ],
    good: [
      'class A { void f(HttpServletResponse r) throws Exception { r.sendError(400, "no such page"); } }',
    ],
  }),
  practice({
    id: "java/practice-directory",
    cwe: 306,
    title: "A directory that is asked without a password",
    why: "Anybody in the network asks and changes it likewise.",
    fix: 'env.put(Context.SECURITY_AUTHENTICATION, "simple") over ldaps',
    literals: ["SECURITY_AUTHENTICATION", "java.naming.security.authentication"],
    match: [
      calls(".put .setProperty .addToEnvironment", ({ args: [key, value] }) => {
        const isKey =
          isA(key, /SECURITY_AUTHENTICATION$/) || says(key, /^java\.naming\.security\.authentication$/);
        return isKey && says(value, /^none$/i);
      }),
    ],
    bad: [
      'class A { void f(Hashtable<String, String> e) { e.put(Context.SECURITY_AUTHENTICATION, "none"); } }',
    ],
    good: [
      'class A { void f(Hashtable<String, String> e) { e.put(Context.SECURITY_AUTHENTICATION, "simple"); } }',
    ],
  }),
];

/** Whether an `exec` is that of the runtime: other things run queries by a function of this name. */
function isRuntime(path: string): boolean {
  return /^(java\.lang\.)?(Runtime(\.getRuntime\(\))?|getRuntime\(\)|runtime|rt)\.exec$/.test(path);
}

/** Everything but modes that notice changes, and paddings that hide them. */
const weakCipher = {
  test: (name: string): boolean =>
    /^(aes|desede|des|rc2|rc4|arcfour|blowfish)$|\/(ecb|cbc)\/(?!oaep)/i.test(name) ||
    /^rsa(\/ecb\/(pkcs1|no)padding)?$|^(des|desede|rc2|rc4|arcfour|blowfish)\//i.test(name),
};
