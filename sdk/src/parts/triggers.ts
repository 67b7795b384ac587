// Events that the visitor triggers on marked elements.
import type { Properties, Trigger } from "../types.js";
import { guarded } from "../guard.js";

type Track = (type: string, properties?: Properties) => void;

export function bindTriggers(triggers: Trigger[] = [], track: Track): void {
  for (const { tag, trigger, data } of triggers) {
    const fire = (more?: Properties) => track(data.event, { ...data.properties, ...more });
    const marked = "[data-tracardi-tag=" + JSON.stringify(tag) + "]";
    for (const element of document.querySelectorAll(marked)) guarded(bind)(element, trigger, fire);
  }
}

function bind(element: Element, trigger: string, fire: (more?: Properties) => void): void {
  if (trigger === "onVisible") whenVisible(element, fire);
  if (trigger === "onMouseOver") element.addEventListener("mouseover", guarded(() => fire()));
  if (trigger === "onTextSelect") element.addEventListener("pointerup", guarded(select));

  function select(): void {
    const text = String(getSelection() ?? "").trim();
    if (text) fire({ text });
  }
}

/** Once, when a tenth of it can be seen. */
function whenVisible(element: Element, fire: () => void): void {
  const observer = new IntersectionObserver(
    guarded((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      observer.disconnect();
      fire();
    }),
    { threshold: 0.1 },
  );
  observer.observe(element);
}
