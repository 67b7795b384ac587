// Hands the profile over in links to the owner's other sites.
import { guarded, possibly } from "../guard.js";
import type { Identity } from "../identity.js";
import type { Keep } from "../names.js";
import type { Answer } from "../types.js";

const PASS = "kith-pass";

/** What proves to another site of the owner that the server has named this profile. */
export function createPass(kept: Keep, identity: Identity) {
  return {
    now(): string | undefined {
      const [id, signature] = (kept.read(PASS) ?? "").split(" ");
      return id === identity.profile() ? signature : undefined;
    },
    keep(profile: Answer["profile"] | undefined): void {
      const signature = profile?.["pass"];
      if (typeof signature === "string") kept.write(PASS, profile!.id + " " + signature);
    },
    forget: () => kept.forget(PASS),
  };
}

export function bindLinks(
  domains: string[] | undefined,
  source: string,
  profile: () => string | undefined,
  pass: () => string | undefined,
): void {
  if (!domains?.length) return;
  const hand = guarded((event: Event) => {
    const link = linkOf(event);
    const id = link && isListed(link, domains) && profile();
    if (!id) return;
    const url = new URL(link.href);
    url.searchParams.set("__tr_pid", id);
    url.searchParams.set("__tr_src", source);
    const signature = pass();
    if (signature) url.searchParams.set("__tr_sig", signature);
    link.href = url.href;
  });
  // Before the page's own handlers, which may navigate; the second is the middle button's.
  for (const click of ["click", "auxclick"]) document.addEventListener(click, hand, true);
}

/** Also where the link lies in a component's shadow, which hides what was hit. */
export function linkOf(event: Event): HTMLAnchorElement | undefined {
  const path = event.composedPath() as HTMLAnchorElement[];
  return path.find((element) => element.matches?.("a[href]") && typeof element.href === "string");
}

/** As browsers have it, whatever people write around a domain: a scheme, a star, a port, a path. */
const hostOf = (domain: string) =>
  possibly(() => new URL("http://" + domain.replace(/^((.*:)?\/\/)?(\*?\.)?/, "")).hostname);

/** The domain itself and what is below it, not whatever ends alike: that could be anybody's. */
function isListed(link: HTMLAnchorElement, domains: string[]): boolean {
  const host = "." + link.hostname;
  if (link.host === location.host) return false;
  return domains.some((domain) => host.endsWith("." + hostOf(domain)));
}
