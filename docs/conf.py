"""Sphinx configuration of the documentation for users. script/docs copies docs/*.md beside the generated reference and runs it."""

project = "cairn"
copyright = "the cairn authors"
extensions = ["myst_parser", "sphinx_copybutton"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "cairn"
html_static_path = []
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"sidebar_hide_name": False}
smartquotes = False  # "--option" stays as it is typed
exclude_patterns = []
suppress_warnings = ["misc.highlighting_failure"]  # a session is no valid program of its language
# Copying a session takes its commands, without the prompt and the output.
copybutton_prompt_text = r"\$ |> "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
