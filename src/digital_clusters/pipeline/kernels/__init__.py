"""How a page is run: an environment of its own, a kernel without ports, and what the kernel may do."""
