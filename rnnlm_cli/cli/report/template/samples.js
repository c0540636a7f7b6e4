// What it writes, by temperature, with the runs that are copied marked.
function samples() {
  const temperatures = [...new Set(report.samples.map((sample) => sample.temperature))];
  $("drawn").append(...temperatures.map((temperature) => {
    const drawn = report.samples.filter((sample) => sample.temperature === temperature);
    return el("div", {}, el("h3", {}, `temperature ${temperature}`), ...drawn.flatMap((sample) => [
      el("blockquote", { dir: "auto" }, ...marked(sample)), el("p", { class: "share" }, told(sample))]));
  }));
}

function marked({ pieces, copied }) {
  const parts = [];
  let after = 0;
  for (const [first, stop] of copied ?? []) {
    parts.push(pieces.slice(after, first).join(""),
      ...trimmed(pieces.slice(first, stop).join(""), (run) => el("mark", {}, run)));
    after = stop;
  }
  return [...parts, pieces.slice(after).join("")];
}

function told({ pieces, copied, longest }) {
  if (copied === null) return "nobody could look for copies";
  const count = copied.reduce((sum, [first, stop]) => sum + stop - first, 0);
  return `${percent(count / Math.max(1, pieces.length))} in marked runs; the longest run that stands in the training text has ${longest} tokens`;
}
