import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { processorMs } from "../../../../test/support/processor-time.ts";
import { lot } from "./alphabet.ts";
import { keywordsOf } from "./rule.ts";
import { secretRules } from "./rules/all.ts";
import { scanText } from "./scan.ts";

const rules = (text: string): string[] => scanText(text).map(({ rule }) => rule);

/** Texts that a naive scanner would report as secrets. */
const harmless: readonly string[] = [
  ...[
    "api_key = 'YOUR_API_KEY'",
    "OPENAI_API_KEY=sk-...",
    "token: xxxxxxxxxxxxxxxxxxxxxxxx",
    'api_key="<your token here>"',
  ],
  ...["password: changeme", 'password = "password"', "secret = example", `AWS_KEY=AKIA${"IOSFODNN7EXAMPLE"}`],
  `aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/${"bPxRfiCYEXAMPLEKEY"}`,
  ...[
    "api_key = process.env.API_KEY",
    'token = os.environ["API_TOKEN_2"]',
    `key: "\${API_KEY_V2}"`,
    "secret: {{ .Values.secret1 }}",
  ],
  ...[
    "password = getpass.getpass()",
    "token = request.headers['x-token-1']",
    "const token = tokens[i + 1];",
    "secret=$SECRET_1",
  ],
  'md5 = "5f4dcc3b5aa765d61d8327deb882cf99"',
  "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  `"integrity": "sha512-${lot(86, "base64")}=="`,
  'session_id = "123e4567-e89b-12d3-a456-426614174000"',
  'token = "123e4567-e89b-12d3-a456-426614174000"',
  `<img src="data:image/png;base64,${lot(400, "base64")}AKIA${lot(16, "base32")}${lot(400, "base64")}">`,
  `//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJmaWxl${lot(300, "base64")}`,
  `!function(e,t){var n=t.token,r=e.secret;return n.password=r?"a1b2":c3(d4)}(window,{token:e7,key:f8});`,
  `max_tokens = 4096, eos_token = "<|endoftext|>", pad_token_id: 50256, tokenizer = "gpt2-medium-v2-tokens-50257"`,
  ...[
    "next_page_token = 'CAUQAA1b2C3d4E5f6G7h8'",
    "csrf_token: 8fKq2Lm9Zx7Rt4Vb6Nw3",
    "public_key = 'MIIBIjANBgkqhkiG9w0BAQEF'",
  ],
  `-----BEGIN CERTIFICATE-----\n${lot(64, "base64")}\n${lot(64, "base64")}\n-----END CERTIFICATE-----`,
  `ssh-rsa ${lot(372, "base64")} me`,
  ...[
    "the secret of a good pie is butter",
    "my password is too long to remember",
    "a token of my love: roses4you",
    "task-force sk-1",
  ],
  ...[
    "postgres://postgres:postgres@localhost:5432/db",
    "https://user:pass@example.com/",
    "redis://localhost:6379",
  ],
  "key: value, keyboard: qwerty, monkey: see, monkey: do",
];

