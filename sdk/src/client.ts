// Ties it together: what a page says, permission, the queue, and what the server answers.
import type { Answer, Consent, Ids, Payload, Properties, TrackOptions } from "./types.js";
import type { Setup } from "./setup.js";
import { attempt, guarded, warn } from "./guard.js";
import { keepProfile, profileId } from "./identity.js";
import { bindLinks } from "./links.js";
import { pageNonce } from "./nonce.js";
import { createOutbox } from "./outbox.js";
import { carried, eventContext } from "./page.js";
import { documentReady } from "./ready.js";
import { createPermissions, isGranted } from "./permission.js";
import { fetchExternal, fetchLocation } from "./remote.js";
import { createSender, type Settle } from "./sender.js";
import { currentSession, keepSession, touchSession } from "./session.js";
import type { Reply } from "./transport.js";
import { bindTriggers } from "./triggers.js";
import { uuid } from "./uuid.js";
import { showUx } from "./ux.js";

export interface Client {
  track(type: string, properties?: unknown, options?: TrackOptions): Promise<Reply | undefined>;
  consent(consent: Consent): void;
  ids(): Ids;
}

/** Calls of one moment go out together. */
const GATHER_MS = 50;
const HELD_MAX = 500;

export function createClient(setup: Setup): Client {
  const context = setup.context ?? {};
  const permissions = createPermissions(setup);
  const outbox = createOutbox(setup.source);
  const nonce = setup.nonce ?? pageNonce();
  const waiting = new Map<string, Settle>();
  /** What happened before the visitor was asked. In memory only. */
  let held: [enter: () => void, settle: Settle][] = [];
  let preparing: Promise<void> | undefined;
  const allowed = () => permissions.now() === "yes";

  const sender = createSender({
    setup,
    outbox,
    allowed,
    prepared: () => (preparing ??= prepare().catch(warn)),
    answered,
    waiting,
  });

  function track(type: string, properties?: unknown, options: TrackOptions = {}) {
    return new Promise<Reply | undefined>((resolve) => {
      const permission = permissions.now();
      const enter =
        permission !== "no" && attempt(() => entrance(type, properties, options ?? {}, resolve));
      if (!enter) return resolve(undefined);
      held.push([enter, resolve]);
      if (permission === "yes") release();
      else if (held.length > HELD_MAX) held.shift()![1]();
    });
  }

  /** Takes down what happened, as it is at this moment; the function brings it on its way. */
  function entrance(type: string, properties: unknown, options: TrackOptions, resolve: Settle) {
    const at = Date.now();
    const carry = carried(context);
    const event = eventOf(type, properties, options, eventContext(context));
    return () => {
      const entry = outbox.add({ at, session: touchSession(), carry, event, claimed: 0 });
      waiting.set(entry.key, resolve);
      if (options.asBeacon) return sender.launch(entry);
      if (options.fire) return sender.fire(entry);
      sender.wake(GATHER_MS);
    };
  }

  function release(): void {
    const entering = held;
    held = [];
    for (const [enter] of entering) attempt(enter);
  }

  function answered(answer: Answer | undefined, payload: Payload): void {
    if (!answer || !allowed()) return;
    takeOver(answer, payload);
    if (setup.ux !== false) showUx(answer.ux, nonce);
    setup.onAnswer?.(answer, payload);
  }

  function takeOver({ profile, session }: Answer, sent: Payload): void {
    if (profile?.id) keepProfile(profile.id);
    // Answers about an earlier visit say nothing about this one.
    const isOfNow = currentSession() === sent.session.id;
    if (session?.id && isOfNow && session.id !== sent.session.id) keepSession(session.id);
  }

  function consent(given: Consent): void {
    const before = permissions.now();
    const named = typeof given === "object" && { consents: given, partial: true };
    if (isGranted(given, setup.consent)) {
      permissions.grant();
      release();
      if (named) void track("consent-update", named);
      return sender.wake(0);
    }
    // Who has agreed before may be on file with it. It goes without waiting: nothing stays here.
    if (named && before === "yes") void track("consent-update", named, { asBeacon: true });
    permissions.refuse();
    for (const [, resolve] of held.splice(0)) resolve();
  }

  function ids(): Ids {
    if (!allowed()) return {};
    return { session: currentSession(), profile: setup.profile || profileId() };
  }

  async function prepare(): Promise<void> {
    await documentReady();
    fetchLocation(context.location, allowed).catch(warn);
    await fetchExternal(setup.external, allowed);
  }

  async function start(): Promise<void> {
    if (permissions.now() === "no") return;
    if (allowed()) touchSession();
    attempt(() => setup.onInit?.(ids()));
    listen();
    sender.wake(GATHER_MS);
    await documentReady();
    for (const [type, properties] of setup.events ?? []) void track(type, properties);
    attempt(() => bindTriggers(setup.triggers, track));
    bindLinks(setup.trackExternalLinks, setup.source, () => ids().profile);
  }

  function listen(): void {
    const send = guarded(() => sender.wake(0));
    addEventListener("pagehide", guarded(sender.leave));
    addEventListener("online", guarded(sender.online));
    document.addEventListener("visibilitychange", send);
  }

  start().catch(warn);
  return { track, consent: guarded(consent), ids };
}

function eventOf(
  type: string,
  properties: unknown,
  { context, ...options }: TrackOptions,
  about: Properties,
): Properties {
  if (!type || typeof type !== "string") throw new TypeError("no type");
  const event = {
    id: uuid(),
    type,
    time: { create: new Date().toISOString() },
    properties: isObject(properties) ? properties : {},
    options,
    context: { ...about, ...context },
  };
  // The page may go on changing what it gave us.
  return JSON.parse(JSON.stringify(event)) as Properties;
}

const isObject = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
