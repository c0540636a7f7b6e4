// Elements and numbers: every text of a model becomes a text node, never markup.
const report = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}
const el = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const finite = (value) => value !== null && value !== undefined;
const digits = (value, places = 2) =>
  (finite(value) ? value.toFixed(places).replace("-", "−").replace("Infinity", "∞") : "∞");
function percent(share) {
  if (share > 0 && share < 1e-6) return "< 0.0001%";
  return `${share > 0 && share < 0.0005 ? Number((100 * share).toPrecision(1)) : (100 * share).toFixed(1)}%`;
}
const whole = (value) => value.toLocaleString("en");
const shown = (word) => (word === "<eos>" ? "⏎" : word.trim() === "" ? "␣" : word);
const trimmed = (text, of) => { // white space around it stays outside
  const kept = text.trim(), start = text.indexOf(kept);
  return [text.slice(0, start), of(kept), text.slice(start + kept.length)];
};
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// A custom property as a colour that a canvas understands.
function colour(name) {
  const probe = document.body.appendChild(el("span"));
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

// The places of a chart as it is drawn, and again when its width changes.
function drawn(node, draw) {
  let width = 0;
  const again = () => {
    const now = Math.round(node.getBoundingClientRect().width);
    if (now && now !== width) draw((width = now));
  };
  new ResizeObserver(again).observe(node);
  redraws.push(() => width && draw(width));
  again();
}
const redraws = [];
