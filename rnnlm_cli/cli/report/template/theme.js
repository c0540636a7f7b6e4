// Light or dark: as the system has it, until the switch says otherwise.
const system = matchMedia("(prefers-color-scheme: dark)");
let dark = system.matches;

function paint() {
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  $("theme").textContent = dark ? "Light" : "Dark";
  $("theme").setAttribute("aria-pressed", String(dark));
  redraws.forEach((draw) => draw());
}
$("theme").addEventListener("click", () => ((dark = !dark), paint()));
system.addEventListener("change", () => ((dark = system.matches), paint()));
