// Perplexity by step, on a logarithmic scale; the nearest step is told where one points.
const NAMES = { train: "training", valid: "validation" };

function curves() {
  const lines = Object.entries(report.curves.lines).map(([name, points]) =>
    [name, points.filter(([, value]) => finite(value) && value > 0)]).filter(([, points]) => points.length);
  if (!lines.length) {
    $("point").textContent = "The file tells nothing of its training.";
    $("curve").remove();
    return;
  }
  const all = lines.flatMap(([, points]) => points);
  const steps = [...new Set(all.map(([step]) => step))].sort((a, b) => a - b);
  const values = all.map(([, value]) => Math.log(value));
  const [low, high] = [Math.min(...values) - 0.08, Math.max(...values) + 0.08];
  const [left, foot, height, last] = [52, 30, 300, steps.at(-1)];
  let width = 0, here = steps.length - 1;
  const x = (step) => left + (step / last) * (width - left - 12);
  const y = (value) => 10 + ((high - Math.log(value)) / (high - low)) * (height - foot - 10);

  function ticks() {
    const nice = [1, 1.5, 2, 3, 5, 7].flatMap((lead) => [0, 1, 2, 3, 4, 5].map((power) => lead * 10 ** power));
    return nice.filter((value) => Math.log(value) >= low && Math.log(value) <= high);
  }
  function draw(now) {
    width = now;
    const epochs = report.curves.steps_per_epoch;
    const marks = epochs ? Array.from({ length: Math.floor(last / epochs + 0.01) }, (_, k) => k + 1) : [];
    const every = Math.max(1, Math.ceil((marks.length * 60) / width));
    $("curve").setAttribute("viewBox", `0 0 ${width} ${height}`);
    $("curve").replaceChildren(
      ...ticks().flatMap((value) => [
        svg("line", { class: "grid", x1: left, x2: width, y1: y(value), y2: y(value) }),
        svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, whole(value))]),
      ...marks.filter((epoch) => epoch % every === 0).map((epoch) =>
        svg("text", { x: x(epoch * epochs), y: height - 8, "text-anchor": "end" }, `epoch ${epoch}`)),
      ...lines.map(([name, points]) => svg("path", { class: name,
        d: points.map(([step, value], k) => `${k ? "L" : "M"}${x(step)} ${y(value)}`).join("") })),
      ...lines.flatMap(([name, points]) => points.length > 60 ? [] :
        points.map(([step, value]) => svg("circle", { class: name, cx: x(step), cy: y(value), r: 4 }))),
      ...lines.map(([name, points]) => svg("text", { class: name, "text-anchor": "end", x: x(points.at(-1)[0]) - 4,
        y: y(points.at(-1)[1]) + (name === "valid" ? -12 : 20) }, NAMES[name])),
      svg("line", { class: "limit", x1: x(steps[here]), x2: x(steps[here]), y1: 10, y2: height - foot }));
    const told = lines.flatMap(([name, points]) => {
      const point = points.filter(([step]) => step <= steps[here]).at(-1);
      return point ? [`${NAMES[name]} ${digits(point[1])}`] : [];
    });
    $("point").textContent = `step ${whole(steps[here])}: perplexity in ${told.join(", ")}`;
  }
  const move = (index) => { here = clamp(index, 0, steps.length - 1); draw(width); };
  $("curve").addEventListener("pointermove", (event) => {
    const box = $("curve").getBoundingClientRect();
    const step = ((event.clientX - box.left - left) / (width - left - 12)) * last;
    move(steps.findIndex((each, k) => k === steps.length - 1 || Math.abs(each - step) <= Math.abs(steps[k + 1] - step)));
  });
  $("curve").addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by) (event.preventDefault(), move(here + by));
  });
  drawn($("curve"), draw);
}
