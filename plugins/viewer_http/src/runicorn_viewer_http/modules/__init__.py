"""The interface's modules as browsers get them: small, and few, with every line where it was.

There is nothing to build: a checkout, an sdist and a wheel hold the same hand-written modules. When they are served,
comments and indentation stay behind (``slim``), and what loads together comes in one answer (``pack``), so that opening
the page takes a few requests instead of one for each of some 170 files. Source maps lead back to what was written.
"""
