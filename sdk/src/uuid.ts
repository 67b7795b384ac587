// Draws ids: events and sessions are named by the client.

/** A version 4 UUID. Not `crypto.randomUUID`, which pages without https do not have. */
export function uuid(): string {
  const digit = () => (crypto.getRandomValues(new Uint8Array(1))[0]! & 15).toString(16);
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, digit);
}
