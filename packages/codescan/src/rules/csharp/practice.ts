/**
 * @file C#: insecure practice, which counts wherever it stands.
 *
 * @source meta-llama/PurpleLlama CodeShield/insecure_code_detector: its kinds for C# and their CWE numbers
 */
import type { Rule } from "../../rule.ts";
import { is, says, varies } from "../conditions.ts";
import { assigns, calls } from "../matches.ts";
import { practice } from "../practice.ts";

/** Rules on practice. */
export const csharpPracticeRules: readonly Rule[] = [
  practice({
    id: "csharp/practice-hash",
    cwe: 327,
    title: "A hash function that is broken",
    why: "Two texts of one hash can be made.",
    fix: "SHA256.HashData(bytes)",
    literals: ["MD5", "SHA1"],
    match: [
      calls(
        "MD5.Create MD5.HashData MD5CryptoServiceProvider MD5Cng SHA1.Create SHA1.HashData SHA1CryptoServiceProvider " +
          "SHA1Managed SHA1Cng HMACMD5",
      ),
    ],
    bad: ["class A { byte[] CacheKey(byte[] a) { return MD5.Create().ComputeHash(a); } }"],
    good: ["class A { byte[] F(byte[] a) { return SHA256.HashData(a); } }"],
  }),
  practice({
    id: "csharp/practice-random",
    cwe: 338,
    title: "Numbers that can be guessed",
    why: "After some of them all others are known.",
    fix: "RandomNumberGenerator.GetInt32(6)",
    literals: ["Random"],
    match: [calls("Random System.Random Random.Shared.Next Random.Shared.NextBytes")],
    bad: ["class A { int F() { return new Random().Next(6); } }"],
    good: ["class A { int F() { return RandomNumberGenerator.GetInt32(6); } }"],
  }),
  practice({
    id: "csharp/practice-command",
    cwe: 78,
    title: "A program that is started by a command line",
    why: "Whoever can change a part of it starts something else.",
    fix: "new ProcessStartInfo(program) with ArgumentList",
    literals: ["Process"],
    match: [
      calls("Process.Start System.Diagnostics.Process.Start", ({ args }) => args.slice(0, 2).some(varies)),
    ],
    bad: ["class A { void F(Settings s) { Process.Start(s.Tool, s.Words); } }"],
    good: ['class A { void F() { Process.Start("notepad"); } }'],
  }),
  practice({
    id: "csharp/practice-objects",
    cwe: 502,
    title: "Objects read from bytes",
    why: "Whoever writes the bytes chooses which objects are made.",
    fix: "System.Text.Json with a type of your own",
    literals: ["Formatter", "Serializer", "LosFormatter"],
    match: [
      calls(
        "BinaryFormatter BinaryFormatter().Deserialize SoapFormatter NetDataContractSerializer LosFormatter " +
          "ObjectStateFormatter",
      ),
    ],
    bad: ['class A { object F() { return new BinaryFormatter().Deserialize(File.OpenRead("a.bin")); } }'],
    good: ["class A { T F<T>(string a) { return JsonSerializer.Deserialize<T>(a); } }"],
  }),
  practice({
    id: "csharp/practice-cookie",
    cwe: 1004,
    title: "A cookie that scripts or unencrypted connections may carry away",
    why: "A script in the page, or who listens, takes the session.",
    fix: "HttpOnly = true, Secure = true",
    literals: ["HttpOnly", "Secure"],
    match: [
      assigns({ test: (name) => name === "HttpOnly" || name === "Secure" }, ({ value }) => is(value, false)),
    ],
    bad: ["class A { object F() { return new CookieOptions { HttpOnly = false }; } }"],
    good: ["class A { object F() { return new CookieOptions { HttpOnly = true, Secure = true }; } }"],
  }),
  practice({
    id: "csharp/practice-cipher",
    cwe: 327,
    title: "A cipher that was broken, or a mode that hides little",
    why: "Blocks can be guessed or exchanged, and nobody notices.",
    fix: "AesGcm",
    literals: ["DES", "RC2", "CipherMode", "Rijndael"],
    match: [
      calls("DES.Create DESCryptoServiceProvider TripleDES.Create TripleDESCryptoServiceProvider RC2.Create"),
      calls("SymmetricAlgorithm.Create CryptoConfig.CreateFromName", ({ args: [name] }) =>
        says(name, /^(3?des|tripledes|rc2)$/i),
      ),
      assigns({ test: (name) => name === "Mode" }, ({ value }) =>
        /(^|\.)CipherMode\.(ECB|CBC|OFB)$/.test(value.path),
      ),
    ],
    bad: [
      "class A { object F() { return TripleDES.Create(); } }",
      "class A { void F(Aes aes) { aes.Mode = CipherMode.CBC; } }",
    ],
    good: ["class A { object F(byte[] k) { return new AesGcm(k, 16); } }"],
  }),
];
