// Every kind of rules that has a screen, in the order in which they work.

import { computedTraits } from "./computed-traits";
import { consentTypes } from "./consent-types";
import { currencies } from "./currencies";
import { eventTypes } from "./event-types";
import { functions } from "./functions";
import type { Kind } from "./kind";
import { mappings } from "./mappings";
import { privacy } from "./privacy";
import { reshapings } from "./reshapings";
import { trackingPlans } from "./tracking-plans";
import { validators } from "./validators";

/** Those about events. */
export const OF_EVENTS: readonly Kind[] = [trackingPlans, validators, reshapings, functions, privacy, eventTypes, currencies, mappings, consentTypes];

export const KINDS: readonly Kind[] = [...OF_EVENTS, computedTraits];

/** The kind whose screen, or whose one rule's screen, is at this path. */
export const kindAt = (path: string): Kind | undefined => KINDS.find((kind) => path === kind.path || path.startsWith(`${kind.path}/`));
