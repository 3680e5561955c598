"""The experiments of the pages: a module for each page, named like it."""
