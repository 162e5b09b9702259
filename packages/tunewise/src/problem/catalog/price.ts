/** @file Problems of prices. Data only. */

export const priceProblems = {
  PRICES_FILE_NOT_FOUND: {
    title: "Price file not found",
    message: "{path} does not exist or cannot be read",
    fix: "Correct the name of the price file; it is read relative to the recipe's folder",
    exitCode: 64,
    docs: "A price file was named that is not there. Without a name, `prices.yaml`, `prices.yml`, `prices.json` and `prices.csv` beside the recipe are tried, and all are optional.",
  },
  PRICES_FILE_INVALID: {
    title: "Price file not usable",
    message: "{path} cannot be used: {reason}",
    fix: "Write lists of rows under machines, training and inference, as docs/prices.md shows",
    exitCode: 64,
    docs: "The file as a whole is unusable: not YAML, JSON or a table with a header, or too large. Single bad rows are findings of their own. A stored update that cannot be used is left out, and `tunewise prices update` writes a new one.",
  },
  PRICE_KEY_UNKNOWN: {
    title: "Unknown key in a price row",
    message: "{key} is no key of {section}",
    fix: "{fix}",
    exitCode: 64,
    docs: "A mistyped key would silently leave a price out, so it is an error.",
  },
  PRICE_VALUE_INVALID: {
    title: "Value in a price row not usable",
    message: "{key} must be {expected}, not {found}",
    fix: "Correct {key}",
    exitCode: 64,
    docs: "Prices are above zero: a machine that costs nothing needs no row, and a minus is a slip. Counts are whole numbers from 1, dates are written as 2026-11-25.",
  },
  PRICE_DEVICE_UNKNOWN: {
    title: "Unknown device in a price row",
    message: "{name} is not in the table of devices",
    fix: "{fix}",
    exitCode: 64,
    docs: "Time and memory are planned from the device's speed and size, so a price for a device that is not known cannot be used.",
  },
  PRICE_RATE_MISSING: {
    title: "Exchange rate missing",
    message: "{key} is in {currency}, and the file does not say what one {currency} is in dollars",
    fix: "usd_per_{code}: 1.08",
    exitCode: 64,
    docs: "Costs are reckoned in dollars. tunewise does not guess or fetch exchange rates; the price file states the one to use, at its top.",
  },
  PRICE_ROWS_REFUSED: {
    title: "Rows of a price list left out",
    message: "{source}: {rows} left out, {reason}; first {first}",
    fix: "tunewise prices list --json",
    exitCode: 2,
    docs: "Public lists hold rows that cannot be right: prices of zero, numbers that are none, cards that are not known. They are left out one by one.",
  },
  PRICE_BELOW_SPOT: {
    title: "On-demand prices below spot",
    message: "{source}: {rows} left out, on demand they cost less than as spot; first {first}",
    fix: "tunewise prices list --json",
    exitCode: 2,
    docs: "A machine that may be taken away does not cost more than one that may not. Lists fill gaps with fallback values; where the two prices contradict each other, neither is used.",
  },
  PRICE_SPOT_DOUBTFUL: {
    title: "Spot prices that are no market prices",
    message:
      "{source}: the spot price of {rows} left out, exactly the on-demand price or a tenth or 11 % of it; first {first}",
    fix: "tunewise prices list --spot",
    exitCode: 2,
    docs: "A spot price that equals the on-demand price, or is exactly a tenth of it (11 % on Azure), is the list's floor or filler and not what the market asks.",
  },
  PRICES_STALE: {
    title: "Prices are old, or may be",
    message:
      "{rows} of {total} prices shown are older than {days} days, or may be, since their source states no day",
    fix: "tunewise prices update",
    exitCode: 2,
    docs: "Machine prices move by tens of percent within months. A plan made from old prices says so; an update, or a price file of your own, replaces them.",
  },
  PRICES_CATALOG_UNREADABLE: {
    title: "Price list cannot be read",
    message: "{source} cannot be read: {reason}",
    fix: "tunewise prices update",
    docs: "A public price list changed its layout, was cut off, or is not what its address promises. What was stored before stays as it is.",
  },
  PRICES_SOURCE_FAILED: {
    title: "A price list could not be updated",
    message: "{source}: {reason}",
    fix: "Try tunewise prices update again later; the prices of before stay in use",
    docs: "Lists are fetched one by one. One that fails does not hinder the others, and its earlier prices are kept with their date.",
  },
  PRICES_UPDATE_FAILED: {
    title: "No price list could be updated",
    message: "none of {sources} price lists could be updated: {reason}",
    fix: "Check the network, or give the address of a mirror: tunewise prices update --from URL",
    docs: "Nothing was stored; the prices of before stay in use. With HF_HUB_OFFLINE=1 the network is not asked at all.",
  },
} as const;
