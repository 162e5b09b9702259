/** @file The table of national identification numbers. Check digits as published by each country. */
import * as checks from "./national-checks.ts";
import * as weighted from "./weighted-checks.ts";

/** A row of the table: the number's name and its form. */
type Row = [
  [id: string, title: string, lead: number, firstRun: readonly number[]],
  [shape: RegExp, context: RegExp | null, accepts: (compact: string) => boolean],
];

const dates = (at: number) => (number: string) => weighted.isBirth(number.slice(at, at + 6));
const check = (table: Parameters<typeof weighted.endsInCheck>[0]) => (number: string) =>
  weighted.endsInCheck(table, number);

/** Identification numbers by country. */
export const nationalRows: readonly Row[] = [
  [
    ["us-ssn", "US social security number", 0, [3, 9]],
    [/^\d{3}(?:([- ])\d{2}\1\d{4}|\d{6})/, /\bssn\b|social security|social sec\b/, checks.isSsn],
  ],
  [
    ["us-ssn-dashed", "US social security number", 0, [3]],
    [/^\d{3}-\d{2}-\d{4}/, null, checks.isSsn],
  ],
  [
    ["uk-nino", "UK national insurance number", 3, [2]],
    [/^[A-Z]{2} \d\d \d\d \d\d [A-D]/, null, checks.isNino],
  ],
  [
    ["uk-nino-plain", "UK national insurance number", 2, [6]],
    [/^[A-Z]{2}\d{6} ?[A-D]/, /national insurance|\bnino\b|\bni (?:no|number)/, checks.isNino],
  ],
  [
    ["de-tax", "German tax id", 0, [2, 11]],
    [/^\d{2} ?\d{3} ?\d{3} ?\d{3}/, /steuer|\bidnr|\bid-nr|\btin\b|tax id/, checks.isGermanTaxId],
  ],
  [
    ["es-dni", "Spanish DNI", 0, [8]],
    [/^\d{8}[ -]?[A-Z]/, /\bdni\b|\bnif\b|documento|identidad/, checks.isSpanishId],
  ],
  [
    ["es-nie", "Spanish NIE", 1, [7]],
    [/^[XYZ]\d{7}[ -]?[A-Z]/, /\bnie\b|\bnif\b|extranjero|documento|identidad/, checks.isSpanishId],
  ],
  [
    ["fr-nir", "French NIR", 0, [1, 15]],
    [/^[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}/, null, checks.isFrenchNir],
  ],
  [
    ["it-fiscal", "Italian codice fiscale", 6, [2]],
    [/^[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]/, null, checks.isItalianFiscalCode],
  ],
  [
    ["nl-bsn", "Dutch BSN", 0, [4, 9]],
    [/^\d{4}\.?\d{2}\.?\d{3}/, /\bbsn\b|burgerservice|sofi/, checks.isDutchBsn],
  ],
  [
    ["br-cpf", "Brazilian CPF", 0, [3]],
    [/^\d{3}\.\d{3}\.\d{3}-\d{2}/, null, checks.isCpf],
  ],
  [
    ["br-cpf-plain", "Brazilian CPF", 0, [11]],
    [/^\d{11}/, /\bcpf\b/, checks.isCpf],
  ],
  [
    ["in-aadhaar", "Indian Aadhaar number", 0, [4, 12]],
    [/^[2-9]\d{3}([ -]?)\d{4}\1\d{4}/, /aadh?aar|adhar|uidai|\buid\b/, checks.isAadhaar],
  ],
  [
    ["in-pan", "Indian PAN", 5, [4]],
    [/^[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]/, /\bpan\b|permanent account|income tax/, () => true],
  ],
  [
    ["pl-pesel", "Polish PESEL", 0, [11]],
    [/^\d{11}/, /pesel/, checks.isPesel],
  ],
  [
    ["se-person", "Swedish personnummer", 0, [8]],
    [/^(?:18|19|20)\d{6}[-+]\d{4}/, null, checks.isSwedishNumber],
  ],
  [
    ["se-person-short", "Swedish personnummer", 0, [6, 10, 12]],
    [/^(?:\d{2})?\d{6}[-+]?\d{4}/, /personn|\bpnr\b|swedish/, checks.isSwedishNumber],
  ],
  [
    ["be-national", "Belgian national number", 0, [2]],
    [/^\d\d\.\d\d\.\d\d-\d{3}\.\d\d/, null, checks.isBelgianNumber],
  ],
  [
    ["be-national-plain", "Belgian national number", 0, [11]],
    [/^\d{11}/, /rijksregister|registre national|\bniss\b|\binsz\b/, checks.isBelgianNumber],
  ],
  [
    ["fi-person", "Finnish henkilötunnus", 0, [6]],
    [/^\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]/, null, checks.isFinnishNumber],
  ],
  [
    ["no-person", "Norwegian fødselsnummer", 0, [6, 11]],
    [/^\d{6} ?\d{5}/, /fødsels|fodsels|personnummer|\bfnr\b/, checks.isNorwegianNumber],
  ],
  [
    ["dk-person", "Danish CPR number", 0, [6, 10]],
    [/^\d{6}-?\d{4}/, /\bcpr\b|personnummer/, checks.startsWithDayMonth],
  ],
  [
    ["pt-tax", "Portuguese NIF", 0, [3, 9]],
    [/^\d{3} ?\d{3} ?\d{3}/, /\bnif\b|contribuinte/, checks.isPortugueseNif],
  ],
  [
    ["tr-identity", "Turkish identity number", 0, [11]],
    [/^[1-9]\d{10}/, /\btc\b|t\.c\.|kimlik|tckn/, checks.isTurkishNumber],
  ],
  [
    ["cn-identity", "Chinese resident identity number", 0, [17, 18]],
    [/^[1-9]\d{5}(?:18|19|20)\d{9}[\dX]/, null, checks.isChineseNumber],
  ],
  [
    ["za-identity", "South African identity number", 0, [13]],
    [/^\d{13}/, /\bid\b|identity|south africa/, checks.isSouthAfricanNumber],
  ],
  [
    ["ca-sin", "Canadian social insurance number", 0, [3, 9]],
    [/^[1-79]\d{2}([ -]?)\d{3}\1\d{3}/, /\bsin\b|social insurance|\bnas\b/, checks.endsInLuhn],
  ],
  [
    ["il-identity", "Israeli identity number", 0, [9]],
    [/^\d{9}/, /teudat|israeli id/, checks.endsInLuhn],
  ],
  [
    ["au-tax", "Australian tax file number", 0, [3, 9]],
    [/^\d{3} ?\d{3} ?\d{3}/, /\btfn\b|tax file/, checks.isAustralianTfn],
  ],
  [
    ["kr-resident", "Korean resident registration number", 0, [6]],
    [/^\d{6}-[1-8]\d{6}/, null, checks.isKoreanNumber],
  ],
  [
    ["mx-curp", "Mexican CURP", 4, [6]],
    [/^[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d/, null, checks.isCurp],
  ],
  [
    ["ch-ahv", "Swiss AHV number", 0, [3]],
    [/^756\.\d{4}\.\d{4}\.\d{2}/, null, checks.isSwissAhv],
  ],
  [
    ["cz-birth", "Czech or Slovak birth number", 0, [6]],
    [/^\d{6}\/?\d{4}/, /rodn|\brč\b/, checks.isCzechNumber],
  ],
  [
    ["cl-rut", "Chilean RUT", 0, [1, 2]],
    [/^\d{1,2}\.\d{3}\.\d{3}-[\dkK]/, null, checks.isRut],
  ],
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
    [/^[STFGM]\d{7}[A-Z]/, null, weighted.isSingaporeNumber],
  ],
  [
    ["hk-identity", "Hong Kong identity number", 1, [6]],
    [/^[A-Z]\d{6}\([\dA]\)/, null, (number) => weighted.isHongKongNumber(number.replace(/[()]/g, ""))],
  ],
  [
    ["tw-identity", "Taiwan identity number", 1, [9]],
    [/^[A-Z][1289]\d{8}/, /身分證|身份證|taiwan|national id/, weighted.isTaiwanNumber],
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
    [/^\d{6}-\d{2}-\d{4}/, null, weighted.isMalaysianNumber],
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
      (number) => dates(1)(number) && weighted.endsInCheck("romania", number),
    ],
  ],
  [
    ["bg-egn", "Bulgarian EGN", 0, [10]],
    [/^\d{10}/, /\begn\b|егн/, check("bulgaria")],
  ],
  [
    ["hr-oib", "Croatian OIB", 0, [11]],
    [/^\d{11}/, /\boib\b/, weighted.isCroatianNumber],
  ],
  [
    ["balkan-jmbg", "JMBG or EMSO", 0, [13]],
    [/^[0-3]\d[01]\d{10}/, /jmbg|em[sš]o|јмбг|ембг|umcn/, check("balkans")],
  ],
  [
    ["baltic-personal", "Estonian or Lithuanian personal code", 0, [11]],
    [/^[1-6]\d{10}/, /isikukood|asmens kod|personal code/, weighted.isBalticCode],
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
    [/^\d{4} ?[0-3]\d[01]\d{3}/, /sozialversicherung|sv-?n(?:umme)?r/, weighted.isAustrianNumber],
  ],
  [
    ["de-pension", "German pension number", 0, [8, 2]],
    [
      /^\d{2} ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{3}/,
      /sozialversicherung|rentenversicherung|\brvnr|\bsvnr/,
      weighted.isGermanPensionNumber,
    ],
  ],
  [
    ["is-kennitala", "Icelandic kennitala", 0, [6, 10]],
    [/^[0-7]\d[01]\d{3}-?\d{4}/, /kennital|\bkt\b/, check("iceland")],
  ],
  [
    ["ie-pps", "Irish PPS number", 0, [7]],
    [/^\d{7}[A-W][A-IW]?/, /\bpps/, weighted.isIrishNumber],
  ],
  [
    ["gr-amka", "Greek AMKA", 0, [11]],
    [/^\d{11}/, /amka|αμκα/, weighted.isGreekNumber],
  ],
  [
    ["ru-snils", "Russian SNILS", 0, [3]],
    [/^\d{3}-\d{3}-\d{3}[ -]\d{2}/, null, weighted.isSnils],
  ],
  [
    ["ua-rnokpp", "Ukrainian taxpayer number", 0, [10]],
    [/^\d{10}/, /рнокпп|іпн|rnokpp/, check("ukraine")],
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
