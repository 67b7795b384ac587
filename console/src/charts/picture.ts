// A chart as a picture: what is drawn, on the page's own ground, with its title and who is who. Free of React.

import { colour, type Line } from "./time";

const EDGE = 16;
const TITLE = 20;
const ROW = 20;
const FONT = "system-ui, sans-serif";
/** Who is who, as far as there is room. */
const NAMES_MAX = 20;

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The colour of a token as it is in this scheme: a canvas knows no `light-dark()`. */
function resolved(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = token(name);
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** The picture of the chart in `place`; none while nothing is drawn there. */
export function png(place: HTMLElement | null, title: string, lines: readonly Line[]): Promise<Blob | null> {
  const drawn = place?.querySelector("canvas");
  if (!drawn) return Promise.resolve(null);
  const scale = drawn.width / drawn.clientWidth || 1;
  const names = lines.slice(0, NAMES_MAX);
  const [width, height] = [drawn.clientWidth + 2 * EDGE, drawn.clientHeight + TITLE + names.length * ROW + 3 * EDGE];
  const canvas = Object.assign(document.createElement("canvas"), { width: width * scale, height: height * scale });
  const to = canvas.getContext("2d");
  if (!to) return Promise.resolve(null);
  to.scale(scale, scale);
  to.fillStyle = resolved("--card");
  to.fillRect(0, 0, width, height);
  to.fillStyle = resolved("--ink");
  to.font = `600 15px ${FONT}`;
  to.fillText(title, EDGE, EDGE + TITLE - 5, width - 2 * EDGE);
  to.drawImage(drawn, EDGE, EDGE + TITLE, drawn.clientWidth, drawn.clientHeight);
  to.font = `13px ${FONT}`;
  names.forEach(({ name }, at) => {
    const y = EDGE * 2 + TITLE + drawn.clientHeight + at * ROW;
    to.fillStyle = colour(at);
    to.fillRect(EDGE, y, 10, 10);
    to.fillStyle = resolved("--ink");
    to.fillText(name, EDGE + 18, y + 10, width - 2 * EDGE - 18);
  });
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
