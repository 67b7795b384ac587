// Draws ids: events and sessions are named by the client.

/** A version 4 UUID. Not `crypto.randomUUID`, which pages without https do not have. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let digits = "";
  for (const byte of bytes) digits += (byte + 256).toString(16).slice(1);
  return digits.replace(/(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-4$3-8$4-");
}
