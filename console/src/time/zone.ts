// Time zones: what a moment is called in one, and which moment a wall clock's time is there.

/** What the browser is set to. */
export const LOCAL = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const ZONES: readonly string[] = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

export const isZone = (text: string): boolean => {
  try {
    return Boolean(Intl.DateTimeFormat("en", { timeZone: text }));
  } catch {
    return false;
  }
};

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let known = formats.get(zone);
  if (!known) {
    known = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    });
    formats.set(zone, known);
  }
  return known;
}

/** A wall clock: year, month (1 to 12), day, hour, minute, second. */
export type Wall = [number, number, number, number, number, number];

export function wall(moment: Date, zone: string): Wall {
  const parts = Object.fromEntries(format(zone).formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  return [parts.year ?? 0, parts.month ?? 0, parts.day ?? 0, parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0];
}

const utc = ([year, month, day, hour, minute, second]: Wall) => Date.UTC(year, month - 1, day, hour, minute, second);

/** The moment at which the clock there shows this. Of an hour that comes twice, the first; of one that is left out, the moment after. */
export function moment(clock: Wall, zone: string): Date {
  const wanted = utc(clock);
  // The offset before and after: around a change of the clocks they differ.
  const offsets = [wanted - 86_400_000, wanted + 86_400_000].map((near) => utc(wall(new Date(near), zone)) - near);
  const fits = offsets.map((offset) => wanted - offset).filter((at) => utc(wall(new Date(at), zone)) === wanted);
  return new Date(fits.length > 0 ? Math.min(...fits) : wanted - Math.min(...offsets));
}

const two = (number: number) => String(number).padStart(2, "0");

/** `2026-01-05 10:00:00` in this zone. */
export function shown(at: string | Date, zone: string, precision: "day" | "minute" | "second" = "second"): string {
  const date = typeof at === "string" ? read(at) : at;
  if (Number.isNaN(date.getTime())) return String(at);
  const [year, month, day, hour, minute, second] = wall(date, zone);
  const text = `${year}-${two(month)}-${two(day)}`;
  if (precision === "day") return text;
  return `${text} ${two(hour)}:${two(minute)}${precision === "second" ? `:${two(second)}` : ""}`;
}

/** A moment as Kith writes it: RFC 3339, and in answers to SQL as DuckDB does (`2026-01-05 10:00:00+00`). */
export function read(text: string): Date {
  return new Date(text.replace(" ", "T").replace(/(:\d\d(?:\.\d+)?)([+-]\d\d)$/, "$1$2:00"));
}

/** `+01:00` at this moment. */
export function offset(at: Date, zone: string): string {
  const minutes = Math.round((utc(wall(at, zone)) - Math.floor(at.getTime() / 1000) * 1000) / 60_000);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "−" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
