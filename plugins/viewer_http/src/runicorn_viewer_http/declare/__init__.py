"""From a declaration to what is made of it: validation of requests, and the OpenAPI document."""
