// @ts-check
/** A native slider through a list of values, with a label, arrow keys and the value as text. */

/**
 * anywidget calls this for each place where the widget is shown.
 * @param {{model: import("../player/live.js").Model, el: HTMLElement}} host
 * @returns {() => void} removes the listeners
 */
function render({ model, el }) {
  el.classList.add("adviz-slider");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const output = document.createElement("output");
  input.type = "range";
  input.min = "0";
  // A random id, not a counter: each slider runs a copy of this module.
  input.id = `adviz-slider-${Math.random().toString(36).slice(2)}`;
  label.htmlFor = input.id;
  output.htmlFor.add(input.id);
  output.setAttribute("aria-live", "off"); // screen readers read the slider's aria-valuetext
  el.append(label, input, output);

  function show() {
    const texts = model.get("texts");
    label.textContent = model.get("label");
    input.max = String(texts.length - 1);
    input.value = String(model.get("index"));
    showText();
  }

  function showText() {
    const text = model.get("texts")[Number(input.value)] ?? "";
    input.setAttribute("aria-valuetext", text);
    output.textContent = text;
  }

  input.addEventListener("input", () => {
    showText();
    model.set("index", Number(input.value));
    model.save_changes();
  });
  const events = ["change:label", "change:texts", "change:index"];
  for (const event of events) model.on(event, show);
  show();
  return () => {
    for (const event of events) model.off(event, show);
  };
}

export default { render };
