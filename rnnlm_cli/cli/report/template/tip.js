// What is known of a token, beside it: on hover, on focus, after a tap.
// The longest bar is as long as there is room: the numbers tell how likely that is.
function guessRow(word, share, longest, itself) {
  const bar = el("i");
  bar.style.width = `${(100 * share) / longest}%`;
  return el("div", { class: itself ? "guess itself" : "guess" },
    el("bdi", {}, (itself ? "▸ " : "") + shown(word)), bar, el("span", {}, percent(share)));
}

let about = null; // the token that it tells of

function tell(node, line, index) {
  about = node;
  const { guesses, shares, tokens, words, bits, ranks, entropies } = line;
  const rows = guesses[index].map((word, k) => guessRow(word, shares[index][k], shares[index][0], word === tokens[index]));
  if (!guesses[index].includes(tokens[index])) {
    rows.push(guessRow(tokens[index], finite(bits[index]) ? 2 ** -bits[index] : 0, shares[index][0], true));
  }
  const spelt = words[index] === tokens[index] ? "" : ` (known as ${tokens[index]})`;
  const tip = $("tip");
  tip.replaceChildren(
    el("h3", { dir: "auto" }, shown(words[index]) + spelt),
    el("p", {}, `${digits(bits[index])} bits · rank ${whole(ranks[index])} · entropy ${digits(entropies[index])}`),
    ...rows);
  tip.hidden = false;
  const [box, size] = [node.getBoundingClientRect(), tip.getBoundingClientRect()];
  const below = box.bottom + 8 + size.height < innerHeight || box.top < size.height + 8;
  tip.style.left = `${scrollX + clamp(box.left, 8, innerWidth - size.width - 8)}px`;
  tip.style.top = `${scrollY + (below ? box.bottom + 8 : box.top - size.height - 8)}px`;
}
const hush = () => {
  about = null;
  $("tip").hidden = true;
};
addEventListener("keydown", (event) => event.key === "Escape" && hush());
