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

/** What a drawing is made of, which a picture by itself has no style sheet for. */
const STYLES = ["fill", "fill-opacity", "stroke", "stroke-opacity", "opacity", "font-family", "font-size", "font-weight"];

/** The picture of a drawing, which is as large as it is, also where the page shows a part of it. */
export async function drawingPng(drawing: SVGSVGElement | null, title: string): Promise<Blob | null> {
  if (!drawing) return null;
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const parts = copy.querySelectorAll<SVGElement>("path, rect, text, tspan");
  drawing.querySelectorAll("path, rect, text, tspan").forEach((part, at) => {
    const styles = getComputedStyle(part);
    for (const name of STYLES) parts[at]?.setAttribute(name, styles.getPropertyValue(name));
  });
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  const [width, height] = [image.width + 2 * EDGE, image.height + TITLE + 3 * EDGE];
  const canvas = Object.assign(document.createElement("canvas"), { width: width * 2, height: height * 2 });
  const to = canvas.getContext("2d");
  if (!to) return null;
  to.scale(2, 2);
  ground(to, title, width, height);
  to.drawImage(image, EDGE, 2 * EDGE + TITLE);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function ground(to: CanvasRenderingContext2D, title: string, width: number, height: number): void {
  to.fillStyle = resolved("--card");
  to.fillRect(0, 0, width, height);
  to.fillStyle = resolved("--ink");
  to.font = `600 15px ${FONT}`;
  to.fillText(title, EDGE, EDGE + TITLE - 5, width - 2 * EDGE);
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
  ground(to, title, width, height);
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
