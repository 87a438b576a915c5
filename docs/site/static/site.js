// Pages that were opened from disk may not read one another, and JupyterLite needs a server.
if (location.protocol === "file:") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll(".btn-run-in-page")) button.remove();
  });
}
