// The map of words: search one, see what lies near.
function words() {
  const { words, points, near, cosines } = report.map;
  let width = 0, here = null;
  const height = () => clamp(width * 0.75, 280, 560);
  const x = (index) => 12 + ((points[index][0] + 1) / 2) * (width - 24);
  const y = (index) => 12 + ((1 - points[index][1]) / 2) * (height() - 24);
  const text = (index, kind) => svg("text", { x: x(index) + 6, y: y(index) + 4, class: kind,
    "text-anchor": x(index) > width - 70 ? "end" : "start" }, shown(words[index]));

  // The most frequent words whose names have room.
  function labels() {
    const taken = [];
    return words.map((_, index) => index).slice(0, 400).filter((index) => {
      const box = [x(index), y(index), 14 + 8 * words[index].length];
      const free = taken.every(([left, top, long]) =>
        Math.abs(top - box[1]) > 15 || left > box[0] + box[2] || box[0] > left + long);
      if (free) taken.push(box);
      return free;
    });
  }
  function draw(now) {
    width = now;
    const about = here === null ? [] : near[here];
    $("words").setAttribute("viewBox", `0 0 ${width} ${height()}`);
    const dot = (index, kind, r) => svg("circle", { cx: x(index), cy: y(index), r, class: kind, onclick: () => go(index),
      onpointerenter: () => ($("found").textContent = shown(words[index])) });
    $("words").replaceChildren(
      ...words.map((_, index) => dot(index, "", 2.5)),
      ...(here === null ? labels().map((index) => text(index, "")) : []),
      ...about.flatMap((index) => [dot(index, "near", 4), text(index, "near")]),
      ...(here === null ? [] : [dot(here, "here", 6), text(here, "here")]));
  }
  function go(index) {
    here = index;
    $("found").textContent = `${shown(words[index])}: number ${whole(index + 1)} of ${whole(words.length)}`;
    $("near").replaceChildren(...near[index].map((other, k) => el("li", {},
      el("button", { type: "button", onclick: () => go(other) }, el("bdi", {}, shown(words[other]))),
      ` ${digits(cosines[index][k], 3)}`)));
    draw(width);
  }
  $("word").addEventListener("input", () => {
    const sought = $("word").value.trim().normalize("NFC");
    if (!sought) {
      here = null;
      $("near").replaceChildren();
      $("found").textContent = "";
      return draw(width);
    }
    const small = sought.toLowerCase();
    const found = [(word) => word === sought, (word) => word.toLowerCase() === small,
      (word) => word.toLowerCase().startsWith(small)].map((is) => words.findIndex(is)).find((index) => index >= 0);
    if (found === undefined) $("found").textContent = "none of these words begins so";
    else go(found);
  });
  drawn($("words"), draw);
}
