// Lines of tokens. One of them can be reached with Tab, the others from there with the arrow keys.
function showText(node, lines, chosen = () => {}) {
  const nodes = lines.map((line) => line.words.map((word, index) => token(line, index)));
  const all = nodes.flat();
  function token(line, index) {
    const figures = `${digits(line.bits[index])} bits, rank ${line.ranks[index]}`;
    const made = el("span", { class: "token", tabindex: -1, role: "img",
      "aria-label": `${shown(line.words[index])}: ${figures}` }, shown(line.words[index]));
    const at = () => tell(made, line, index);
    // Not where the text scrolls away under a pointer that rests: then nothing moves it.
    made.addEventListener("pointermove", () => about !== made && at());
    made.addEventListener("pointerleave", () => made !== document.activeElement && hush());
    made.addEventListener("focus", () => (walk(made), at(), chosen(line)));
    made.addEventListener("blur", hush);
    made.addEventListener("click", () => (made.focus(), at()));
    return made;
  }
  function walk(made) {
    all.forEach((each) => (each.tabIndex = each === made ? 0 : -1));
  }
  if (all.length) all[0].tabIndex = 0;
  node.onkeydown = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = all[all.indexOf(document.activeElement) + by];
    if (next) (event.preventDefault(), next.focus());
  };
  node.replaceChildren(...lines.map((line, number) =>
    el("p", { dir: "auto" }, ...nodes[number].flatMap((each, index) => [line.blanks[index], each]))));
  return nodes;
}

// Tokens in the colours of a legend, by their values: undefined stands in neither.
function colourText(nodes, values, legend) {
  nodes.forEach((line, number) => line.forEach((node, index) => {
    const value = values[number][index];
    node.className = value === undefined ? "token alone" : `token ${legend.colour(legend.bin(value))}`;
  }));
  legend.tell(values.flat().filter((value) => value !== undefined));
}
