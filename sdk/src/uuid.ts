// Draws ids: events and sessions are named by the client.

/** A version 4 UUID. Not `crypto.randomUUID`, which pages without https do not have. */
export function uuid(): string {
  const digit = () => (crypto.getRandomValues(new Uint8Array(1))[0]! & 15).toString(16);
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, digit);
}

const BEGIN = uuid().slice(0, 29);
/** As many digits as are left; small numbers become texts much faster than large ones. */
let count = 2e7;

/** The next of a row that is this page's alone: drawing takes longer than all else about an event. */
export const nextId = (): string => BEGIN + (count++).toString(16);
