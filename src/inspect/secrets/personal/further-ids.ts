/** @file More national numbers as rows of the same table: those of Asia, eastern Europe, the Americas and health services. */
import type { Row } from "./national-ids.ts";
import * as checks from "./weighted-checks.ts";

const dates = (at: number) => (number: string) => checks.isBirth(number.slice(at, at + 6));
const check = (table: Parameters<typeof checks.endsInCheck>[0]) => (number: string) =>
  checks.endsInCheck(table, number);

/** Rows for `nationalIds`. */
export const furtherRows: readonly Row[] = [
  [
    ["us-itin", "US individual taxpayer number", 0, [3]],
    [/^9\d{2}([- ])(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\1\d{4}/, /itin|taxpayer|tax id/, () => true],
  ],
  [
    ["uk-nhs", "UK NHS number", 0, [3, 10]],
    [/^\d{3}([- ]?)\d{3}\1\d{4}/, /\bnhs\b|national health/, check("health")],
  ],
  [
    ["th-national", "Thai national id", 0, [1, 13]],
    [/^[1-8](?:-\d{4}-\d{5}-\d{2}-\d|\d{12})/, /thai|\btnin\b|ประชาชน/, check("thailand")],
  ],
  [
    ["sg-national", "Singapore NRIC or FIN", 1, [7]],
    [/^[STFGM]\d{7}[A-Z]/, null, checks.isSingaporeNumber],
  ],
  [
    ["hk-identity", "Hong Kong identity number", 1, [6]],
    [/^[A-Z]\d{6}\([\dA]\)/, null, (number) => checks.isHongKongNumber(number.replace(/[()]/g, ""))],
  ],
  [
    ["tw-identity", "Taiwan identity number", 1, [9]],
    [/^[A-Z][1289]\d{8}/, /身分證|身份證|taiwan|national id/, checks.isTaiwanNumber],
  ],
  [
    ["jp-my-number", "Japanese My Number", 0, [4, 12]],
    [/^\d{4}([- ]?)\d{4}\1\d{4}/, /マイナンバー|個人番号|my number/, check("japan")],
  ],
  [
    ["kr-resident-plain", "Korean resident registration number", 0, [13]],
    [/^\d{6}[1-8]\d{6}/, /\brrn\b|주민|resident registration/, dates(0)],
  ],
  [
    ["my-identity", "Malaysian identity number", 0, [6]],
    [/^\d{6}-\d{2}-\d{4}/, null, checks.isMalaysianNumber],
  ],
  [
    ["id-nik", "Indonesian NIK", 0, [16]],
    [/^[1-9]\d{15}/, /\bnik\b|\bktp\b|kependudukan/, (number) => /^\d{6}[0-7]\d[01]\d/.test(number)],
  ],
  [
    ["pk-cnic", "Pakistani CNIC", 0, [5]],
    [/^[1-7]\d{4}-\d{7}-\d/, null, () => true],
  ],
  [
    ["ro-cnp", "Romanian CNP", 0, [13]],
    [
      /^[1-8]\d{12}/,
      /\bcnp\b|cod numeric/,
      (number) => dates(1)(number) && checks.endsInCheck("romania", number),
    ],
  ],
  [
    ["bg-egn", "Bulgarian EGN", 0, [10]],
    [/^\d{10}/, /\begn\b|егн/, check("bulgaria")],
  ],
  [
    ["hr-oib", "Croatian OIB", 0, [11]],
    [/^\d{11}/, /\boib\b/, checks.isCroatianNumber],
  ],
  [
    ["balkan-jmbg", "JMBG or EMSO", 0, [13]],
    [/^[0-3]\d[01]\d{10}/, /jmbg|em[sš]o|јмбг|ембг|umcn/, check("balkans")],
  ],
  [
    ["baltic-personal", "Estonian or Lithuanian personal code", 0, [11]],
    [/^[1-6]\d{10}/, /isikukood|asmens kod|personal code/, checks.isBalticCode],
  ],
  [
    ["lv-personal", "Latvian personal code", 0, [6]],
    [/^[0-3]\d[01]\d{3}-[0-2]\d{4}/, null, check("latvia")],
  ],
  [
    ["hu-taj", "Hungarian TAJ number", 0, [3, 9]],
    [/^\d{3}([- ]?)\d{3}\1\d{3}/, /\btaj\b/, check("hungary")],
  ],
  [
    ["at-social", "Austrian social insurance number", 0, [4, 10]],
    [/^\d{4} ?[0-3]\d[01]\d{3}/, /sozialversicherung|sv-?n(?:umme)?r/, checks.isAustrianNumber],
  ],
  [
    ["de-pension", "German pension number", 0, [8, 2]],
    [
      /^\d{2} ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{3}/,
      /sozialversicherung|rentenversicherung|\brvnr|\bsvnr/,
      checks.isGermanPensionNumber,
    ],
  ],
  [
    ["is-kennitala", "Icelandic kennitala", 0, [6, 10]],
    [/^[0-7]\d[01]\d{3}-?\d{4}/, /kennital|\bkt\b/, check("iceland")],
  ],
  [
    ["ie-pps", "Irish PPS number", 0, [7]],
    [/^\d{7}[A-W][A-IW]?/, /\bpps/, checks.isIrishNumber],
  ],
  [
    ["gr-amka", "Greek AMKA", 0, [11]],
    [/^\d{11}/, /amka|αμκα/, checks.isGreekNumber],
  ],
  [
    ["ru-snils", "Russian SNILS", 0, [3]],
    [/^\d{3}-\d{3}-\d{3}[ -]\d{2}/, null, checks.isSnils],
  ],
  [
    ["ua-rnokpp", "Ukrainian taxpayer number", 0, [10]],
    [/^\d{10}/, /рнокпп|\bіпн|rnokpp/, check("ukraine")],
  ],
  [
    ["ar-cuil", "Argentine CUIL or CUIT", 0, [2]],
    [/^2[03-7]-\d{8}-\d/, null, check("argentina")],
  ],
  [
    ["au-medicare", "Australian Medicare number", 0, [4, 10]],
    [/^[2-6]\d{3} ?\d{5} ?\d/, /medicare/, check("medicare")],
  ],
  [
    ["eg-national", "Egyptian national id", 0, [14]],
    [/^[23]\d{13}/, /national id|الرقم القومي|egypt/, dates(1)],
  ],
];
