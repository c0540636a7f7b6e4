// Two texts side by side, coloured by the difference of the words that both have.
const DIFFERENCE = { name: "difference", unit: "bits", low: -10, high: 10, edges: [-3, -0.5, 0.5, 3] };

// Pairs of places of the longest common subsequence of two lists of words.
function aligned(first, second) {
  const best = Array.from({ length: first.length + 1 }, () => new Uint16Array(second.length + 1));
  for (let i = first.length - 1; i >= 0; i--) {
    for (let j = second.length - 1; j >= 0; j--) {
      best[i][j] = first[i] === second[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
    }
  }
  const pairs = [];
  for (let i = 0, j = 0; i < first.length && j < second.length;) {
    if (first[i] === second[j]) pairs.push([i++, j++]);
    else if (best[i + 1][j] >= best[i][j + 1]) i++;
    else j++;
  }
  return pairs;
}

function differences(first, second) {
  const found = [first, second].map((line) => new Array(line.words.length));
  for (const [i, j] of aligned(first.words, second.words)) {
    found[0][i] = found[1][j] = (first.bits[i] ?? 1e9) - (second.bits[j] ?? 1e9);
  }
  return found;
}

// What can be chosen: every line under every model and, of two models, the whole text.
function sides() {
  const two = report.readings.length > 1;
  return report.readings.flatMap(({ model, lines }) => {
    const name = two ? `${model}: ` : "";
    const each = lines.map((line, index) => ({ title: name + titleOf(line, index), lines: [line] }));
    return two ? [{ title: `${name}all lines`, lines }, ...each] : each;
  });
}

function compare() {
  const choices = sides();
  if (choices.length < 2) {
    $("sums").textContent = "There is one line and one model: two lines (--text twice) or two models (--beside) can be compared.";
    return;
  }
  const selects = [$("first"), $("second")];
  selects.forEach((select) => {
    select.append(...choices.map(({ title }, index) => el("option", { value: index }, title)));
    select.addEventListener("change", show);
  });
  selects[1].value = report.readings.length > 1 ? choices.length / 2 : 1;
  const legend = new Legend($("difference"), "d", () => colourBoth());
  legend.show(DIFFERENCE);
  let colourBoth = () => {};
  function show() {
    const [one, other] = selects.map((select) => choices[select.value].lines);
    const nodes = [showText($("first-text"), one), showText($("second-text"), other)];
    const pairs = one.map((line, index) => differences(line, other[index] ?? { words: [], bits: [] }));
    const values = [pairs.map(([first]) => first),
      other.map((line, index) => (index < pairs.length ? pairs[index][1] : new Array(line.words.length)))];
    colourBoth = () => {
      colourText(nodes[1], values[1], legend);
      colourText(nodes[0], values[0], legend);
    };
    colourBoth();
    const [a, b] = [one, other].map((lines) =>
      lines.flatMap((line) => line.bits).reduce((sum, bits) => sum + (bits ?? Infinity), 0));
    const less = Number.isNaN(a - b) ? "" : `: A − B = ${digits(a - b)} bits`; // of two that are infinite
    $("sums").textContent = `A ${digits(a)} bits, B ${digits(b)} bits${less}`;
  }
  show();
}
