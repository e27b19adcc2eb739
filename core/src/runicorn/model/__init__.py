"""The data model: frozen classes without I/O. Import from the module that holds what you need."""
