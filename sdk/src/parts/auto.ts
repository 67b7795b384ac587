// What is measured by itself: views, links, clicks, forms, scrolling, time, errors.
import type { Lent } from "../parts.js";
import { measureErrors } from "./errors.js";
import { measureForms } from "./forms.js";
import { measureClicks } from "./clicks.js";
import { measureViews } from "./views.js";

export default function start(lent: Lent): void {
  for (const measure of [measureViews, measureClicks, measureForms, measureErrors]) {
    lent.attempt(() => measure(lent));
  }
}
