// A text as a heat map.
const most = Math.max(...report.readings.flatMap((reading) => reading.lines.flatMap((line) => line.ranks)), 2);
const MEASURES = {
  bits: { name: "surprisal", unit: "bits", low: 0, high: 20, edges: [2, 4, 7, 10] },
  entropies: { name: "entropy", unit: "bits", low: 0, high: 14, edges: [2, 4, 6, 8] },
  ranks: { name: "rank", unit: "", low: 1, high: most, log: true,
    edges: [2, 11, 101, 1001].map((edge) => Math.min(edge, most)), form: (value) => whole(Math.round(value)) },
  ratios: { name: "p / p max", unit: "", low: 1e-5, high: 1, log: true, reversed: true,
    edges: [0.001, 0.01, 0.1, 0.5] },
};

function heat() {
  const lines = report.readings[0].lines;
  const nodes = showText($("text"), lines, (line) => showBars(line));
  let measure = "bits";
  const legend = new Legend($("legend"), "b", colourAll);
  function colourAll() {
    colourText(nodes, lines.map((line) => line[measure]), legend);
  }
  const buttons = Object.entries(MEASURES).map(([key, each]) =>
    el("button", { type: "button", role: "radio", onclick: () => choose(key) }, each.name));
  function choose(key) {
    measure = key;
    buttons.forEach((button, index) =>
      button.setAttribute("aria-checked", String(Object.keys(MEASURES)[index] === key)));
    legend.show(MEASURES[key]);
    colourAll();
  }
  $("measures").append(...buttons);
  choose("bits");
}
