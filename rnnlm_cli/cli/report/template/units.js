// All units over a window of the text; those above a threshold over a range; where else they are.
function units() {
  const { numbers, rows, words, scale, of } = report.units;
  const levels = new Float32Array(128);
  [...report.units.digits].forEach((letter, index, all) =>
    (levels[letter.charCodeAt(0)] = (2 * index) / (all.length - 1) - 1));
  const value = (unit, place) => scale * levels[rows[unit].charCodeAt(place)];
  const number = (id) => Number($(id).value);
  let [width, room] = [0, 40];
  const left = 44, top = 8, height = 260, foot = 96;
  const y = (level) => top + ((1 - level / scale) * height) / 2;
  const x = (index) => left + ((index + 0.5) * (width - left - 6)) / room;

  function range() {
    const places = [number("from"), number("to")].sort((a, b) => a - b);
    return places.map((place) => number("start") + clamp(place, 0, room - 1));
  }
  function above(unit, [first, last], limit) {
    for (let place = first; place <= last; place++) if (value(unit, place) < limit) return false;
    return true;
  }
  function path(unit, start) {
    let line = "";
    for (let k = 0; k < room && start + k < words.length; k++) {
      line += `${k ? "L" : "M"}${x(k).toFixed(1)} ${y(value(unit, start + k)).toFixed(1)}`;
    }
    return line;
  }
  function draw() {
    const [start, [first, last], limit] = [number("start"), range(), number("threshold")];
    const chosen = rows.map((_, unit) => unit).filter((unit) => above(unit, [first, last], limit));
    const step = (width - left - 6) / room;
    $("lines").setAttribute("viewBox", `0 0 ${width} ${top + height + foot}`);
    $("lines").replaceChildren(
      ...[-1, -0.5, 0, 0.5, 1].map((part) => part * scale).flatMap((level) => [
        svg("line", { class: "grid", x1: left, x2: width, y1: y(level), y2: y(level) }),
        svg("text", { x: left - 6, y: y(level) + 4, "text-anchor": "end" }, digits(level))]),
      svg("path", { class: "unit", d: rows.map((_, unit) => path(unit, start)).join("") }),
      svg("rect", { class: "range", x: x(first - start) - step / 2, width: step * (last - first + 1), y: top, height }),
      svg("path", { class: "unit on", d: chosen.map((unit) => path(unit, start)).join("") }),
      svg("line", { class: "limit", x1: left, x2: width, y1: y(limit), y2: y(limit) }),
      ...words.slice(start, start + room).map((word, k) =>
        svg("text", { transform: `translate(${x(k) + 4} ${top + height + 10}) rotate(-60)`, "text-anchor": "end",
          class: start + k >= first && start + k <= last ? "strong" : "" }, label(word))));
    const all = rows.length < of ? `the ${rows.length} of ${of} units that move most` : `${of} units`;
    const names = chosen.slice(0, 24).map((unit) => numbers[unit]).join(", ") + (chosen.length > 24 ? ", …" : "");
    $("chosen").textContent = chosen.length
      ? `${chosen.length} of ${all} stay above ${digits(limit)}: ${names}`
      : `No unit stays above ${digits(limit)} over all of that: a shorter range or a lower threshold has some.`;
    $("passages").replaceChildren(...matches(chosen, [first, last], limit).map(passage));
  }
  // Where the most of the chosen units are above the limit over as many words, best first.
  function matches(chosen, [first, last], limit) {
    const span = last - first + 1, scores = new Uint16Array(words.length);
    for (const unit of chosen) {
      let run = 0;
      for (let place = 0; place < words.length; place++) {
        run = value(unit, place) >= limit ? run + 1 : 0;
        if (run >= span) scores[place - span + 1]++;
      }
    }
    const found = [];
    const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
    for (const place of order) {
      if (found.length === 5 || !scores[place]) break;
      const apart = [first, ...found.map((each) => each.place)].every((other) => Math.abs(other - place) >= span + 8);
      if (apart) found.push({ place, span, share: scores[place] / chosen.length });
    }
    return found;
  }
  function passage({ place, span, share }) {
    const text = (from, to) => words.slice(Math.max(0, from), to).join("").replaceAll("\n", " ⏎ ");
    return el("li", {}, el("bdi", { dir: "auto" }, "…" + text(place - 12, place), 
      ...trimmed(text(place, place + span), (found) => el("mark", {}, found)), text(place + span, place + span + 6) + "…"), ` ${percent(share)} of them`);
  }
  const label = (word) => { const text = shown(word === "\n" ? "<eos>" : word.trim()); return text.length > 12 ? text.slice(0, 11) + "…" : text; };

  function limits() {
    $("start").max = Math.max(0, words.length - room);
    $("from").max = $("to").max = room - 1;
  }
  // A threshold that some units pass over the first range.
  function begin() {
    const [first, last] = range();
    const lowest = rows.map((_, unit) => {
      let low = scale;
      for (let place = first; place <= last; place++) low = Math.min(low, value(unit, place));
      return low;
    }).sort((a, b) => b - a);
    Object.assign($("threshold"), { min: -scale, max: scale, step: scale / 50 });
    $("threshold").value = lowest[Math.min(7, rows.length - 1)];
    return true;
  }
  let began = null, begun = false;
  const place = (event) => {
    const box = $("lines").getBoundingClientRect();
    return clamp(Math.floor(((event.clientX - box.left - left) / (width - left - 6)) * room), 0, room - 1);
  };
  $("lines").addEventListener("pointerdown", (event) => {
    began = place(event);
    [$("from").value, $("to").value] = [began, began];
    $("lines").setPointerCapture(event.pointerId);
    draw();
  });
  $("lines").addEventListener("pointermove", (event) => began !== null && (($("to").value = place(event)), draw()));
  $("lines").addEventListener("pointerup", () => (began = null));
  ["start", "from", "to", "threshold"].forEach((id) => $(id).addEventListener("input", draw));
  drawn($("lines"), (now) => {
    width = now;
    room = Math.min(words.length, width < 600 ? 18 : 40);
    limits();
    if (!begun) begun = begin();
    draw();
  });
}
