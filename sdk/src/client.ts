// Ties it together: what a page says, permission, the queue, and what the server answers.
import type { Consent, Ids, InitOptions, Payload, TrackOptions } from "./types.js";
import type { Lent, LoadPart, PageKith } from "./parts.js";
import type { Extras } from "./parts/extras.js";
import type { Setup } from "./setup.js";
import { createEvents, textOf, VIEW } from "./event.js";
import { attempt, guarded, warn } from "./guard.js";
import { createIdentity } from "./identity.js";
import { createLosses, LOST } from "./losses.js";
import { perMoment } from "./moment.js";
import { createKeep } from "./names.js";
import { own } from "./nonce.js";
import { createOutbox, type Entry } from "./outbox.js";
import { createPack, type Packed } from "./payload.js";
import { passOf, SPENT } from "./page.js";
import { documentReady } from "./ready.js";
import { createPermissions, isNamed, type Permission } from "./permission.js";
import { CONSENT, createRanked } from "./ranked.js";
import { createSender } from "./sender.js";
import { createSession } from "./session.js";
import type { Reply } from "./transport.js";
import { uuid } from "./uuid.js";

export interface Client {
  /** Whoever wants to hear of it hears what is known in the end: the server's answer, or the whole reply. */
  track(type: string, properties?: unknown, options?: TrackOptions, known?: Known): void;
  consent(consent: Consent): void;
  reset(): void;
  ids(): Ids;
}

/** Who hears of an event, and the visit and the person that it is of, where these are not those of now. */
export type Known = Partial<Pick<Entry, "hear" | "whole" | "session" | "profile">>;

/** Longer than most answers take, and shorter than anybody waits. */
export const ANSWER_MS_MAX = 10000;
/** Calls of one moment go out together. */
const GATHER_MS = 50;
const HELD_CHARACTERS_MAX = 1e6;
const CONSENT_UPDATE = "consent-update";

