// A box to draw in: the drawing is made the model's size, sent to the inference door, and the
// answer shown as bars.
const box = document.getElementById("draw");
if (box !== null) start(box);

/** Never rounded up: only certainty is 100 %. */
function percentOf(share) {
  return `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)} %`;
}

function start(box) {
  const { model, version, input } = box.dataset;
  const height = Number(box.dataset.height);
  const width = Number(box.dataset.width);
  const labels = box.dataset.labels.split("\n");
  const canvas = document.getElementById("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const answer = document.getElementById("answer");
  const bars = document.getElementById("probabilities");
  let last = null;
  let asked = 0;

  function clear() {
    asked++;
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    answer.textContent = "Draw a shape that the model knows.";
    bars.replaceChildren();
  }

  function place(event) {
    const area = canvas.getBoundingClientRect();
    return [(event.clientX - area.left) * canvas.width / area.width,
      (event.clientY - area.top) * canvas.height / area.height];
  }

  function stroke(to) {
    pen.strokeStyle = "#fff";
    pen.lineWidth = canvas.width / 13;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...to);
    pen.stroke();
    last = to;
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    stroke(last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last === null) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) stroke(place(part));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      if (last === null) return;
      last = null;
      ask();
    });
  }
  document.getElementById("clear").addEventListener("click", clear);
  document.getElementById("white").addEventListener("change", ask);

  /** The ink's place on the canvas, or null if there is none. */
  function ink(pixels) {
    let left = canvas.width, right = -1, top = canvas.height, bottom = -1;
    for (let y = 0; y < canvas.height; y++) {
      for (let x = 0; x < canvas.width; x++) {
        if (pixels[4 * (y * canvas.width + x)] > 16) {
          left = Math.min(left, x); right = Math.max(right, x);
          top = Math.min(top, y); bottom = Math.max(bottom, y);
        }
      }
    }
    return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
  }

  /** The drawing in the middle of the model's image, as large as data sets have it. */
  function image() {
    const area = ink(pen.getImageData(0, 0, canvas.width, canvas.height).data);
    if (area === null) return null;
    const scale = 0.72 * Math.min(width / area.width, height / area.height);
    const small = document.createElement("canvas");
    small.width = width;
    small.height = height;
    const brush = small.getContext("2d");
    brush.fillStyle = "#000";
    brush.fillRect(0, 0, width, height);
    brush.imageSmoothingQuality = "high";
    const w = area.width * scale, h = area.height * scale;
    brush.drawImage(canvas, area.left, area.top, area.width, area.height,
      (width - w) / 2, (height - h) / 2, w, h);
    const pixels = brush.getImageData(0, 0, width, height).data;
    const white = Number(document.getElementById("white").value) || 255;
    return Array.from({ length: width * height }, (_, i) => pixels[4 * i] / 255 * white);
  }

  async function ask() {
    const data = image();
    if (data === null) return;
    const turn = ++asked;
    const response = await fetch(`/v2/models/${model}/versions/${version}/infer`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        inputs: [{ name: input, shape: [1, 1, height, width], datatype: "FP32", data }] }),
    });
    const body = await response.json();
    if (turn !== asked) return;
    if (response.ok) show(body.outputs);
    else answer.textContent = body.error;
  }

  function show(outputs) {
    const shares = outputs.find((output) => output.name === "probabilities")?.data.flat() ?? [];
    const best = shares.indexOf(Math.max(...shares));
    const strong = document.createElement("b");
    strong.textContent = labels[best];
    answer.replaceChildren(strong, percentOf(shares[best]));
    bars.replaceChildren(...shares.map((share, i) => bar(labels[i], share)));
  }

  function bar(label, share) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const track = document.createElement("span");
    const fill = document.createElement("span");
    const percent = document.createElement("span");
    name.className = "name";
    name.textContent = label;
    track.className = "track";
    fill.className = "fill";
    fill.style.width = `${share * 100}%`;
    track.append(fill);
    percent.className = "percent";
    percent.textContent = percentOf(share);
    item.append(name, track, percent);
    return item;
  }

  clear();
}
