// A line over steps, drawn as SVG: axes with their ends named, nothing else.
const NS = "http://www.w3.org/2000/svg";
const W = 800, H = 220, LEFT = 56, RIGHT = 12, TOP = 10, BOTTOM = 24;

function element(name, attributes, text) {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

/** Draws points [[x, y], ...] of rising x; the y axis goes from low to high where they are given. */
export function draw(svg, points, { low, high, label }) {
  const finite = points.filter(([, y]) => Number.isFinite(y));
  if (finite.length === 0) return;
  const xMost = Math.max(1, finite.at(-1)[0]);
  const yLeast = low ?? Math.min(...finite.map(([, y]) => y));
  const yMost = high ?? Math.max(...finite.map(([, y]) => y), yLeast + 1e-9);
  const x = (value) => LEFT + (value / xMost) * (W - LEFT - RIGHT);
  const y = (value) => H - BOTTOM - ((value - yLeast) / (yMost - yLeast)) * (H - TOP - BOTTOM);
  const path = finite.map(([px, py], i) => `${i ? "L" : "M"}${x(px).toFixed(1)} ${y(py).toFixed(1)}`);
  svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
  svg.replaceChildren(
    element("line", { x1: LEFT, y1: H - BOTTOM, x2: W - RIGHT, y2: H - BOTTOM }),
    element("line", { x1: LEFT, y1: TOP, x2: LEFT, y2: H - BOTTOM }),
    element("text", { x: LEFT - 6, y: TOP + 8, "text-anchor": "end" }, label(yMost)),
    element("text", { x: LEFT - 6, y: H - BOTTOM, "text-anchor": "end" }, label(yLeast)),
    element("text", { x: W - RIGHT, y: H - 6, "text-anchor": "end" }, `step ${xMost}`),
    element("path", { d: path.join(" ") }));
}
