/** @file Where to train: a ranked list, with what fits and what would have to change. */
import { durationText, fineMoneyText, moneyText } from "../../format.ts";
import { linkTo, location } from "../../location.ts";
import { placeKey, type ShownPlan } from "./shown.ts";

/** Places shown initially. */
const fewPlaces = 8;

/** The places of a plan; a click shows the cost of one. */
export function Places({
  plan: { places, best },
  shown,
}: {
  readonly plan: ShownPlan;
  readonly shown: string;
}) {
  const { path, fields } = location.value;
  const isAll = fields.get("places") === "all";
  const listed = isAll ? places : places.slice(0, fewPlaces);
  const all = Object.fromEntries(fields);
  return (
    <section class="card">
      <h2>Places</h2>
      <div class="scrolls tall places">
        <table>
          <thead>
            <tr>
              <th>place</th>
              <th>by</th>
              <th>fits</th>
              <th class="number">P50</th>
              <th class="number">P90</th>
              <th class="number">a run</th>
              <th class="number">$ an hour</th>
              <th>what would have to change</th>
            </tr>
          </thead>
          <tbody>
            {listed.map((place, at) => {
              const key = placeKey(place);
              return (
                <tr key={key}>
                  <td>
                    <a
                      href={linkTo(path, { ...all, place: key })}
                      aria-current={key === shown ? "true" : undefined}
                    >
                      {place.name}
                    </a>
                    {at === best && " (recommended)"}
                  </td>
                  <td>
                    {place.provider} {place.pricing === "own" ? "" : place.pricing}
                  </td>
                  <td class={{ yes: "good", tight: "warn", no: "bad" }[place.fits]}>{place.fits}</td>
                  <td class="number">{place.total && fineMoneyText(place.total.p50)}</td>
                  <td class="number">{place.total && fineMoneyText(place.total.p90)}</td>
                  <td class="number">{durationText(place.seconds?.expected)}</td>
                  <td class="number">
                    {place.pricing === "per-token" ? "" : moneyText(place.micro_usd_per_hour)}
                  </td>
                  <td>{place.change ?? ""}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {places.length > fewPlaces && (
        <a href={linkTo(path, { ...all, places: isAll ? "" : "all" })}>
          {isAll ? "Only the first" : `All ${places.length}`}
        </a>
      )}
    </section>
  );
}
