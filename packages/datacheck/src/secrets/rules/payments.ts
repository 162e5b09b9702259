/** @file Rules for payment, shops and finance. Publishable keys are public and have no rule. */
import { isBase58Check, toBase58Check } from "../proofs.ts";
import { assigned, type SecretRule, token } from "../rule.ts";

const wallet = { kind: "PRIVATE_KEY", accepts: isBase58Check } as const;
const sampleBytes = (head: number[], length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => head[index] ?? (index * 89 + 41) % 251);

/** Payment, shops, exchanges, wallets. */
export const paymentRules: readonly SecretRule[] = [
  token("stripe-webhook", "Stripe webhook signing secret", "whsec_<base64:32-64>"),
  token("square-secret", "Square OAuth secret", "sq0csp-<base64url:43>"),
  token("braintree", "Braintree or PayPal access token", "access_token$production$<lower36:16>$<hex:32>"),
  assigned("paypal", "PayPal client secret", "paypal", "E<base64url:79>"),
  assigned("adyen", "Adyen API key", "adyen", "AQE<base64:60-200>-<base64:20-60>=-<base64url:10-30>"),
  token("plaid-production", "Plaid production access token", "access-production-<uuid>"),
  token("plaid-development", "Plaid development access token", "access-development-<uuid>"),
  token("plaid-sandbox", "Plaid sandbox access token", "access-sandbox-<uuid>", { severity: "warning" }),
  token("flutterwave", "Flutterwave secret key", "FLWSECK-<hex:32>-X"),
  token("flutterwave-test", "Flutterwave test secret key", "FLWSECK_TEST-<hex:32>-X", {
    severity: "warning",
  }),
  assigned("razorpay", "Razorpay key secret", "razorpay", "<base62:24>"),
  token("razorpay-id", "Razorpay live key id", "rzp_live_<base62:14>", { severity: "warning" }),
  token("lob-live", "Lob API key", "live_<hex:35>"),
  token("mollie", "Mollie live API key", "live_<base62:30>"),
  token("gocardless", "GoCardless live access token", "live_<base64url:40>"),
  assigned("binance", "Binance API secret", "binance", "<base62:64>"),
  assigned("infura", "Infura project secret", "infura", "<hex:32>"),
  assigned("alchemy", "Alchemy API key", "alchemy", "<base64url:32>"),
  assigned("etherscan", "Etherscan API key", "etherscan", "<upper36:34>"),
  assigned("ethereum", "Ethereum private key", "private_key|privatekey|private key", "0x<anyHex:64>", {
    kind: "PRIVATE_KEY",
  }),
  token("bitcoin-extended", "Bitcoin extended private key", "xprv<base58:107>", {
    ...wallet,
    cases: () => [toBase58Check(sampleBytes([0x04, 0x88, 0xad, 0xe4], 78))],
  }),
  assigned("bitcoin-wallet", "Bitcoin private key", "private|wif|wallet", "<base58:51-52>", {
    ...wallet,
    cases: () => [`wif_key = ${toBase58Check(sampleBytes([0x80], 33))}`],
  }),
  assigned("quickbooks", "QuickBooks client secret", "quickbooks|intuit", "<base62:40>"),
  assigned("xero", "Xero client secret", "xero", "<base64url:48>"),
  assigned("recurly", "Recurly private API key", "recurly", "<hex:32>"),
  assigned("checkout", "Checkout.com secret key", "checkout", "sk_<uuid>"),
];
