// What pages may ask for beside sending: policy, links that hand over, more in the context.
import type { Answer, Properties, Ux } from "../types.js";
import type { Lent } from "../parts.js";
import { aboutVisitor } from "./about.js";
import { bindLinks, createPass } from "./links.js";
import { CATEGORIES, createPolicy, type Policy } from "./policy.js";
import { fetchExternal, fetchLocation, forgetFetched } from "./remote.js";
import { showUx } from "./ux.js";

export interface Extras extends Policy {
  /** Resolves when all that is fetched is there, or has failed. Only for who has agreed. */
  prepare(): Promise<unknown>;
  /** More of a payload's context. */
  about(): Properties;
  answered(answer: Answer): void;
  show(items: Ux[], nonce: string | undefined): void;
  forget(): void;
}

export default function start(lent: Lent): Extras {
  const { kith, setup, attempt, allowed, identity, kept } = lent;
  const { context = {}, external, trackExternalLinks } = setup;
  const pass = createPass(kept, identity);
  attempt(() => bindLinks(trackExternalLinks, setup.source, () => kith.ids().profile, pass.now));
  let preparing: Promise<unknown> | undefined;

  function prepare(): Promise<unknown> {
    if (!preparing) void fetchLocation(context.location, allowed).catch(() => undefined);
    return (preparing ??= fetchExternal(external, allowed).catch(() => undefined));
  }

  return {
    ...createPolicy(lent),
    prepare,
    about: () => aboutVisitor(context, external),
    answered: ({ profile }) => trackExternalLinks && pass.keep(profile),
    show: showUx,
    forget: () => {
      forgetFetched(external);
      kept.forget(CATEGORIES);
      pass.forget();
    },
  };
}
