// Follows a job by its server-sent events: progress, curves, log, end.
import { draw } from "./chart.js";

const MOST_POINTS = 2000;
const MOST_LINES = 500;
const page = document.getElementById("job");
const url = `/api/v1/jobs/${encodeURIComponent(page.dataset.job)}`;
const byId = (id) => document.getElementById(id);
const losses = [];
const accuracies = [];
let shown = false;

function add(points, step, value) {
  const last = points.at(-1);
  if (last !== undefined && last[0] >= step) {
    if (last[0] > step) points.length = 0;
    else points.pop();
  }
  points.push([step, value]);
  if (points.length > MOST_POINTS) {
    points.splice(0, points.length, ...points.filter((_, i) => i % 2 === points.length % 2));
  }
}

function redraw() {
  shown = false;
  byId("curves").hidden = losses.length < 2;
  if (losses.length >= 2) {
    draw(byId("loss-chart"), losses, { low: 0, label: (v) => v.toPrecision(3) });
  }
  byId("accuracy-figure").hidden = accuracies.length < 2;
  if (accuracies.length >= 2) {
    draw(byId("accuracy-chart"), accuracies, { high: 1, label: (v) => `${(v * 100).toFixed(1)} %` });
  }
}

function left(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function progress(now) {
  byId("bar").max = now.steps;
  byId("bar").value = now.step;
  const accuracy = now.metrics?.validation_accuracy;
  const parts = [`epoch ${now.epoch} of ${now.epochs}`, `step ${now.step} of ${now.steps}`,
    `loss ${now.loss.toFixed(4)}`];
  if (accuracy !== undefined) parts.push(`validation accuracy ${(accuracy * 100).toFixed(2)} %`);
  if (now.examples_per_second > 0) parts.push(`${Math.round(now.examples_per_second)} examples/s`);
  if (now.remaining_seconds > 0) parts.push(`about ${left(now.remaining_seconds)} left`);
  byId("progress").textContent = parts.join(", ");
  add(losses, now.step, now.loss);
  if (accuracy !== undefined && accuracies.at(-1)?.[1] !== accuracy) add(accuracies, now.step, accuracy);
  if (!shown) {
    shown = true;
    requestAnimationFrame(redraw);
  }
}

function log(line) {
  const box = byId("log");
  const lines = box.textContent.split("\n").slice(-MOST_LINES);
  box.textContent = [...lines, line].filter((l) => l !== "").join("\n");
  box.hidden = false;
}

function state(job) {
  const span = document.createElement("span");
  span.className = `state ${job.state}`;
  span.textContent = job.state;
  byId("state").replaceChildren(span);
}

function done(job) {
  state(job);
  byId("error").textContent = job.error ?? "";
  byId("cancel").hidden = true;
  byId("resume").hidden = job.state === "succeeded";
  if (job.state === "succeeded" && page.dataset.ended === "false") showResult(job);
}

function showResult(job) {
  const link = document.createElement("a");
  link.id = "released";
  link.href = `/models/${job.model}?version=${encodeURIComponent(job.version)}`;
  link.textContent = `${job.model}@${job.version}`;
  byId("progress").replaceChildren("Released ", link);
}

function follow() {
  const events = new EventSource(`${url}/events`);
  events.addEventListener("progress", (event) => progress(JSON.parse(event.data)));
  events.addEventListener("log", (event) => log(JSON.parse(event.data).line));
  events.addEventListener("state", (event) => state(JSON.parse(event.data)));
  events.addEventListener("done", (event) => {
    events.close();
    done(JSON.parse(event.data));
  });
}

async function ask(verb) {
  const response = await fetch(`${url}/${verb}`, { method: "POST" });
  if (!response.ok) {
    byId("error").textContent = (await response.json()).error;
    return;
  }
  if (verb === "resume") location.reload();
}

byId("cancel").addEventListener("click", () => ask("cancel"));
byId("resume").addEventListener("click", () => ask("resume"));
follow();
