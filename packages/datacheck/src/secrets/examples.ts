/**
 * @file Example values from documentation, and keys of emulators. They give access to no account.
 *
 * They are stored as hashes, so that no file of the package contains what secret scanners look for.
 */
import { createHash } from "node:crypto";

/** The first 16 hexadecimal digits of each value's SHA-256, and where the value is published. */
const published = `
  6c96130f130ab0d6 RFC 6749, access token
  00cf4c781dc37003 RFC 6749, refresh token
  a35b81a7d7927b70 RFC 6749, code
  ca7459e2b26776de RFC 6749, client's credentials
  e9974c507d2a8021 RFC 6749, client's secret
  53f5da0aaa93d64c RFC 6749, client's password
  2c31d647d5667058 RFC 6749, password
  80f8b7c904d4a43f RFC 5849, consumer's key in 3.1
  2ff8b0fb93aca981 RFC 5849, token in 3.1
  c20fbc2b96183894 RFC 5849, consumer's secret in 3.1
  b87dad10a32a2d81 RFC 5849, token's secret in 3.1
  da1bdd7b73490f4e RFC 5849, consumer's key in 1.2
  6aa14267d94944e6 RFC 5849, temporary credentials
  5586407997f5e849 RFC 5849, verifier
  293257ab6495ebb1 OAuth Core 1.0, consumer's key
  cb87c87e4a138d9a OAuth Core 1.0, consumer's secret
  bb9b1163338b2a51 OAuth Core 1.0, token
  649e1f5c769e718b OAuth Core 1.0, token's secret
  4c20e6f5cc11b937 OAuth Core 1.0, temporary credentials
  cf4d418ed3de92d7 RFC 7617, credentials
  687da00b09c83361 RFC 7617, credentials of the test
  13d31e961a1ad8ec RFC 7519, token's signature
  8b1b17a9740c068a RFC 7515, key
  2cafc0970149a84f Stripe, test key
  f2d6ca16515033e5 Stripe, old test key
  7e8de44ea9ecf6d5 Stripe, test key of guides
  ca32f86ce10b8435 Flask, quickstart
  2598f7d6adc142d8 Flask, configuration
  570dad43de1af4c9 FastAPI, tutorial
  0011cc25eb432071 Azure, storage emulator
  aa6547439583c3a2 Azure, Cosmos DB emulator
  f5e95c9954635b65 Google, reCAPTCHA secret for tests
  03b970ed8171d73b Google, reCAPTCHA site key for tests
  ac9265e56c79b234 Google, API keys page
  df452eef23e8cf2c MinIO, play server
  1bbb9293c38acc5e MinIO, play server's id
  3543c50b0cb9cea8 GitHub, REST documentation
  bc3ae723f57c6b9e GitHub, OAuth documentation
  86007eb367696d32 GitHub, OAuth documentation, old
  f5375a46365089a8 Slack, documentation
  02091175c1ae3023 SendGrid, documentation
  0b5dd075ccdd03c4 Telegram, documentation
  731fa294d036e54f Telegram, tutorial
  02f7ce3c263f85c0 Discord, documentation
  32c2dc15c5120958 Databricks, documentation
  5aac38e542b76b97 Twitter, documentation of signatures
  00b3dc640c9c99fc Twitter, consumer secret there
  519e3ece10ca70b6 Symfony, old default
  f15c16b99f82d820 Oracle, password of the sample schema
  9c846fdf0fa8955c Mailgun, documentation
  6adbfd178516c8ef Slack, signing secret of the guide
`;

const hashes = new Set(
  published
    .trim()
    .split(/\s*\n\s*/)
    .map((line) => line.slice(0, 16)),
);

/** Whether a value is a documented example. */
export function isPublished(value: string): boolean {
  return hashes.has(createHash("sha256").update(value).digest("hex").slice(0, 16));
}
