/** @file Hints, examples and names are distinguished from possible secrets. */
import { describe, expect, test } from "vitest";
import { isHint, isPlaceholder } from "./placeholder.ts";

describe("isPlaceholder", () => {
  test.each([
    ["your-api-key"],
    ["YOUR_API_KEY"],
    ["my-secret-key-1"],
    ["put your key here"],
    ["<password>"],
    ["<yourPassword1>"],
    ["{password}"],
    ["{0}"],
    ["{{ vault_password }}"],
    [`\${DB_PASSWORD}`],
    ["$DB_PASSWORD"],
    ["%(password)s"],
    ["********"],
    ["xxxxxxxx"],
    ["changeme here"],
    ["not-set"],
    ["Password: "],
    ["/run/secrets/db"],
    ["key.pem"],
    ["AWS_SECRET_ACCESS_KEY"],
    [`AKIA${"IOSFODNN7EXAMPLE"}`],
    ["abcdefghijklmnopqrstuvwxyz0123456789"],
    ["pass"],
    ["([a-zA-Z0-9_-]{44})"],
    ["{cipher}1e3faa2cdab2deae117dca102e52922a"],
  ])("%s is one", (text) => {
    expect(isPlaceholder(text)).toBe(true);
  });

  test.each([
    ["my-S3cret!9"],
    ["the_Passw0rd"],
    ["test-a8f5f167f44f4964e6c998dee827110c"],
    ["p{4s}W0rd!"],
    ["Zw9<kq>!4"],
    ["pass{word"],
    ["$tr0ngPass"],
    ["<p>Zw9kq!4"],
    ["c2VjcmV0a2V5MTIz="],
    ["hunter22"],
    ["12345678"],
    ["changeit"],
  ])("%s is none", (text) => {
    expect(isPlaceholder(text)).toBe(false);
  });

  test.each([
    ["password", "db_password"],
    ["access_token", "TOKEN"],
    ["csrftoken", "csrf_token"],
    ["apiKey", "stripeApiKey"],
    ["password2", "password"],
    ["testpassword", "password"],
    ["queue/amqp/password", "CONFIG_PATH_QUEUE_AMQP_PASSWORD"],
  ])("%s names %s", (text, name) => {
    expect(isPlaceholder(text, name)).toBe(true);
  });

  test.each([
    ["compass", "pass"],
    ["monkeys", "key"],
    ["hunter", "password"],
    ["swordfish2", "word"],
    ["12345678", "_"],
    ["AuthKeyOfDoomThatMustBeAMinimumNumberOfBytes", "AUTH_KEY"],
  ])("%s does not name %s", (text, name) => {
    expect(isPlaceholder(text, name)).toBe(false);
  });
});

test.each([
  ["your-password", true],
  ["insert key", true],
  ["***", true],
  ["password", false],
  ["changeit", false],
  ["test", false],
])("isHint of %s is %s", (text, isOne) => {
  expect(isHint(text)).toBe(isOne);
});

describe("hints written as one word", () => {
  test.each([
    "yourapikeyhere",
    "insertyourtokenhere",
    "YourSecretKey",
    "enteryourpassword",
    "putyourkeyhere",
  ])("%s is one", (text) => expect(isHint(text)).toBe(true));
  test.each(["mysecretpassword", "changeit", "heresyourmother1", "adminpassword", "keytoken"])(
    "%s is none",
    (text) => expect(isHint(text)).toBe(false),
  );
});
