// What pages may ask for beside sending: policy, links that hand over, more in the context.
import type { Answer, Properties, Ux } from "../types.js";
import type { Lent } from "../parts.js";
import { aboutVisitor } from "./about.js";
import { bindLinks, createPass } from "./links.js";
import { CATEGORIES, createPolicy, type Policy } from "./policy.js";
import { pageNonce } from "../nonce.js";
import { fetchExternal, fetchLocation, forgetFetched } from "./remote.js";
import { showUx } from "./ux.js";

export interface Extras extends Policy {
  /** Resolves when all that is fetched is there, or has failed. Only for who has agreed. */
  prepare(): Promise<unknown>;
  /** More of a payload's context. */
  about(): Properties;
  answered(answer: Answer): void;
  show(items: Ux[]): void;
  /** Of the visitor; what is fetched is fetched anew for the next. `whole`: also what they have said. */
  forget(whole?: boolean): void;
}

export default function start(lent: Lent): Extras {
  const { kith, setup, attempt, allowed, identity, kept } = lent;
  const { context = {}, external, trackExternalLinks } = setup;
  const pass = createPass(kept, identity);
  attempt(() => bindLinks(trackExternalLinks, setup.source, () => kith.ids().profile, pass.now));
  let preparing: Promise<unknown> | undefined;
  let visitor = {};

  function prepare(): Promise<unknown> {
    const asked = visitor;
    const isStill = () => allowed() && asked === visitor;
    if (!preparing) void fetchLocation(context.location, isStill).catch(() => undefined);
    // What the next visitor says waits for what is fetched for them.
    const next = () => (asked !== visitor && allowed() ? prepare() : undefined);
    return (preparing ??= fetchExternal(external, isStill).catch(() => undefined).then(next));
  }

  return {
    ...createPolicy(lent),
    prepare,
    about: () => aboutVisitor(context, external),
    answered: ({ profile }) => trackExternalLinks && pass.keep(profile),
    show: (items) => showUx(items, setup.nonce ?? pageNonce(lent.own)),
    forget: (whole) => {
      forgetFetched(external);
      if (whole) kept.forget(CATEGORIES);
      pass.forget();
      visitor = {};
      preparing = undefined;
    },
  };
}