describe("scanText", () => {
  test.each(harmless)("lets %s pass", (text) => {
    expect(scanText(text).map(({ rule, start, end }) => [rule, text.slice(start, end)])).toEqual([]);
  });

  test("tells where a value is and shows none of it", () => {
    const value = `glpat-${lot(20)}`;
    expect(scanText(`export T=${value}\n`)).toEqual([
      {
        rule: "gitlab-pat",
        title: "GitLab Personal Access Token",
        kind: "API_KEY",
        personal: false,
        start: 9,
        end: 35,
        severity: "error",
        masked: "glpa…(26)",
      },
    ]);
  });

  test("of two rules on one value the one that knows more speaks", () => {
    expect(rules(`DEEPSEEK_API_KEY="sk-${lot(32, "hex")}"`)).toEqual(["deepseek"]);
    expect(rules(`{"password": "ghr_${lot(40)}"}`)).toEqual(["github-refresh"]);
  });

  test("finds what lies across the parts of a long text, and bounds what it tells", () => {
    const value = `hf_${lot(34)}`;
    for (const shift of [1, 2, 3, 20, 36, 37]) {
      const text = `${" ".repeat(65_536 - shift)}${value} end`;
      expect(rules(text), String(shift)).toEqual(["huggingface"]);
    }
    expect(scanText(`${value} `.repeat(50), 7)).toHaveLength(7);
  });

  test("gives a text of 10 MB on one line one pass", () => {
    const text = `${"the quick brown fox 12 ".repeat(450_000)}glpat-${lot(20)}`;
    expect(processorMs(() => expect(rules(text)).toEqual(["gitlab-pat"]), 5000)).toBeLessThan(5000);
  });

  test("throws at nothing", () => {
    const pieces = fc.constantFrom(
      "eyJ",
      "://",
      "@",
      "-----BEGIN ",
      "=",
      '"',
      "\\",
      "\ud800",
      "\0",
      "token",
      "1.2.3.4",
      "+49",
      "%3D",
    );
    const text = fc.array(fc.oneof(pieces, fc.string({ unit: "binary" }), fc.string()), { maxLength: 30 });
    fc.assert(
      fc.property(text, (parts) => {
        const joined = parts.join("");
        let last = 0;
        for (const { start, end } of scanText(joined)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(joined.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe("hostile texts of 100 kB", () => {
  const size = 100_000;
  const fill = (piece: string): string => piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
  const timeOf = (work: () => void): number => {
    const before = process.cpuUsage();
    work();
    return process.cpuUsage(before).user / 1000;
  };
  /** How much slower this machine is than an idle one, which takes 6 ms for about ten million steps. */
  const slowness = (): number => {
    let sum = 0;
    const step = (): void => {
      for (let i = 0; i < 1e7; i++) sum = (sum + i) | 0;
    };
    step();
    return Math.max(1, timeOf(step) / 6) + Number(sum === 1.5);
  };
  /**
   * Whether a text is scanned in time. Retried on failure, since machines may be busy. Limits are several times the
   * usual duration; quadratic time would exceed them a hundredfold.
   */
  const isInTime = (text: string, limit: number): boolean => {
    for (let i = 0; i < 8; i++) {
      if (timeOf(() => scanText(text)) < limit * (i === 0 ? 1 : slowness())) return true;
    }
    return false;
  };

  test("each keyword without end, with a value's beginning, costs at most 2 ms a kB", () => {
    const keywords = [...new Set(secretRules.flatMap(keywordsOf))];
    scanText(fill("warm up token=a1 "));
    const slow = keywords.filter((keyword) => !isInTime(fill(`${keyword}=a1-`).slice(0, size / 8), 25));
    expect(slow).toEqual([]);
  }, 120_000);

  const worst = [
    ...[
      "a",
      "0",
      "1 ",
      "1.",
      "4-",
      "+4 ",
      "@",
      "a@",
      "a@a.",
      "a.b@",
      "://",
      "a://b:",
      "a://b:c@",
      "=",
      '"',
      "\\",
      " ",
      "\n",
    ],
    ...[
      "2001:",
      "2a:",
      "DE",
      "DE89 ",
      "AA11",
      "ABCDEF12A",
      "password=",
      "password ",
      "token is ",
      'key: "',
      "is ",
      "born on ",
    ],
    ...[
      "date of birth: 1",
      "12 Ab ",
      "1 Ab Street, ",
      "Gasse ",
      "phone 1",
      "-eyJ",
      "eyJhbGciOiJIUzI1NiJ9.",
      "eyJhbGci.eyJ.",
      "Server=a;Pwd={",
    ],
    ...[
      "?sv=1&sig=",
      "curl -u a:",
      "-----BEGIN PRIVATE KEY-----\\n",
      "-----BEGIN PRIVATE KEY-----\nA: b\n",
      "é",
      "\ud83d\ude00",
      "\ud800",
    ],
    ...[
      "1234 5678 9012 ",
      "4242424242424242",
      "123-45-6789 ",
      "1.2.3.4.",
      "<password>",
      "A1b2C3d4-",
      "xoxb-1-",
      `\${`,
      "Basic YQ",
    ],
  ];
  test.each(worst)("%j without end takes less than 50 ms", (piece) => {
    expect(isInTime(fill(piece), 200)).toBe(true);
  });
});

test.each([
  "engine = create_engine('mysql+mysqldb://scott:tiger@192.168.0.134/orders')",
  "raise Failed(f'Credentials store error: {repr(e)}')",
  '{ "AWS::Config::AggregationAuthorization": "141e19f3841b50f5" }',
  '{ "NextContinuationToken": "1w41l63U0xa8q7smH50vCxyTQqdxo69O3EmK28Bi5PcROI4wI/EyIJg==" }',
  "Secret reference to be used as part of a :py:class:`ContainerSpec`.",
  "the total number of passwords for 9 digits is P910=10!2 and for 10 digits it is P1010=10!",
])("documentation is no secret: %s", (text) => {
  expect(scanText(text).filter(({ personal }) => !personal)).toEqual([]);
});
