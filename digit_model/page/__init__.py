"""The page and its door: all of this package that imports gradio."""
