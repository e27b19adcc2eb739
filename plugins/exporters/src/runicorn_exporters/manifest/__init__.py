"""Lists of every file of a storage root with its hash: made, checked, compared."""
