// A page that was opened from disk cannot run Python: JupyterLite needs a server.
document.addEventListener("DOMContentLoaded", () => {
  const buttons = document.querySelectorAll(".btn-run-in-page");
  for (const button of location.protocol === "file:" ? buttons : []) button.remove();
});
