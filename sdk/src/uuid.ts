// Draws ids: events and sessions are named by the client.

/** A version 4 UUID, also on pages without https, which cannot ask for one. */
export function uuid(): string {
  const digit = () => (crypto.getRandomValues(new Uint8Array(1))[0]! & 15).toString(16);
  return crypto.randomUUID?.() ?? "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, digit);
}
