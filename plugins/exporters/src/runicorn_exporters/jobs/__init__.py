"""Work that takes longer than a request: started, watched, cancelled and fetched over HTTP."""
