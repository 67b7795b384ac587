// Hands the profile over in links to the owner's other sites.
import { guarded } from "./guard.js";

export function bindLinks(
  domains: string[] | undefined,
  source: string,
  profile: () => string | undefined,
): void {
  if (!domains?.length) return;
  const hand = guarded((event: Event) => {
    const link = (event.target as Element | null)?.closest?.<HTMLAnchorElement>("a[href]");
    const id = link && isListed(link, domains) && profile();
    if (!id) return;
    const url = new URL(link.href);
    url.searchParams.set("__tr_pid", id);
    url.searchParams.set("__tr_src", source);
    link.href = url.href;
  });
  // Before the page's own handlers, which may navigate; the second is the middle button's.
  for (const click of ["click", "auxclick"]) document.addEventListener(click, hand, true);
}

/** The domain itself and what is below it, not whatever ends alike: that could be anybody's. */
function isListed(link: HTMLAnchorElement, domains: string[]): boolean {
  const host = "." + link.hostname;
  if (link.host === location.host) return false;
  return domains.some((domain) => host.endsWith("." + domain.replace(/^\./, "").toLowerCase()));
}
