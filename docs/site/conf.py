"""How Sphinx makes the site; ``make site`` gathers the pages first."""

import os
from importlib.metadata import metadata

import adviz

project = "adviz"
author = "the adviz developers"
copyright = f"2026, {author}"  # noqa: A001 - Sphinx's name
release = version = adviz.__version__

extensions = [
    "adviz.sphinx",
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
]
exclude_patterns = ["README.md"]  # parts of it stand on the first page
nitpicky = True

nb_execution_mode = "off"  # the lessons are saved with their outputs
nb_render_markdown_format = "myst"  # formulas in outputs, too
nb_ipywidgets_js = {}  # which would be asked of another site
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

add_module_names = False
autodoc_typehints = "none"  # docstrings say types in words
autosummary_generate = False
numpydoc_show_class_members = False
copybutton_prompt_text = ">>> "

html_theme = "sphinx_book_theme"
html_title = "adviz"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_theme_options = {
    "navbar_persistent": [],  # the search stands beside the pages
    "show_navbar_depth": 1,
    "use_download_button": True,
}

# Buttons that open a lesson elsewhere need the address of the repository: what publishes the site
# gives it, or pyproject.toml under [project.urls], as soon as there is one.
urls = dict(url.split(", ", 1) for url in metadata("adviz-autodiff").get_all("Project-URL", []))
repository = os.environ.get("ADVIZ_REPOSITORY") or urls.get("Repository")
if repository:
    html_theme_options |= {
        "repository_url": repository,
        "repository_branch": "main",
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": {
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
            "notebook_interface": "jupyterlab",
        },
    }


def lead_to_the_first_page(app, page, source):
    """Let links to the README lead to the page that holds it here."""
    source[0] = source[0].replace("](../README.md)", "](../index.md)")


def add_button_to_run(app, page, template, context, doctree):
    """Let a lesson be opened in the JupyterLite beside the site, if there is one."""
    folder, _, lesson = page.rpartition("/")
    if "lite" in context and folder == "notebooks":
        button = {
            "type": "link",
            "url": f"../{context['lite']}/lab/index.html?path={lesson}.ipynb",
            "text": "Run this lesson in the page",
            "tooltip": "Open this lesson with a Python that runs in the page",
            "icon": "fas fa-play",
            "label": "run-in-page",
        }
        context["header_buttons"].insert(0, button)


def setup(app):
    """Sphinx calls this."""
    app.connect("source-read", lead_to_the_first_page)
    app.connect("html-page-context", add_button_to_run, priority=502)
