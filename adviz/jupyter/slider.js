// @ts-check
/** A native slider through a list of values: arrow keys, a name, and the value in words. */

/**
 * Called by anywidget for each place the widget is shown in.
 * @param {{model: import("../player/live.js").Model, el: HTMLElement}} host
 * @returns {() => void} what ends it
 */
function render({ model, el }) {
  el.classList.add("adviz-slider");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const output = document.createElement("output");
  input.type = "range";
  input.min = "0";
  // Counting would not do: each slider is run from a copy of this module.
  input.id = `adviz-slider-${Math.random().toString(36).slice(2)}`;
  label.htmlFor = input.id;
  output.htmlFor.add(input.id);
  output.setAttribute("aria-live", "off"); // the slider's own value text is read out
  el.append(label, input, output);

  function show() {
    const texts = model.get("texts");
    label.textContent = model.get("label");
    input.max = String(texts.length - 1);
    input.value = String(model.get("index"));
    say();
  }

  function say() {
    const text = model.get("texts")[Number(input.value)] ?? "";
    input.setAttribute("aria-valuetext", text);
    output.textContent = text;
  }

  input.addEventListener("input", () => {
    say();
    model.set("index", Number(input.value));
    model.save_changes();
  });
  const watched = ["change:label", "change:texts", "change:index"];
  for (const event of watched) model.on(event, show);
  show();
  return () => {
    for (const event of watched) model.off(event, show);
  };
}

export default { render };
