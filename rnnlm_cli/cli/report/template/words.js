// The map of words: search one, see what lies near.
function words() {
  const { words, points, near, cosines } = report.map;
  let width = 0, here = null;
  const height = () => clamp(width * 0.75, 280, 560);
  const x = (index) => 12 + ((points[index][0] + 1) / 2) * (width - 24);
  const y = (index) => 12 + ((1 - points[index][1]) / 2) * (height() - 24);
  // A name beside its point where that hides no other: right, left, above, below; null for no room.
  function named(index, kind, taken, must) {
    const [long, left, top] = [8 + 7.5 * [...shown(words[index])].length, x(index), y(index)];
    const spots = [[6, 4, "start"], [-6, 4, "end"], [0, -8, "middle"], [0, 18, "middle"]].map(([dx, dy, anchor]) => {
      const start = left + dx - { start: 0, end: long, middle: long / 2 }[anchor];
      return { x: left + dx, y: top + dy, anchor, start, end: start + long };
    });
    const free = (spot) => spot.start > 0 && spot.end < width && taken.every((other) =>
      Math.abs(other.y - spot.y) > 14 || other.start > spot.end || spot.start > other.end);
    const spot = spots.find(free) ?? (must ? spots[0] : null);
    if (!spot) return null;
    taken.push(spot);
    return svg("text", { x: spot.x, y: spot.y, class: kind, "text-anchor": spot.anchor }, shown(words[index]));
  }
  function draw(now) {
    width = now;
    const about = here === null ? [] : near[here];
    $("words").setAttribute("viewBox", `0 0 ${width} ${height()}`);
    const dot = (index, kind, r) => svg("circle", { cx: x(index), cy: y(index), r, class: kind, onclick: () => go(index),
      onpointerenter: () => ($("found").textContent = shown(words[index])) });
    const taken = [], most = [...words.keys()].slice(0, 400);
    const names = here === null ? most.map((index) => named(index, "", taken, false))
      : [named(here, "here", taken, true), ...about.map((index) => named(index, "near", taken, true))];
    $("words").replaceChildren(
      ...words.map((_, index) => dot(index, "", 2.5)),
      ...about.map((index) => dot(index, "near", 4)),
      ...(here === null ? [] : [dot(here, "here", 6)]),
      ...names.filter((name) => name));
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
