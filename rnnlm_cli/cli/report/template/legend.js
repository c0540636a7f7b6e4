// A scale in five colours whose four thresholds can be dragged, or moved with the arrow keys.
class Legend {
  // measure: { name, unit, low, high, log, edges, places }; changed() is called after a move.
  constructor(node, letter, changed) {
    Object.assign(this, { node, letter, changed });
  }
  show(measure) {
    this.measure = measure;
    this.track = el("div", { class: "track" });
    this.ends = el("div", { class: "ends" });
    this.bins = [0, 1, 2, 3, 4].map((bin) => el("div", { class: `bin ${this.colour(bin)}` }));
    this.handles = measure.edges.map((_, index) => this.handle(index));
    this.track.append(...this.bins, ...this.handles);
    this.shares = el("ul", { class: "shares" }); // where a bin has no room for its own
    this.node.replaceChildren(this.track, this.ends, this.shares);
    this.place();
  }
  colour(bin) {
    return this.letter + (this.measure.reversed ? 4 - bin : bin);
  }
  bin(value) {
    if (!finite(value)) return 4;
    return this.measure.edges.filter((edge) => value >= edge).length;
  }
  at(value) {
    const { low, high, log } = this.measure;
    const of = log ? Math.log : (x) => x;
    return clamp((of(value) - of(low)) / (of(high) - of(low)), 0, 1);
  }
  value(at) {
    const { low, high, log } = this.measure;
    return log ? low * (high / low) ** at : low + at * (high - low);
  }
  text(value) {
    return this.measure.form ? this.measure.form(value) : String(Number(value.toPrecision(3)));
  }
  handle(index) {
    const move = (event) => {
      const box = this.track.getBoundingClientRect();
      this.move(index, this.value(clamp((event.clientX - box.left) / box.width, 0, 1)));
    };
    return el("div", {
      class: "handle", role: "slider", tabindex: 0, "aria-label": `Threshold ${index + 1}`,
      onpointerdown: (event) => {
        event.target.setPointerCapture(event.pointerId);
        event.target.onpointermove = move;
      },
      onpointerup: (event) => (event.target.onpointermove = null),
      onkeydown: (event) => {
        const by = { ArrowRight: 0.01, ArrowUp: 0.01, ArrowLeft: -0.01, ArrowDown: -0.01 }[event.key];
        if (!by) return;
        event.preventDefault();
        this.move(index, this.value(clamp(this.at(this.measure.edges[index]) + by, 0, 1)));
      },
    });
  }
  move(index, value) {
    const { edges, low, high } = this.measure;
    edges[index] = clamp(value, index ? edges[index - 1] : low, index < 3 ? edges[index + 1] : high);
    this.place();
    this.changed();
  }
  place() {
    const { edges, unit } = this.measure;
    const places = [0, ...edges.map((edge) => this.at(edge)), 1];
    this.bins.forEach((bin, index) => (bin.style.width = `${100 * (places[index + 1] - places[index])}%`));
    this.handles.forEach((handle, index) => {
      handle.style.left = `${100 * places[index + 1]}%`;
      handle.setAttribute("aria-valuenow", edges[index]);
      handle.setAttribute("aria-valuetext", `${this.text(edges[index])} ${unit}`);
    });
    const labels = edges.map((edge, index) => {
      const label = el("span", {}, this.text(edge));
      label.style.left = `${100 * places[index + 1]}%`;
      return label;
    });
    this.ends.replaceChildren(...labels);
  }
  // The share of the values in each bin.
  tell(values) {
    const counts = [0, 0, 0, 0, 0];
    values.forEach((value) => counts[this.bin(value)]++);
    const shares = counts.map((count) => percent(count / Math.max(1, values.length)));
    shares.forEach((share, bin) => (this.bins[bin].textContent = this.bins[bin].title = share));
    const from = [this.measure.low, ...this.measure.edges];
    this.shares.replaceChildren(...shares.map((share, bin) => el("li", {},
      el("i", { class: this.colour(bin) }), `${bin ? `from ${this.text(from[bin])}` : `below ${this.text(from[1])}`}: ${share}`)));
  }
}