export function createClient(setup: Setup, kith: PageKith, load: LoadPart): Client {
  const context = setup.context ?? {};
  const kept = createKeep(setup);
  const permissions = createPermissions(setup, kept, forget);
  const session = createSession(kept, setup);
  const identity = createIdentity(kept);
  const losses = createLosses(kept);
  const outbox = createOutbox(kept.of(setup.source), lose, conclude);
  const events = createEvents(setup, kept);
  /** What happened before the visitor was asked, in memory only. */
  const held = createRanked<Entry>(HELD_CHARACTERS_MAX, lose);
  /** One timer for all that happens in one moment. */
  const inTime = perMoment(() => {
    const calls: Entry[] = [];
    setTimeout(() => calls.forEach(conclude), ANSWER_MS_MAX);
    return calls;
  });
  let extras: Extras | undefined;
  /** What the parts have stored before they came is of somebody else, or must not be. */
  let stale = false;
  const allowed = () => permissions.state() === "yes";
  const asks = (names: string) =>
    names.split(" ").some((name) => ({ ...setup, ...context })[name as keyof InitOptions]);
  /** Events wait for the part that knows what the page wants of them. */
  const asksPolicy = asks("beforeSend categories maskQuery ga performance");
  const isWaiting = () => asksPolicy && !extras;

  const sender = createSender({
    url: setup.url,
    outbox,
    pack: createPack(setup, kept, session, identity, () => extras?.about()),
    isFine: ({ final }) => !!final || allowed(),
    mayGo,
    prepared,
    heard: answered,
    settle,
  });

  function lose(entry: Entry): void {
    losses.count(entry);
    drop(entry);
  }

  /** Whoever waits for it hears what is known, and nobody twice. */
  function conclude({ hear, whole, latest }: Entry): void {
    hear?.(whole ? latest : latest?.data);
  }

  function settle(entry: Entry, reply: Reply): void {
    if (!reply.ok) attempt(() => setup.onFailure?.());
    entry.latest = reply;
    if (!reply.again) conclude(entry);
  }

  /** Takes down what happened, as it is at this moment; no copies, no calls that stay: pages track in loops. */
  function track(type: string, properties?: unknown, options?: TrackOptions, known?: Known): void {
    try {
      const entry = Object.assign(events.of(type, properties, options), known);
      const permission = permit(entry);
      if (permission !== "no") {
        inTime().push(entry);
        return permission === "yes" ? enter(entry) : held.add(entry);
      }
    } catch (error) {
      warn(error);
    }
    known?.hear?.();
  }

  function enter(entry: Entry): void {
    if (asksPolicy) {
      entry.text = extras!.finish(textOf(entry)) ?? "";
      entry.size = entry.text.length;
      if (!entry.size) return conclude(entry);
    }
    entry.session ||= session.touch();
    outbox.add(entry);
    const { asBeacon, fire } = entry.options ?? {};
    if (asBeacon) conclude(entry);
    if (asBeacon || fire) sender.fire(entry);
    else sender.wake(GATHER_MS);
  }

  /** What the visitor has said, to us and to what events of this type are for. */
  function permit({ type, options }: Entry): Permission {
    const permission = permissions.state();
    if (permission !== "yes" || !asksPolicy) return permission;
    return extras ? extras.permits(type, options?.category) : "wait";
  }

  /** Lets go what was held, each according to what the visitor has said. */
  function release(): void {
    for (const entry of held.all()) {
      const permission = permit(entry);
      if (permission === "no") drop(entry);
      if (permission !== "yes") continue;
      held.remove(entry);
      attempt(() => enter(entry));
    }
  }

  /** What must not be sent any more is dropped; what was lost is told with what can be. */
  function mayGo(): boolean {
    if (!allowed()) dropAll();
    else if (!isWaiting()) {
      const types = losses.tell();
      if (types) track(LOST, { types });
    }
    return !!outbox.all().length;
  }

  function drop(entry: Entry): void {
    held.remove(entry);
    outbox.remove(entry);
    conclude(entry);
  }

  /** All but refusals. */
  function dropAll(): void {
    for (const entry of outbox.all()) if (!entry.final) drop(entry);
  }

  function answered({ data }: Reply, { items, session: sent, text }: Packed): void {
    if (!allowed()) return;
    const { profile, session: other, ux } = data!;
    // Of somebody before, where it is pinned.
    if (items[0]!.profile === undefined) {
      if (profile?.id) identity.keep(profile.id);
      extras?.answered(data!);
      // Answers about an earlier visit say nothing about this one.
      if (other?.id && session.current() === sent && other.id !== sent) session.keep(other.id);
    }
    if (setup.ux !== false && ux?.length) loadExtras().then(({ show }) => show(ux)).catch(warn);
    setup.onAnswer?.(data!, JSON.parse(text) as Payload);
  }

  function consent(given: Consent): void {
    const named = isNamed(given);
    const update = named ? { consents: given, partial: true } : { consents: {} };
    const verdict = permissions.verdict(given);
    if (verdict === false) refuse(update);
    else {
      permissions.hear(given, verdict);
      if (named) track(CONSENT_UPDATE, update);
      release();
    }
    sender.wake(0);
  }

  function refuse(update: object): void {
    const last = attempt(() => withdrawal(update));
    forget();
    permissions.refuse();
    if (last) outbox.add(last);
  }

  /**
   * Who has agreed before may be on file with it: that is taken back, whenever it can be. It has nothing of
   * the page, which could have something to hide in it, nor to say to it.
   */
  function withdrawal(said: object): Entry | undefined {
    const profile = identity.profile();
    if (!allowed() || !(profile || outbox.all()[0]?.rank === CONSENT)) return undefined;
    return Object.assign(events.of(CONSENT_UPDATE, said), {
      session: session.current() ?? uuid(),
      profile: profile ?? "",
      final: true,
      carry: "{}",
      place: "{}",
    });
  }

  function forget(here?: boolean): void {
    held.all().forEach(drop);
    dropAll();
    outbox.clear();
    losses.forget();
    part(true, here);
    setup.onForget?.();
  }

  /** From the visitor; `whole`: also from their device. */
  function part(whole?: boolean, here?: boolean): void {
    session.forget(here);
    identity.forget(whole, here);
    stale = !extras;
    extras?.forget(whole);
  }

  function reset(): void {
    // The view ends with the visitor.
    setup.onLeave?.();
    const before = { session: session.current() ?? uuid(), profile: identity.profile() ?? "" };
    outbox.pin(before.profile);
    for (const entry of held.all()) if (!entry.session) Object.assign(entry, before);
    const pass = passOf();
    if (pass) kept.write(SPENT, pass, allowed());
    part();
  }

  function ids(): Ids {
    if (!allowed()) return {};
    return { session: session.current(), profile: setup.profile || identity.profile() };
  }

  const lent: Lent = { kith, setup, attempt, allowed, identity, kept, words: permissions.words, track, own };

  async function loadExtras(): Promise<Extras> {
    const part = await load("extras");
    if (!extras) {
      extras = part(lent) as Extras;
      // The visitor may have refused at an earlier page.
      if (stale || permissions.state() === "no") extras.forget(!allowed());
      release();
    }
    return extras;
  }

  async function prepared(): Promise<void> {
    const isAsked = asksPolicy || asks("external trackExternalLinks cookies location storage");
    if (!isAsked) return documentReady();
    // Fetched while the page is: what waits for it is lost with the page.
    const { prepare } = await loadExtras().finally(documentReady);
    if (allowed()) await prepare();
  }

  async function start(): Promise<void> {
    listen();
    sender.wake(GATHER_MS);
    if (permissions.state() === "no") return;
    if (allowed()) session.touch();
    attempt(() => setup.onInit?.(ids()));
    prepared().catch(warn);
    await documentReady();
    measure();
    for (const [type, properties] of setup.events ?? []) track(type, properties);
  }

  /** The first view is counted here, since the rest of it may come too late. */
  function measure(): void {
    lent.url = location.href;
    if (setup.auto?.views) track(VIEW);
    if (asks("auto triggers")) load("auto").then((part) => part(lent)).catch(warn);
  }

  function listen(): void {
    const send = guarded(() => {
      // What another tab has taken from the storage, as a refusal does, is not put back.
      outbox.homeless();
      release();
      sender.wake(0);
    });
    addEventListener("pagehide", guarded(leave));
    // What was said in another tab counts here, too. Listened for before the page does, whose handlers may end it.
    for (const change of "pageshow storage visibilitychange".split(" ")) addEventListener(change, send, true);
    addEventListener("online", guarded(sender.online));
  }

  function leave(): void {
    setup.onLeave?.();
    release();
    outbox.persist(Infinity);
    sender.leave();
    // The browser does not take these now, and there is no room to keep them.
    outbox.homeless().forEach(lose);
    mayGo();
    if (!allowed() || !isWaiting()) return;
    // Nobody can say whether and how these may go: not kept, but not silently.
    held.all().forEach(lose);
    losses.keep();
  }

  start().catch(warn);
  return { track, consent: guarded(consent), reset: guarded(reset), ids };
}
