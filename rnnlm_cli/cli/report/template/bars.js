// The bits of each word of a line as bars, as a picture to keep, and as a table.
const ROW = 22;
let barred = report.readings[0].lines[0];

function showBars(line) {
  barred = line;
  $("line").value = report.readings[0].lines.indexOf(line);
  drawBars($("chart").clientWidth);
  const head = ["word", "bits", "entropy", "rank", "p / p max", "likeliest"];
  const cells = rowsOf(line).map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, el("bdi", {}, cell)))));
  $("table").replaceChildren(el("tr", {}, ...head.map((name) => el("th", {}, name))), ...cells);
  $("copied").textContent = "";
  rows = [head, ...rowsOf(line)];
}
let rows = [];
const rowsOf = (line) => line.words.map((word, index) => [
  word, digits(line.bits[index]), digits(line.entropies[index]), String(line.ranks[index]),
  digits(line.ratios[index], 4), line.guesses[index].join(" ")]);

function drawBars(width) {
  const [canvas, line, scale] = [$("chart"), barred, devicePixelRatio || 1];
  const height = ROW * line.words.length + 8;
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = colour("--sheet");
  pen.fillRect(0, 0, width, height);
  pen.font = `14px ${getComputedStyle(document.body).fontFamily}`;
  pen.textBaseline = "middle";
  const [left, room] = [Math.min(150, width * 0.3), width - Math.min(150, width * 0.3) - 60];
  const top = Math.max(1, ...line.bits.filter(finite));
  line.words.forEach((word, index) => {
    const [middle, bits] = [ROW * index + ROW / 2 + 4, line.bits[index] ?? top];
    const step = MEASURES.bits.edges.filter((edge) => bits >= edge).length;
    pen.fillStyle = colour("--on-sheet");
    pen.textAlign = "right";
    pen.fillText(shortened(pen, shown(word), left - 12), left - 8, middle);
    pen.fillStyle = colour(`--b${step}`);
    pen.fillRect(left, middle - 8, Math.max(1, (room * bits) / top), 16);
    pen.strokeStyle = colour("--thin");
    pen.lineWidth = 0.5;
    pen.strokeRect(left, middle - 8, Math.max(1, (room * bits) / top), 16);
    pen.fillStyle = colour("--on-faint");
    pen.textAlign = "left";
    pen.fillText(digits(line.bits[index]), left + (room * bits) / top + 6, middle);
  });
  canvas.setAttribute("aria-label", `Surprisal in bits of each word: ${line.words.map((word, index) =>
    `${shown(word)} ${digits(line.bits[index], 1)}`).join(", ")}`);
}

function shortened(pen, word, room) {
  const letters = [...word];
  while (letters.length > 1 && pen.measureText(letters.join("")).width > room) letters.splice(-2, 2, "…");
  return letters.join("");
}

async function copyTable() {
  const text = rows.map((row) => row.join("\t")).join("\n");
  try {
    await navigator.clipboard.writeText(text);
  } catch { // not every browser gives a page from the disk a clipboard
    const field = document.body.appendChild(el("textarea", {}, text));
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  $("copied").textContent = "Copied.";
}

function savePicture() {
  $("chart").toBlob((blob) => {
    const link = el("a", { href: URL.createObjectURL(blob), download: "surprisal.png" });
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

function bars() {
  $("line").append(...report.readings[0].lines.map((line, index) =>
    el("option", { value: index }, titleOf(line, index))));
  $("line").addEventListener("change", () => showBars(report.readings[0].lines[$("line").value]));
  $("png").addEventListener("click", savePicture);
  $("copy").addEventListener("click", copyTable);
  showBars(barred);
  drawn($("chart"), drawBars);
}
const titleOf = (line, index) => {
  const text = line.words.map((word, k) => line.blanks[k] + (word === "<eos>" ? "" : word)).join("").trim();
  return `${index + 1}. ${text.length > 42 ? text.slice(0, 40) + "…" : text}`;
};
