// Words times as "5 minutes ago"; the exact time stays in the title.
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

export function say(element) {
  const then = new Date(element.dateTime);
  const seconds = Math.round((then - Date.now()) / 1000);
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units[3];
  element.title = then.toLocaleString();
  element.textContent = words.format(Math.trunc(seconds / size), unit);
}

function sayAll() {
  document.querySelectorAll("time").forEach(say);
}

sayAll();
setInterval(sayAll, 30000);
