/** @file Rules for payment, shops and money. Public (publishable) keys are meant to be seen and have no rule. */
import { isBase58Check, toBase58Check } from "../proofs.ts";
import { assigned, type SecretRule, token } from "../rule.ts";

const wallet = { kind: "PRIVATE_KEY", accepts: isBase58Check } as const;
const sampleBytes = (head: number[], length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => head[index] ?? (index * 89 + 41) % 251);

/** Payment, shops, exchanges, wallets. */
export const paymentRules: readonly SecretRule[] = [
  token("paystack", "Paystack secret key", "sk_live_<hex:40>"),
  token("stripe-live", "Stripe secret key", "sk_live_<base62:24-247>"),
  token("stripe-restricted", "Stripe restricted key", "rk_live_<base62:24-247>"),
  token("stripe-test", "Stripe test key", "sk_test_<base62:24-247>", { severity: "warning" }),
  token("stripe-restricted-test", "Stripe restricted test key", "rk_test_<base62:24-247>", {
    severity: "warning",
  }),
  token("stripe-webhook", "Stripe webhook signing secret", "whsec_<base64:32-64>"),
  token("square-access", "Square access token", "sq0atp-<base64url:22>"),
  token("square-secret", "Square OAuth secret", "sq0csp-<base64url:43>"),
  token("square-production", "Square production access token", "EAAAE<base64url:59>"),
  token("braintree", "Braintree or PayPal access token", "access_token$production$<lower36:16>$<hex:32>"),
  assigned("paypal", "PayPal client secret", "paypal", "E<base64url:79>"),
  assigned("adyen", "Adyen API key", "adyen", "AQE<base64:60-200>-<base64:20-60>=-<base64url:10-30>"),
  assigned("plaid", "Plaid secret", "plaid", "<hex:30>"),
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
  token("shopify-access", "Shopify access token", "shpat_<anyHex:32>"),
  token("shopify-custom", "Shopify custom app token", "shpca_<anyHex:32>"),
  token("shopify-private", "Shopify private app token", "shppa_<anyHex:32>"),
  token("shopify-secret", "Shopify shared secret", "shpss_<anyHex:32>"),
  assigned("etsy", "Etsy API key", "etsy", "<lower36:24>"),
  token("shippo", "Shippo live API token", "shippo_live_<hex:40>"),
  token("easypost", "EasyPost API key", "EZAK<base62:54>"),
  token("easypost-test", "EasyPost test API key", "EZTK<base62:54>", { severity: "warning" }),
  token("duffel", "Duffel live token", "duffel_live_<base64url:43>"),
  assigned("coinbase", "Coinbase access token", "coinbase", "<base64url:64>"),
  assigned("binance", "Binance API secret", "binance", "<base62:64>"),
  assigned("kraken", "Kraken private key", "kraken", "<base64:86>=="),
  assigned("kucoin", "KuCoin API secret", "kucoin", "<uuid>"),
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
