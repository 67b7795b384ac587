// What the browser is called.

const NAMES: Record<string, string> = { E: "edge", O: "opera", F: "firefox", C: "chrome", S: "safari" };

/** Every browser also calls itself by the names of older ones: its own comes last, but Safari's. */
export function browserName(userAgent: string): string {
  const marks = userAgent.match(/Edg|OPR|Firefox|FxiOS|CriOS|Chrom/g) ?? userAgent.match(/Safari/) ?? "";
  return NAMES[marks[marks.length - 1]?.[0] ?? ""] ?? "other";
}
