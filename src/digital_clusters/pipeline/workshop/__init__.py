"""A reader's own notebooks: made from pages of the book, edited in JupyterLab, put back when lost."""
