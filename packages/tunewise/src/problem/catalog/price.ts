/** @file Problems of prices. Data only. */

export const priceProblems = {
  PRICES_FILE_NOT_FOUND: {
    title: "Price file not found",
    message: "{path} does not exist or cannot be read",
    fix: "Correct the name of the price file; it is read relative to the recipe's folder",
    exitCode: 64,
    docs: "You named a price file that does not exist. Without a name, `prices.yaml`, `prices.yml`, `prices.json` and `prices.csv` beside the recipe are tried. All of them are optional.",
  },
  PRICES_FILE_INVALID: {
    title: "Price file not usable",
    message: "{path} cannot be used: {reason}",
    fix: "Write lists of rows under machines, training and inference, as docs/prices.md shows",
    exitCode: 64,
    docs: "The whole file is unusable: it is not YAML, JSON or a table with a header, or it is too large. Single bad rows have findings of their own. A stored update that cannot be used is ignored, and `tunewise prices update` writes a new one.",
  },
  PRICE_KEY_UNKNOWN: {
    title: "Unknown key in a price row",
    message: "{key} is not a key of {section}",
    fix: "{fix}",
    exitCode: 64,
    docs: "A mistyped key would silently drop a price, so it is an error.",
  },
  PRICE_VALUE_INVALID: {
    title: "Value in a price row not usable",
    message: "{key} must be {expected}, not {found}",
    fix: "Correct {key}",
    exitCode: 64,
    docs: "Prices are above zero: a machine that costs nothing needs no row, and a negative price is a mistake. Counts are whole numbers from 1. Dates have the form 2026-11-25.",
  },
  PRICE_DEVICE_UNKNOWN: {
    title: "Unknown device in a price row",
    message: "{name} is not in the table of devices",
    fix: "{fix}",
    exitCode: 64,
    docs: "tunewise plans time and memory from the device's speed and memory size, so a price for an unknown device cannot be used.",
  },
  PRICE_RATE_MISSING: {
    title: "Exchange rate missing",
    message: "{key} is in {currency}, but the file does not state the value of one {currency} in dollars",
    fix: "usd_per_{code}: 1.08",
    exitCode: 64,
    docs: "tunewise calculates costs in dollars. It does not guess or fetch exchange rates; the price file states the rate at its top.",
  },
  PRICE_ROWS_REFUSED: {
    title: "Rows of a price list left out",
    message: "{source}: {rows} left out, {reason}; first {first}",
    fix: "tunewise prices list --json",
    exitCode: 2,
    docs: "Public lists contain rows that cannot be right: zero prices, values that are not numbers, unknown GPUs. Each such row is left out.",
  },
  PRICE_BELOW_SPOT: {
    title: "On-demand prices below spot",
    message: "{source}: {rows} left out, on-demand price below spot price; first {first}",
    fix: "tunewise prices list --json",
    exitCode: 2,
    docs: "A machine that may be reclaimed does not cost more than one that may not. Lists fill gaps with fallback values. If the two prices contradict each other, neither is used.",
  },
  PRICE_SPOT_DOUBTFUL: {
    title: "Spot prices that are not market prices",
    message:
      "{source}: the spot price of {rows} left out, exactly the on-demand price or a tenth or 11 % of it; first {first}",
    fix: "tunewise prices list --spot",
    exitCode: 2,
    docs: "A spot price that equals the on-demand price, or is exactly a tenth of it (11 % on Azure), is the list's minimum or placeholder value, not a market price.",
  },
  PRICES_STALE: {
    title: "Prices are old, or may be",
    message:
      "{rows} of {total} prices shown are older than {days} days, or may be, because their source has no date",
    fix: "tunewise prices update",
    exitCode: 2,
    docs: "Machine prices change by tens of percent within months. A plan made from old prices says so. An update, or your own price file, replaces them.",
  },
  PRICES_CATALOG_UNREADABLE: {
    title: "Price list cannot be read",
    message: "{source} cannot be read: {reason}",
    fix: "tunewise prices update",
    docs: "A public price list changed its layout, was truncated, or is not the file expected at its address. Prices stored earlier stay unchanged.",
  },
  PRICES_SOURCE_FAILED: {
    title: "A price list could not be updated",
    message: "{source}: {reason}",
    fix: "Try tunewise prices update again later; the earlier prices stay in use",
    docs: "Lists are fetched one by one. If one fails, the others are still updated, and its earlier prices are kept with their date.",
  },
  PRICES_UPDATE_FAILED: {
    title: "No price list could be updated",
    message: "none of {sources} price lists could be updated: {reason}",
    fix: "Check the network, or give the address of a mirror: tunewise prices update --from URL",
    docs: "Nothing was stored; the earlier prices stay in use. With HF_HUB_OFFLINE=1 tunewise does not use the network at all.",
  },
} as const;
